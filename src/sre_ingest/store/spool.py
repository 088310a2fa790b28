"""The spool: what the log could not take in time, kept until it has taken it. Bounded in bytes, not in time."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import structlog

from sre_ingest.metrics import SpoolMetrics
from sre_ingest.publishing import Adopt, Kept, Outcome, Record
from sre_ingest.sdk.times import SECOND
from sre_ingest.store import backlog, files
from sre_ingest.store.database import Database
from sre_ingest.store.rows import record_of, row_of
from sre_ingest.store.schema import PARKED, SPOOL

_COLUMNS = "number, appended_at, key, headers, value, crc"
_SIZE = "length(key) + length(headers) + length(value)"
_PAUSE = 1.0
"""Seconds until a removal that failed is tried again."""
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class _Appending:
    """Records to append, and who is told of their numbers."""

    records: Sequence[Record]
    adopt: Adopt
    numbers: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class _Removal:
    """Rows that are done with."""

    numbers: Sequence[int]
    parked: bool
    """True if they are kept aside."""


@dataclass(slots=True)
class _Contents:
    """What is in the spool."""

    records: int = 0
    size: int = 0
    oldest: int = 0
    """When the oldest row was appended, Unix nanoseconds; 0 if there is none."""


@dataclass(slots=True)
class SpoolTable:
    """The rows of the spool, for the writer's thread.

    `found` is told of all rows whenever the database is opened, `appended` of those that have become durable.
    """

    metrics: SpoolMetrics
    clock: Callable[[], int]
    found: Callable[[Sequence[int]], None]
    appended: Callable[[_Appending], None]
    contents: _Contents = field(default_factory=_Contents)
    _last: int = 0
    _durable: int = 0
    _group: list[_Appending] = field(default_factory=list)

    # A table is known by what it is, not by what is in it.
    __hash__ = object.__hash__

    def open(self, connection: sqlite3.Connection) -> None:
        """Make the tables if they are missing, and read which rows there are."""
        for holding in (SPOOL, PARKED):
            connection.execute(holding.statement)
        rows = list(_scan(connection))
        self._group = []
        # What it remembers counts as well: of a file that was salvaged, the end may be lost.
        self._last = self._durable = max(self._durable, _newest(connection), rows[-1][0] if rows else 0)
        self.contents = _Contents(len(rows), sum(size for _, size in rows), _oldest(connection))
        self.found([number for number, _ in rows])
        self._show()

    def write(self, connection: sqlite3.Connection, items: Sequence[_Appending | _Removal]) -> None:
        """Append and remove, in the order of the items."""
        self._group = [item for item in items if isinstance(item, _Appending)]
        for item in items:
            if isinstance(item, _Appending):
                self._append(connection, item)
            else:
                self._remove(connection, item)
        self.contents.oldest = _oldest(connection)

    def committed(self) -> None:
        """Tell who appended, and show what is in it."""
        self._durable = self._last
        for item in self._group:
            self.metrics.appended.inc(len(item.records))
            self.appended(item)
        self._show()

    def _append(self, connection: sqlite3.Connection, item: _Appending) -> None:
        now = self.clock()
        item.numbers = range(self._last + 1, self._last + 1 + len(item.records))
        rows = [row_of(number, now, record) for number, record in zip(item.numbers, item.records, strict=True)]
        connection.executemany(f"INSERT INTO spool ({_COLUMNS}) VALUES (?,?,?,?,?,?)", rows)  # noqa: S608
        self._last = item.numbers[-1]
        self.contents.records += len(rows)
        self.contents.size += sum(len(row[2]) + len(row[3]) + len(row[4]) for row in rows)

    def _remove(self, connection: sqlite3.Connection, removal: _Removal) -> None:
        for number in removal.numbers:
            try:
                self._remove_one(connection, number, parked=removal.parked)
            except sqlite3.DatabaseError as error:
                if error.sqlite_errorcode & 0xFF not in _DAMAGE:
                    raise
                log.error("spool_row_on_damaged_page", number=number)  # noqa: TRY400 - it stays where it is

    def _remove_one(self, connection: sqlite3.Connection, number: int, *, parked: bool) -> None:
        row = connection.execute(f"SELECT {_SIZE} FROM spool WHERE number = ?", (number,)).fetchone()  # noqa: S608
        if row is None:
            return
        if parked:
            connection.execute(f"REPLACE INTO parked SELECT {_COLUMNS} FROM spool WHERE number = ?", (number,))  # noqa: S608
        connection.execute("DELETE FROM spool WHERE number = ?", (number,))
        self.contents.records -= 1
        self.contents.size -= row[0]

    def _show(self) -> None:
        self.metrics.records.set(self.contents.records)
        self.metrics.size.set(self.contents.size)
        self.metrics.oldest.set(self.contents.oldest / SECOND)


class StoreSpool:
    """The spool in a database, see `publishing.Spool`. To be used from one event loop."""

    durable = True

    def __init__(
        self, database: Database, data_dir: Path, metrics: SpoolMetrics, *, clock: Callable[[], int], max_bytes: int
    ) -> None:
        self._database = database
        self._data_dir = data_dir
        self._metrics = metrics
        self._max_bytes = max_bytes
        self._table = SpoolTable(metrics, clock, self._found, self._appended)
        self._under_way = 0
        self._known = 0
        """The highest number that somebody was told of."""
        self._removing: set[asyncio.Task[None]] = set()
        """Removals that a disk refused."""
        self._loop: asyncio.AbstractEventLoop | None = None
        self._adopt: Adopt | None = None
        metrics.capacity.set(max_bytes)

    async def start(self, adopt: Adopt) -> None:
        """Open the database; `adopt` is told of what is in it, the embedded log's records behind those of the spool.
        StoreError with the remedy when it cannot be.
        """
        self._loop, self._adopt = asyncio.get_running_loop(), adopt
        await backlog.take_over(self._database)
        await self._database.join(self._table)

    async def keep(self, records: Sequence[Record], adopt: Adopt) -> Kept:
        """Append all or none."""
        size = sum(record.size for record in records)
        if self._table.contents.size + self._under_way + size > self._max_bytes:
            return Kept(Outcome.FAILED)
        appending = _Appending(records, adopt)
        self._under_way += size
        try:
            outcome = await self._database.write(self._table, appending, size)
        finally:
            self._under_way -= size
        return Kept(outcome, appending.numbers if outcome is Outcome.STORED else ())

    async def fetch(self, numbers: Sequence[int], max_bytes: int) -> Sequence[tuple[int, Record | None]]:
        """The first of these rows, as many as fit, one at least."""
        return await asyncio.to_thread(self._fetch, numbers, max_bytes)

    async def keys(self, numbers: Sequence[int]) -> Sequence[bytes]:
        """The key of each of these rows; empty where it cannot be read."""
        return await asyncio.to_thread(self._keys, numbers)

    async def release(self, numbers: Sequence[int]) -> None:
        """Delete the rows: the log has them."""
        self._metrics.acked.inc(len(numbers))
        await self._remove(_Removal(numbers, parked=False))

    async def park(self, numbers: Sequence[int]) -> None:
        """Put the rows aside."""
        self._metrics.parked.inc(len(numbers))
        log.error("spool_records_parked", numbers=list(numbers[:20]), count=len(numbers))
        await self._remove(_Removal(numbers, parked=True))

    async def stop(self) -> None:
        """Finish what was taken and leave the database."""
        for task in self._removing:
            task.cancel()
        await self._database.leave(self._table)

    def ready(self) -> str | None:
        """None while it takes records, otherwise one sentence."""
        if self._table.contents.size >= self._max_bytes:
            return "The spool is full: see why Kafka does not take records, or raise spool.max_bytes."
        return self._database.trouble()

    async def _remove(self, removal: _Removal) -> None:
        """Remove the rows now, or as soon as the disk is well again: until then they would fill the spool, and be
        delivered once more at the next start.
        """
        if await self._database.write(self._table, removal, 0) is not Outcome.STORED:
            self._removing.add(task := asyncio.create_task(self._remove_later(removal)))
            task.add_done_callback(self._removing.discard)

    async def _remove_later(self, removal: _Removal) -> None:
        await asyncio.sleep(_PAUSE)
        await self._remove(removal)

    # The following three run in other threads.

    def _found(self, numbers: Sequence[int]) -> None:
        self._tell(numbers, self._adopt)

    def _appended(self, appending: _Appending) -> None:
        self._tell(appending.numbers, appending.adopt)

    def _tell(self, numbers: Sequence[int], adopt: Adopt | None) -> None:
        # A database that is opened again shows what is known already, and perhaps what nobody was told of.
        new = [number for number in numbers if number > self._known]
        self._known = max([self._known, *new[-1:]])
        if new and adopt and self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(adopt, new)

    def _fetch(self, numbers: Sequence[int], max_bytes: int) -> list[tuple[int, Record | None]]:
        found: list[tuple[int, Record | None]] = []
        for number, row in self._rows(numbers, _COLUMNS):
            record = record_of(row) if row else None
            if record is None:
                self._metrics.corrupt.inc()
            found.append((number, record))
            max_bytes -= record.size if record else 0
            if max_bytes <= 0:
                break
        return found

    def _keys(self, numbers: Sequence[int]) -> list[bytes]:
        return [row[0] if row and isinstance(row[0], bytes) else b"" for _, row in self._rows(numbers, "key")]

    def _rows(self, numbers: Iterable[int], columns: str) -> Iterator[tuple[int, tuple[object, ...] | None]]:
        """Each row by itself, so that a damaged page costs no more than what is on it."""
        with closing(files.connect_read_only(self._data_dir)) as connection:
            for number in numbers:
                try:
                    row = connection.execute(f"SELECT {columns} FROM spool WHERE number = ?", (number,)).fetchone()  # noqa: S608
                except sqlite3.DatabaseError as error:
                    if error.sqlite_errorcode & 0xFF not in _DAMAGE:
                        raise
                    row = None
                yield number, row


def _scan(connection: sqlite3.Connection) -> Iterator[tuple[int, int]]:
    """Number and size of every row that is there, those on damaged pages passed over."""
    last = 0
    try:
        for number, size in connection.execute(f"SELECT number, {_SIZE} FROM spool ORDER BY number"):  # noqa: S608
            last = number
            yield number, size
    except sqlite3.DatabaseError as error:
        if error.sqlite_errorcode & 0xFF not in _DAMAGE:
            raise
        log.error("spool_page_damaged", after=last)  # noqa: TRY400
        yield from _search(connection, last + 1)


def _search(connection: sqlite3.Connection, first: int) -> Iterator[tuple[int, int]]:
    for number in range(first, _newest(connection) + 1):
        try:
            row = connection.execute(f"SELECT {_SIZE} FROM spool WHERE number = ?", (number,)).fetchone()  # noqa: S608
        except sqlite3.DatabaseError:
            continue
        if row is not None:
            yield number, row[0] or 0


def _newest(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = 'spool'").fetchone()
    return 0 if row is None else int(row[0])


def _oldest(connection: sqlite3.Connection) -> int:
    try:
        row = connection.execute("SELECT appended_at FROM spool ORDER BY number LIMIT 1").fetchone()
    except sqlite3.DatabaseError:
        return 0
    return 0 if row is None else int(row[0])
