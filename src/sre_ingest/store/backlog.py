"""What the embedded log holds goes to Kafka once there is one: first in the spool, in its order, before anything new.

It happens at the start, before the spool is opened. Portion by portion rows leave the log and enter the spool in one
transaction, so a start that is killed in between goes on where it stood.
"""

import sqlite3
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager

import structlog

from sre_ingest.publishing import Outcome
from sre_ingest.store.database import Database
from sre_ingest.store.files import StoreError
from sre_ingest.store.rows import Row, record_of, row_of, size_of
from sre_ingest.store.schema import LOG, SPOOL, last_number, tables

PORTION_BYTES = 4 << 20
"""Bytes of one transaction, and one row more at the most."""

log = structlog.get_logger(__name__)


class Backlog:
    """The rows of the embedded log as something to move, for the writer's thread."""

    def __init__(self) -> None:
        self.moved = 0
        """Rows that have left the log for good."""
        self.left = False
        """Whether the log may hold more."""
        self._portion = 0
        self._counted = False

    def open(self, connection: sqlite3.Connection) -> None:
        """See whether there is a log; make the table that its rows go to."""
        connection.execute(SPOOL.statement)
        present = tables(connection)
        self.left = LOG.name in present
        self._counted = "log_totals" in present

    def write(self, connection: sqlite3.Connection, items: Sequence[None]) -> None:
        """Move one portion for each item."""
        self._portion = sum(_move(connection) for _ in items)
        if self._counted:
            connection.execute("DELETE FROM log_totals")  # counted anew when the log is opened

    def committed(self) -> None:
        """A portion has moved, or there was none any more."""
        self.moved += self._portion
        self.left = self._portion > 0


@asynccontextmanager
async def taken_over(database: Database) -> AsyncIterator[None]:
    """Move all there is, and say so; the database is open as long as this lasts. StoreError with the remedy when the
    disk does not take it; nothing is lost then: the next start goes on.
    """
    backlog = Backlog()
    await database.join(backlog)
    try:
        await _take_over(database, backlog)
        yield
    finally:
        await database.leave(backlog)


async def _take_over(database: Database, backlog: Backlog) -> None:
    while backlog.left:
        # A deadline that passes says nothing about the transaction: the next portion waits behind it.
        if await database.write(backlog, None, PORTION_BYTES) is Outcome.FAILED:
            raise StoreError(database.trouble() or "The disk is too slow to move the embedded log: look at its health.")
    if backlog.moved:
        log.info("embedded_log_taken_over", records=backlog.moved)


def _move(connection: sqlite3.Connection) -> int:
    rows = list(_portion(connection))
    if not rows:
        return 0
    moved = [_renumbered(row, number) for number, row in enumerate(rows, last_number(connection, SPOOL) + 1)]
    connection.executemany("INSERT INTO spool VALUES (?,?,?,?,?,?)", moved)
    connection.execute("DELETE FROM log WHERE number <= ?", (rows[-1][0],))
    return len(rows)


def _portion(connection: sqlite3.Connection) -> Iterator[Row]:
    room = PORTION_BYTES
    for row in connection.execute("SELECT * FROM log ORDER BY number"):
        yield row
        room -= size_of(row)
        if room <= 0:
            return


def _renumbered(row: Row, number: int) -> Row:
    record = record_of(row)
    # A damaged row keeps a checksum that does not fit, so whoever delivers it puts it aside.
    return (number, *row[1:]) if record is None else row_of(number, row[1], record)
