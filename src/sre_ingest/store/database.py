"""One database, one thread that writes it, and one sync for everything that waits: group commit.

While one group is being synced, the next one gathers; so a busy gateway pays one sync for many deliveries, and an idle
one waits for nobody. Nothing is ever repeated after an error: when a sync has failed nobody knows what the disk has, so
the group is answered as not stored, the database is closed, and what is in it is read anew.
"""

import asyncio
import sqlite3
from collections.abc import Sequence
from pathlib import Path
from typing import Any, TypeVar

import structlog

from sre_ingest.metrics import StoreMetrics
from sre_ingest.publishing import Outcome
from sre_ingest.store import files, schema
from sre_ingest.store.files import StoreError
from sre_ingest.store.parked import Shelf
from sre_ingest.store.queue import Entry, Queue
from sre_ingest.store.table import Table
from sre_ingest.store.writer import Writer

Item = TypeVar("Item")

_GROUP_BYTES = 8 << 20

log = structlog.get_logger(__name__)


class Database:
    """The gateway's database, shared by its tables: opened with the first that joins, closed with the last that leaves.

    `write` waits `deadline` seconds at the most; `queue_bytes` may wait at a time; the last `leave` lasts `stop_within`
    seconds at the most. To be used from one event loop.
    """

    def __init__(
        self,
        data_dir: Path,
        metrics: StoreMetrics,
        *,
        deadline: float = 1.5,
        queue_bytes: int = 64 << 20,
        stop_within: float = 5.0,
    ) -> None:
        self.queue_bytes = queue_bytes
        self.shelf = Shelf()
        """What is put aside in it, between the table that puts it there and the one that is bounded with it."""
        self._data_dir = data_dir
        self._metrics = metrics
        self._deadline = deadline
        self._stop_within = stop_within
        self._queue = Queue(queue_bytes, _GROUP_BYTES)
        self._tables: list[Table[Any]] = []
        self._writer: Writer | None = None
        self._starting = asyncio.Lock()

    async def join(self, table: Table[Any]) -> None:
        """Open the database if nobody has, and the table in it. StoreError with the remedy when that fails."""
        async with self._starting:
            if self._writer is None:
                await self._start()
        outcome = await self.write(_Joining(), table, 0)
        if outcome is not Outcome.STORED:
            why = self.trouble() or "The database does not answer: look at the health of its disk."
            await self._stop_if_unused()
            raise StoreError(why)
        self._tables.append(table)

    async def leave(self, table: Table[Any]) -> None:
        """Finish what was taken, and close the database if nobody else uses it."""
        if table in self._tables:
            self._tables.remove(table)
            await self._stop_if_unused()

    async def write(self, table: Table[Item], item: Item, size: int) -> Outcome:
        """Queue the item at once, and answer STORED when it is on the disk, synced. `size` is the room that it takes, 0
        for what makes room; on a full disk nothing else is taken.

        FAILED: it is certainly not, and never will be. UNCERTAIN: the commit failed, or has not answered within the
        deadline. Cancelling withdraws nothing.
        """
        if size and self._writer and self._writer.starved:
            return Outcome.FAILED
        loop = asyncio.get_running_loop()
        entry = Entry(table, item, size, loop.create_future())
        if not self._queue.put(entry):
            return Outcome.FAILED
        timer = loop.call_later(self._deadline, self._expire, entry)
        try:
            return await entry.answer
        finally:
            timer.cancel()

    async def report(self, damage: sqlite3.DatabaseError) -> None:
        """Have the database salvaged, whose damage somebody met who only reads it; returns when that is done, or was
        done so lately that it is not done again.
        """
        if self._writer is None:
            return
        met = _Met(self._writer)
        if await self.write(met, damage, 0) is not Outcome.STORED:
            await self.write(met, damage, 0)  # opens it again

    def trouble(self) -> str | None:
        """None while writing works, otherwise one sentence that says why not."""
        if self._writer is None:
            return "The database is not open."
        if (seconds := self._writer.busy_for()) > self._deadline:
            return f"The disk of {self._data_dir} has not answered for {seconds:.0f} s: look at its health."
        return self._writer.trouble or (files.no_room(self._data_dir) if self._writer.starved else None)

    def _expire(self, entry: Entry) -> None:
        if not entry.answer.done():
            entry.answer.set_result(Outcome.FAILED if self._queue.withdraw(entry) else Outcome.UNCERTAIN)

    async def _start(self) -> None:
        writer = Writer(self._data_dir, self._queue, self._tables, self._metrics, asyncio.get_running_loop())
        writer.start()
        await writer.opened
        self._writer = writer

    async def _stop_if_unused(self) -> None:
        if self._tables or self._writer is None:
            return
        self._queue.close()
        try:
            await asyncio.wait_for(asyncio.shield(self._writer.ended), self._stop_within)
        except TimeoutError:
            log.warning("store_stop_timed_out", seconds=self._stop_within)  # the thread is a daemon and holds the lock
        for entry in self._queue.clear():
            if not entry.answer.done():
                entry.answer.set_result(Outcome.FAILED)
        self._writer = None
        self._queue = Queue(self.queue_bytes, _GROUP_BYTES)


class _Joining:
    """The table of tables: writing a table opens it."""

    def open(self, connection: sqlite3.Connection) -> None:
        """Nothing of its own."""

    def write(self, connection: sqlite3.Connection, items: Sequence[Table[Any]]) -> None:
        """Open each."""
        for table in items:
            table.open(connection)
        schema.remember(connection)

    def committed(self) -> None:
        """Nothing to show."""


class _Met:
    """Damage that readers have met. The writer need not meet it by itself: it may remember the page as it was."""

    def __init__(self, writer: Writer) -> None:
        self._writer = writer

    def open(self, connection: sqlite3.Connection) -> None:
        """Nothing of its own."""

    def write(self, connection: sqlite3.Connection, items: Sequence[sqlite3.DatabaseError]) -> None:
        """Fail, and the group with it, as if it had been met here; but not with what a salvage has dealt with."""
        if self._writer.mends:
            raise items[0]

    def committed(self) -> None:
        """Nothing to show."""
