"""The thread that writes: it commits what has gathered with one sync, answers, and after an error opens anew."""

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import Sequence
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path
from typing import Any

import structlog

from sre_ingest.metrics import StoreMetrics
from sre_ingest.publishing import Outcome
from sre_ingest.store import files, inspection, schema
from sre_ingest.store.files import StoreError
from sre_ingest.store.queue import Entry, Queue
from sre_ingest.store.reserve import Reserve, shrink
from sre_ingest.store.salvage import Salvaged
from sre_ingest.store.table import Table

MENDING_SECONDS = 300.0
"""Between two salvages at the least. Each leaves the damaged file beside the new one; a disk that damages every new one
at once would soon be full of them, and needs a person.
"""
_IDLE_SECONDS = 1.0
_CHECKPOINT_BYTES = 4 << 20
# A commit writes whole pages beside the items themselves: the leaf, the totals, the sequence.
_COMMIT_BYTES = 16 << 10

log = structlog.get_logger(__name__)


class _Health(Enum):
    """What is known of the database."""

    UNKNOWN = auto()
    SOUND = auto()
    DAMAGED = auto()


class Writer:
    """Owns the lock, the connection and the thread. `opened` and `ended` are answered on `loop`."""

    def __init__(
        self,
        data_dir: Path,
        queue: Queue,
        tables: Sequence[Table[Any]],
        metrics: StoreMetrics,
        loop: asyncio.AbstractEventLoop,
    ) -> None:
        self.opened: asyncio.Future[None] = loop.create_future()
        self.ended: asyncio.Future[None] = loop.create_future()
        self.trouble: str | None = None
        """Why the last attempt failed; None again as soon as one has worked."""
        self._data_dir = data_dir
        self._queue = queue
        self._tables = tables
        self._metrics = metrics
        self._loop = loop
        self._reserve = Reserve(data_dir)
        self._roomy = False  # whether the file itself has room for what comes, while the reserve is missing
        self._connection: sqlite3.Connection | None = None
        self._identity = (0, 0)
        self._unmoved = 0  # bytes, roughly, that are in the write-ahead log alone
        self._busy_since: float | None = None
        self._health = _Health.UNKNOWN
        self._mended_at: float | None = None

    def start(self) -> None:
        """Begin; await `opened`, which raises StoreError when the database cannot be used."""
        # A daemon, because a disk that hangs must not keep the process from ending.
        threading.Thread(target=self._run, name="store-writer", daemon=True).start()

    @property
    def starved(self) -> bool:
        """Whether there is no room: then only what makes some is written."""
        return self._reserve.missing and not self._roomy

    @property
    def mends(self) -> bool:
        """Whether damage that is met now leads to a salvage."""
        return self._mended_at is None or time.monotonic() - self._mended_at >= MENDING_SECONDS

    def busy_for(self) -> float:
        """Seconds since the work that is in hand now was begun; 0 when idle."""
        since = self._busy_since
        return 0.0 if since is None else time.monotonic() - since

    def _run(self) -> None:
        refusal: StoreError | None = None
        try:
            descriptor = files.lock(self._data_dir)
        except StoreError as error:
            self._fail(error, "open")
            refusal = error
        else:
            try:
                if self._open():
                    self._tell(self._settle, self.opened)
                    self._serve()
            finally:
                self._close()
                os.close(descriptor)
        # Only now, so that who is told can open the same directory at once. Settling what is settled does nothing.
        self._tell(self._settle, self.opened, refusal or StoreError(self.trouble))
        self._tell(self._settle, self.ended)

    def _serve(self) -> None:
        while (group := self._queue.take(self._patience())) is not None:
            self._busy_since = time.monotonic()
            if group:
                self._finish(group)
            else:
                self._idle()
            self._busy_since = None

    def _patience(self) -> float | None:
        """How long to wait for work: for ever, unless there is something to do meanwhile."""
        return _IDLE_SECONDS if self.trouble or self._reserve.missing or self._unmoved else None

    def _finish(self, group: list[Entry]) -> None:
        if self.starved:
            group = self._without_growth(group)
        outcome = self._commit(group)
        if outcome is Outcome.STORED:
            self.trouble = None  # before the answer, so that who was answered finds it ready
            self._look_for_room()
            self._unmoved += _COMMIT_BYTES + sum(entry.size for entry in group)
        self._tell(self._answer, group, outcome)
        # While room is scarce, the write-ahead log is not to take any of it.
        if self._reserve.missing or self._unmoved >= _CHECKPOINT_BYTES:
            self._checkpoint()

    def _without_growth(self, group: list[Entry]) -> list[Entry]:
        """What of it makes room. The rest was queued while there was some, and must not take what deleting needs."""
        self._tell(self._answer, [entry for entry in group if entry.size], Outcome.FAILED)
        return [entry for entry in group if not entry.size]

    def _look_for_room(self) -> None:
        """See whether the file has room for what comes: then it need not grow, and the reserve is not needed."""
        with suppress(sqlite3.Error):  # met again in writing
            self._roomy = bool(self._reserve.missing and self._connection and self._reserve.spared(self._connection))

    def _idle(self) -> None:
        if self.trouble is None and self._reserve.missing:
            self._recover()
        elif self.trouble is None:
            self._checkpoint()
        elif self._open():  # opening writes and syncs a page, so it shows that writing works again
            self.trouble = None

    def _commit(self, group: list[Entry]) -> Outcome:
        if self._connection is None and not self._open():
            return Outcome.FAILED
        assert self._connection is not None  # noqa: S101 - for the type checker: `_open` has set it
        begun = time.perf_counter()
        parts = _parts(group)
        outcome = Outcome.FAILED  # until the commit itself is tried, nothing of the group can ever be found on the disk
        try:
            self._check_identity()
            self._connection.execute("BEGIN IMMEDIATE")
            for table, items in parts.items():
                table.write(self._connection, items)
            outcome = Outcome.UNCERTAIN
            self._connection.execute("COMMIT")
        except Exception as error:  # whatever it was: the waiting are answered and the thread lives
            self._fail(error, "append")
            return outcome
        self._metrics.commit.observe(time.perf_counter() - begun)
        for table in parts:
            table.committed()
        return Outcome.STORED

    def _recover(self) -> None:
        """Make room on a disk that was full, and see whether there is enough."""
        if self._connection is not None:
            with suppress(sqlite3.Error):  # tried again when idle
                shrink(self._connection)
                self._unmoved = 0
        self._reserve.take()
        self._look_for_room()

    def _checkpoint(self) -> None:
        """Move what is in the write-ahead log into the database: short logs lose little when a frame is damaged."""
        if self._connection is None:
            return
        try:
            _, frames, moved = self._connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        except sqlite3.Error as error:
            self._fail(error, "checkpoint")
        else:
            self._unmoved = 0 if frames == moved else 1  # a reader was in the way: try again when idle

    def _open(self) -> bool:
        """Open the database and every table in it; False when that failed, and `trouble` says why."""
        # Twice, if the first attempt is what meets the damage.
        return self._try_to_open() or (self._health is _Health.DAMAGED and self._try_to_open())

    def _try_to_open(self) -> bool:
        self._close()
        try:
            self._mend()
            self._connection = files.connect(self._data_dir)
            self._identity = files.identity(self._data_dir)
            self._connection.execute("BEGIN IMMEDIATE")
            for table in self._tables:
                table.open(self._connection)
            schema.remember(self._connection)
            self._connection.execute("COMMIT")
        except Exception as error:  # whatever it was: the thread lives, and who starts is told
            self._fail(error, "open")
            return False
        self._unmoved = _COMMIT_BYTES
        self._reserve.take()
        self._look_for_room()
        return True

    def _mend(self) -> None:
        """Look at the database at the start, and salvage it if it is damaged, then or later."""
        if self._health is _Health.SOUND:
            return
        begun = time.perf_counter()
        salvaged = files.mend(self._data_dir, damaged=self._health is _Health.DAMAGED)
        self._health = _Health.SOUND
        self._metrics.recovery.set(time.perf_counter() - begun)
        if salvaged is not None:
            self._mended_at = time.monotonic()
            self._metrics.salvages.inc()
            self._metrics.corrupt.inc(salvaged.corrupt)
            _report(salvaged)

    def _check_identity(self) -> None:
        if files.identity(self._data_dir) != self._identity:
            raise StoreError(f"{self._data_dir / files.FILE} was replaced while the gateway ran: start it again.")

    def _fail(self, error: Exception, operation: str) -> None:
        """Count and tell; close, so that nothing is ever repeated on this connection."""
        self._metrics.errors.labels(operation).inc()
        why = files.explain(self._data_dir, error)
        name = getattr(error, "sqlite_errorname", type(error).__name__)
        if why != self.trouble:  # once, and not a line a second for as long as a disk is full
            log.error("store_failed", op=operation, error=name, why=why)
        self.trouble = why
        if files.is_full(error):
            self._reserve.release()  # so that what is done with can be deleted
        if inspection.is_damage(error) and self.mends:
            self._health = _Health.DAMAGED
        self._close()

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()  # rolls back what was begun, and moves the write-ahead log into the database
            self._connection = None
            self._roomy = False

    def _tell(self, callback: Any, *arguments: Any) -> None:
        try:
            self._loop.call_soon_threadsafe(callback, *arguments)
        except RuntimeError:  # the loop has ended, so nobody waits any more
            log.warning("store_nobody_waits")

    @staticmethod
    def _settle(future: asyncio.Future[None], error: StoreError | None = None) -> None:
        if future.done():
            return
        if error is None:
            future.set_result(None)
        else:
            future.set_exception(error)

    @staticmethod
    def _answer(group: Sequence[Entry], outcome: Outcome) -> None:
        for entry in group:
            if not entry.answer.done():
                entry.answer.set_result(outcome)


def _report(salvaged: Salvaged) -> None:
    log.error(
        "store_salvaged",
        aside=str(salvaged.aside),
        kept=dict(salvaged.kept),
        bad=dict(salvaged.bad),
        missing=dict(salvaged.missing),
        pages_lost=salvaged.pages,
    )


def _parts(group: Sequence[Entry]) -> dict[Table[Any], list[Any]]:
    parts: dict[Table[Any], list[Any]] = {}
    for entry in group:
        parts.setdefault(entry.table, []).append(entry.item)
    return parts
