"""The embedded log: what the gateway publishes to when no Kafka is configured."""

import sqlite3
import zlib
from collections.abc import Callable, Sequence
from functools import cache
from itertools import chain

import structlog

from sre_ingest.metrics import LogMetrics
from sre_ingest.publishing import Outcome, Record, Standing
from sre_ingest.store.database import Database
from sre_ingest.store.rows import COLUMNS, SIZE, row_of, size_of
from sre_ingest.store.schema import LOG

_TABLES = (
    LOG.statement,
    # What is in the log, so that nobody has to count it at the start.
    """CREATE TABLE IF NOT EXISTS log_totals (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        records INTEGER NOT NULL, bytes INTEGER NOT NULL, crc INTEGER NOT NULL)""",
)
# Rows of one statement. Each statement hands the interpreter lock over several times, and a busy event loop is in no
# hurry to give it back; so few statements, not many.
_ROWS = 64

log = structlog.get_logger(__name__)


class LogTable:
    """The rows of the log: the oldest go when keys, values and headers (as packed) have more than `retention_bytes`."""

    def __init__(self, metrics: LogMetrics, *, retention_bytes: int, clock: Callable[[], int]) -> None:
        self._metrics = metrics
        self._retention_bytes = retention_bytes
        self._clock = clock
        self._last = self._durable = self._records = self._bytes = 0
        self._appended = self._pruned = 0
        self._first: int | None = None
        self._gaps = 0
        self.missing = 0
        """Records that were in the log when it was opened first, or came since, and are neither there nor pruned."""
        metrics.retention.set(retention_bytes)

    def open(self, connection: sqlite3.Connection) -> None:
        """Make the tables if they are missing, and read the totals."""
        for statement in _TABLES:
            connection.execute(statement)
        self._appended = self._pruned = 0
        (last,) = connection.execute(
            "SELECT max(ifnull((SELECT max(number) FROM log), 0),"
            " ifnull((SELECT seq FROM sqlite_sequence WHERE name = 'log'), 0))"
        ).fetchone()
        self._last = self._durable = max(self._durable, last)  # of a file that was salvaged, the end may be lost
        self._records, self._bytes = _totals(connection)
        self._compare(connection)
        self._show()

    def write(self, connection: sqlite3.Connection, items: Sequence[Sequence[Record]]) -> None:
        """Append the records of every publish of the group, prune, and keep the totals."""
        now = self._clock()
        rows = [row_of(number, now, record) for number, record in enumerate(chain(*items), self._last + 1)]
        for at in range(0, len(rows), _ROWS):
            part = rows[at : at + _ROWS]
            connection.execute(_insert(len(part)), tuple(chain(*part)))
        before, self._last = self._last, self._last + len(rows)
        self._appended = len(rows)
        self._records += len(rows)
        self._bytes += sum(map(size_of, rows))
        self._pruned = self._prune(connection, before) if self._bytes > self._retention_bytes else 0
        _keep_totals(connection, self._records, self._bytes)

    def committed(self) -> None:
        """Count what is durable now."""
        self._durable = self._last
        self._metrics.appended.inc(self._appended)
        self._metrics.pruned.inc(self._pruned)
        self._show()

    def _compare(self, connection: sqlite3.Connection) -> None:
        # Numbers have no gap and the oldest go first, so what is missing between the first and the last was lost.
        (lowest,) = connection.execute("SELECT min(number) FROM log").fetchone()
        first = lowest or self._first or self._last + 1
        gaps = self._last + 1 - first - self._records
        if self._first is None:
            self._gaps = gaps
        self._first, self.missing = first, gaps - self._gaps

    def _show(self) -> None:
        self._metrics.records.set(self._records)
        self._metrics.size.set(self._bytes)

    def _prune(self, connection: sqlite3.Connection, before: int) -> int:
        """Delete the oldest until the rest fits; returns how many. A log that cannot forget still takes records.

        Only up to the number `before`: what is being stored is not pruned before anybody was told that it is.
        """
        connection.execute("SAVEPOINT prune")
        try:
            last, records, size = _surplus(connection, before, self._bytes - self._retention_bytes)
            connection.execute("DELETE FROM log WHERE number <= ?", (last,))
        except sqlite3.DatabaseError as error:
            self._metrics.errors.labels("prune").inc()
            log.exception("log_prune_failed", error=error.sqlite_errorname)
            connection.execute(
                "ROLLBACK TO prune"
            )  # fails, and the group with it, when SQLite has ended the transaction
            records = size = 0
        connection.execute("RELEASE prune")
        self._records -= records
        self._bytes -= size
        return records


