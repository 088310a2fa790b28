"""What the log refused for good, or what is not what was written any more: rows that the spool has put aside."""

import sqlite3
from collections.abc import Iterator

from sre_ingest.publishing import Record
from sre_ingest.store.rows import COLUMNS, Row, record_of
from sre_ingest.store.schema import PARKED, tables

PREFIX = "parked-"
"""What their ids begin with; the number of the row follows."""
REASON = "parked"


def rows(connection: sqlite3.Connection) -> Iterator[tuple[Row, Record | None]]:
    """Every row, and the record in it; None for one that is not what was written. None if there never was a spool."""
    if PARKED.name not in tables(connection):
        return
    for row in connection.execute(f"SELECT {COLUMNS} FROM parked ORDER BY number"):  # noqa: S608
        yield row, record_of(row)


def remove(connection: sqlite3.Connection, name: str) -> None:
    """Delete the row of this id."""
    connection.execute("DELETE FROM parked WHERE number = ?", (int(name.removeprefix(PREFIX)),))
