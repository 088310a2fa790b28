"""The spool: what the log could not take in time, kept until it has taken it. Bounded in bytes, not in time."""

import asyncio
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import closing
from pathlib import Path
from typing import TypeVar

import structlog

from sre_ingest.metrics import SpoolMetrics
from sre_ingest.publishing import Adopt, Kept, Outcome, Record, Standing
from sre_ingest.store import backlog, files
from sre_ingest.store.database import Database
from sre_ingest.store.inspection import is_damage
from sre_ingest.store.rows import COLUMNS, record_of
from sre_ingest.store.spool_table import Appending, Removal, SpoolTable

_Rows = TypeVar("_Rows")

_PAUSE = 1.0
"""Seconds until a removal that failed is tried again."""

log = structlog.get_logger(__name__)


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
        self._table = SpoolTable(metrics, clock, self._found, self._appended, database.shelf)
        self._under_way = 0
        self._stored = self._acked = self._leaving = 0
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
        async with backlog.taken_over(self._database):
            await self._database.join(self._table)

    async def keep(self, records: Sequence[Record], adopt: Adopt) -> Kept:
        """Append all or none."""
        size = sum(record.size for record in records)
        if self._table.contents.size + self._under_way + size > self._max_bytes:
            return Kept(Outcome.FAILED)
        appending = Appending(records, adopt)
        self._under_way += size
        try:
            outcome = await self._database.write(self._table, appending, size)
        finally:
            self._under_way -= size
        self._stored += len(records) if outcome is Outcome.STORED else 0
        return Kept(outcome, appending.numbers if outcome is Outcome.STORED else ())

    async def fetch(self, numbers: Sequence[int], max_bytes: int) -> Sequence[tuple[int, Record | None]]:
        """The first of these rows, as many as fit, one at least."""
        return await self._read(lambda: self._fetch(numbers, max_bytes))

    async def keys(self, numbers: Sequence[int]) -> Sequence[bytes]:
        """The key of each of these rows; empty where there is none."""
        return await self._read(lambda: self._keys(numbers))

    async def release(self, numbers: Sequence[int]) -> None:
        """Delete the rows: the log has them."""
        self._metrics.acked.inc(len(numbers))
        self._acked += len(numbers)
        await self._remove(Removal(numbers, parked=False))

    async def park(self, numbers: Sequence[int]) -> None:
        """Put the rows aside."""
        self._metrics.parked.inc(len(numbers))
        log.error("spool_records_parked", numbers=list(numbers[:20]), count=len(numbers))
        await self._remove(Removal(numbers, parked=True))

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

    def standing(self) -> Standing:
        """By the rows that are there; what waits was STORED, or was there at the start."""
        rows = self._table.contents
        waiting = self._stored + rows.records - rows.brought
        return Standing(acked=self._acked, waiting=waiting, parked=rows.parked, moving=self._leaving)

    async def _remove(self, removal: Removal) -> None:
        """Remove the rows now, or as soon as the disk is well again: until then they would fill the spool, and be
        delivered once more at the next start.
        """
        self._leaving += len(removal.numbers)
        if not await self._removed(removal):
            self._removing.add(task := asyncio.create_task(self._remove_later(removal)))
            task.add_done_callback(self._removing.discard)

    async def _remove_later(self, removal: Removal) -> None:
        removed = False
        while not removed:
            await asyncio.sleep(_PAUSE)
            removed = await self._removed(removal)

    async def _removed(self, removal: Removal) -> bool:
        outcome = await self._database.write(self._table, removal, 0)
        self._leaving -= len(removal.numbers) if outcome is Outcome.STORED else 0
        return outcome is Outcome.STORED

    async def _read(self, read: Callable[[], _Rows]) -> _Rows:
        """Read in a thread. What damage hides a salvage may still find, so nothing is given up before there was one."""
        try:
            return await asyncio.to_thread(read)
        except sqlite3.DatabaseError as error:
            if not is_damage(error):
                raise
            await self._database.report(error)
        return await asyncio.to_thread(read)

    # The following run in other threads.

    def _found(self, numbers: Sequence[int]) -> None:
        self._tell(numbers, self._adopt)

    def _appended(self, appending: Appending) -> None:
        self._tell(appending.numbers, appending.adopt)

    def _tell(self, numbers: Sequence[int], adopt: Adopt | None) -> None:
        # A database that is opened again shows what is known already, and perhaps what nobody was told of.
        new = [number for number in numbers if number > self._known]
        self._known = max([self._known, *new[-1:]])
        if new and adopt and self._loop and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(adopt, new)

    def _fetch(self, numbers: Sequence[int], max_bytes: int) -> list[tuple[int, Record | None]]:
        found: list[tuple[int, Record | None]] = []
        for number, row in self._rows(numbers, COLUMNS):
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
        with closing(files.connect_read_only(self._data_dir)) as connection:
            for number in numbers:
                row = connection.execute(f"SELECT {columns} FROM spool WHERE number = ?", (number,)).fetchone()  # noqa: S608
                yield number, row