class LogPublisher:
    """Publishes to the embedded log of a database: one lane, whose order is the order of the calls.

    A record that alone is larger than the log keeps, or than may wait for a commit, is REFUSED. The bounds of time and
    of what waits are the database's. `clock` gives Unix nanoseconds and is called in the writer's thread.
    """

    def __init__(
        self, database: Database, metrics: LogMetrics, *, clock: Callable[[], int], retention_bytes: int = 1 << 30
    ) -> None:
        self._database = database
        self._table = LogTable(metrics, retention_bytes=retention_bytes, clock=clock)
        self._largest = min(retention_bytes, database.queue_bytes)
        self._open = False
        self._stored = 0

    async def start(self) -> None:
        """Open the log; StoreError with the remedy when it cannot be."""
        await self._database.join(self._table)
        self._open = True

    async def publish(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """Append all, whole or not at all but for what is REFUSED; STORED after the sync."""
        if not self._open:
            return [Outcome.FAILED] * len(records)
        sizes = [record.size for record in records]
        taken = [record for record, size in zip(records, sizes, strict=True) if size <= self._largest]
        outcome = Outcome.STORED
        if taken:
            total = sum(size for size in sizes if size <= self._largest)
            outcome = await self._database.write(self._table, taken, total)
            self._stored += len(taken) if outcome is Outcome.STORED else 0
        return [outcome if size <= self._largest else Outcome.REFUSED for size in sizes]

    async def stop(self) -> None:
        """Finish what was taken and leave the database, which closes when nobody else uses it."""
        self._open = False
        await self._database.leave(self._table)

    def ready(self) -> str | None:
        """None while appending works, otherwise one sentence."""
        return self._database.trouble() if self._open else "The embedded log is not open."

    def standing(self) -> Standing:
        """All of them wait in the log, those that it pruned since counted as well."""
        return Standing(waiting=self._stored - self._table.missing)


@cache
def _insert(rows: int) -> str:
    places = ",".join(["(?,?,?,?,?,?)"] * rows)
    return f"INSERT INTO log ({COLUMNS}) VALUES {places}"  # noqa: S608


def _surplus(connection: sqlite3.Connection, before: int, excess: int) -> tuple[int, int, int]:
    """The last number, the count and the bytes of the oldest records that have to go so that `excess` bytes do."""
    rows = connection.execute(f"SELECT number, {SIZE} FROM log WHERE number <= ? ORDER BY number", (before,))  # noqa: S608
    last = records = size = 0
    for number, length in rows:
        last, records, size = number, records + 1, size + length
        if size >= excess:
            break
    return last, records, size


def _totals(connection: sqlite3.Connection) -> tuple[int, int]:
    """Records and bytes in the log; counted anew when the row that knows them is missing or damaged."""
    row = connection.execute("SELECT records, bytes, crc FROM log_totals").fetchone()
    if row is not None and row[2] == _seal(row[0], row[1]):
        return row[0], row[1]
    counted: tuple[int, int] = connection.execute(f"SELECT count(*), ifnull(sum({SIZE}), 0) FROM log").fetchone()  # noqa: S608
    if row is not None:
        log.warning("log_totals_damaged", records=counted[0], bytes=counted[1])
    return counted


def _keep_totals(connection: sqlite3.Connection, records: int, size: int) -> None:
    connection.execute("REPLACE INTO log_totals VALUES (1, ?, ?, ?)", (records, size, _seal(records, size)))


def _seal(records: int, size: int) -> int:
    return zlib.crc32(f"{records} {size}".encode())
