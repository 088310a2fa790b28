"""What the log refused for good, or what is not what was written any more: rows that the spool has put aside."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from sre_ingest.publishing import Record
from sre_ingest.store.rows import COLUMNS, SIZE, Row, record_of
from sre_ingest.store.schema import PARKED, tables

PREFIX = "parked-"
"""What their ids begin with; the number of the row follows."""
REASON = "parked"
SOURCE = "spool"


def _nobody() -> None:
    """Nobody shows it."""


@dataclass(slots=True)
class Shelf:
    """How much is put aside, for the writer's thread: the spool adds to it, the quarantine counts it as its own."""

    records: int = 0
    size: int = 0
    """Bytes of keys, headers and values."""
    changed: Callable[[], None] = _nobody
    """Called when what was added is durable."""

    def count(self, connection: sqlite3.Connection) -> None:
        """Begin anew with what is there: after an error nobody knows what of it was committed."""
        if PARKED.name in tables(connection):
            counted = f"SELECT count(*), ifnull(sum({SIZE}), 0) FROM parked"  # noqa: S608
            self.records, self.size = connection.execute(counted).fetchone()

    def add(self, size: int) -> None:
        """One more."""
        self.records += 1
        self.size += size

    def remove(self, connection: sqlite3.Connection, name: str) -> None:
        """Delete the row of this id, if it is there."""
        statement = f"DELETE FROM parked WHERE number = ? RETURNING {SIZE}"  # noqa: S608
        for (size,) in connection.execute(statement, (int(name.removeprefix(PREFIX)),)).fetchall():
            self.records -= 1
            self.size -= size


def rows(connection: sqlite3.Connection, ids: Sequence[str] = ()) -> Iterator[tuple[Row, Record | None]]:
    """The rows of these ids, or every row, and the record in it; None for one that is not what was written. There are
    none if there never was a spool.
    """
    if PARKED.name not in tables(connection):
        return
    # A row that is not asked for costs its number only, and not the pages of its value.
    clause = f"'{PREFIX}' || number IN ({','.join('?' * len(ids))})" if ids else "1"
    for row in connection.execute(f"SELECT {COLUMNS} FROM parked WHERE {clause} ORDER BY number", [*ids]):  # noqa: S608
        yield row, record_of(row)
