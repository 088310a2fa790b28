"""The quarantine: what could not be understood, kept until somebody decides. Bounded in bytes; nothing is evicted."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import structlog

from sre_ingest.metrics import QuarantineMetrics
from sre_ingest.publishing import Outcome
from sre_ingest.quarantine import Refusal
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import QuarantineFull, Unavailable
from sre_ingest.store import parked
from sre_ingest.store.database import Database
from sre_ingest.store.parked import Shelf
from sre_ingest.store.refusals import COLUMNS, body_digest, place_of, row_of
from sre_ingest.store.schema import BODIES, QUARANTINE

_INSERT = f"INSERT INTO quarantine ({COLUMNS.removeprefix('number, ')}) VALUES ({','.join('?' * 14)})"  # noqa: S608
_BY_BODY = "CREATE INDEX IF NOT EXISTS quarantine_body ON quarantine (body)"
ENTRY_BYTES = 1_024
"""What an entry is reckoned to take beside its body, so that many small ones are bounded, too."""
FULL = (
    "The quarantine has no room for what could not be understood: see `sre-ingest quarantine list`, replay or drop "
    "what is in it, or raise quarantine.max_bytes."
)

log = structlog.get_logger(__name__)


@dataclass(slots=True, eq=False)
class Keeping:
    """What is refused of one delivery, and what became of it."""

    delivery: Delivery
    refusals: Sequence[Refusal]
    new: list[Refusal] = field(default_factory=list)
    """Those that were not there before."""
    full: bool = False
    """True if there was no room for one of them."""


@dataclass(frozen=True, slots=True)
class Removal:
    """An entry that is done with."""

    id: str


@dataclass(frozen=True, slots=True)
class Amendment:
    """An entry that is refused for another reason than it was."""

    refusal: Refusal


Change = Keeping | Removal | Amendment
Told = Callable[[Delivery, Refusal], None]


@dataclass(slots=True)
class _Totals:
    records: int = 0
    size: int = 0


@dataclass(slots=True)
class QuarantineTable:
    """The rows of the quarantine, for the writer's thread."""

    metrics: QuarantineMetrics
    max_bytes: int
    shelf: Shelf = field(default_factory=Shelf)
    totals: _Totals = field(default_factory=_Totals)
    _group: Sequence[Change] = ()

    # A table is known by what it is, not by what is in it.
    __hash__ = object.__hash__

    def open(self, connection: sqlite3.Connection) -> None:
        """Make the tables if they are missing, and count what is in them."""
        for statement in (QUARANTINE.statement, BODIES.statement, _BY_BODY):
            connection.execute(statement)
        self._group = ()
        self.totals = _count(connection)
        self.shelf.count(connection)
        self.shelf.changed = self._show
        self._show()

    def write(self, connection: sqlite3.Connection, items: Sequence[Change]) -> None:
        """Make the changes in their order."""
        self._group = items
        for change in items:
            self._make(connection, change)

    def committed(self) -> None:
        """Count what is durable now."""
        for change in self._group:
            if isinstance(change, Keeping):
                for refusal in change.new:
                    self.metrics.new.labels(refusal.reason).inc()
        self._show()

    def _make(self, connection: sqlite3.Connection, change: Change) -> None:
        match change:
            case Keeping():
                self._keep(connection, change)
            case Removal():
                self._remove(connection, change.id)
            case Amendment():
                said = change.refusal
                named = said.reason, place_of(said), said.id
                connection.execute("UPDATE quarantine SET reason = ?, place = ? WHERE id = ?", named)

    def _keep(self, connection: sqlite3.Connection, keeping: Keeping) -> None:
        digest = body_digest(keeping.delivery.body)
        for refusal in keeping.refusals:
            counted = connection.execute(
                "UPDATE quarantine SET count = count + ?, last_seen = max(last_seen, ?) WHERE id = ?",
                (refusal.times, keeping.delivery.received_at, refusal.id),
            )
            if counted.rowcount:
                continue
            if self._fits(connection, digest, keeping.delivery.body):
                connection.execute(_INSERT, row_of(keeping.delivery, refusal))
                self.totals.records += 1
                keeping.new.append(refusal)
            else:
                keeping.full = True

    def _fits(self, connection: sqlite3.Connection, digest: bytes, body: bytes) -> bool:
        """Reckon an entry and, if it is the first of its body, the body; False if they are too large."""
        known = connection.execute("SELECT 1 FROM quarantine_bodies WHERE digest = ?", (digest,)).fetchone()
        size = ENTRY_BYTES + (0 if known else len(body))
        if self.used + size > self.max_bytes:
            return False
        if not known:
            connection.execute("INSERT INTO quarantine_bodies (digest, bytes) VALUES (?, ?)", (digest, body))
        self.totals.size += size
        return True

    def _remove(self, connection: sqlite3.Connection, name: str) -> None:
        if name.startswith(parked.PREFIX):
            self.shelf.remove(connection, name)
            return
        row = connection.execute("DELETE FROM quarantine WHERE id = ? RETURNING body", (name,)).fetchone()
        if row is None:
            return
        self.totals.records -= 1
        self.totals.size -= ENTRY_BYTES
        if not connection.execute("SELECT 1 FROM quarantine WHERE body = ? LIMIT 1", row).fetchone():
            gone = connection.execute("DELETE FROM quarantine_bodies WHERE digest = ? RETURNING length(bytes)", row)
            self.totals.size -= sum(size for (size,) in gone.fetchall())

    @property
    def used(self) -> int:
        """Bytes that count: what is put aside is never refused, but it leaves less for others."""
        return self.totals.size + self.shelf.size + ENTRY_BYTES * self.shelf.records

    def _show(self) -> None:
        self.metrics.records.set(self.totals.records + self.shelf.records)
        self.metrics.size.set(self.used)


class StoreQuarantine:
    """The quarantine in a database, see `quarantine.Quarantine`. To be used from one event loop.

    `told` hears of each refusal that was not there before, once it is on the disk.
    """

    active = True

    def __init__(
        self,
        database: Database,
        metrics: QuarantineMetrics,
        *,
        max_bytes: int,
        told: Told | None = None,
    ) -> None:
        self._database = database
        self._metrics = metrics
        self._table = QuarantineTable(metrics, max_bytes, database.shelf)
        self._told = told
        self._full = False
        metrics.capacity.set(max_bytes)

    async def start(self) -> None:
        """Open the database; StoreError with the remedy when it cannot be."""
        await self._database.join(self._table)

    async def stop(self) -> None:
        """Finish what was taken and leave the database."""
        await self._database.leave(self._table)

    async def keep(self, delivery: Delivery, refusals: Sequence[Refusal]) -> None:
        """See `Quarantine.keep`."""
        keeping = Keeping(delivery, refusals)
        await self._write(keeping, len(delivery.body) + ENTRY_BYTES * len(refusals))
        self._notice(keeping.full)
        for refusal in keeping.new:
            if self._told:
                self._told(delivery, refusal)
        if keeping.full:
            self._metrics.refused.labels("full").inc()
            raise QuarantineFull(FULL)

    async def remove(self, name: str) -> None:
        """The entry is done with. Unavailable if the disk does not say so in time."""
        await self._write(Removal(name), 0)
        self._full = False

    async def amend(self, refusal: Refusal) -> None:
        """The entry of that id is refused for this reason now. Unavailable if the disk does not take it in time."""
        await self._write(Amendment(refusal), ENTRY_BYTES)

    async def _write(self, change: Change, size: int) -> None:
        outcome = await self._database.write(self._table, change, size)
        if outcome is not Outcome.STORED:
            self._metrics.refused.labels("disk").inc()
            raise Unavailable("The disk did not take in time what could not be understood; send it again.")

    def _notice(self, full: bool) -> None:
        if full and not self._full:  # once, and not a line a delivery for as long as it is full
            log.error("quarantine_full", max_bytes=self._table.max_bytes)
        self._full = full or self._full


def _count(connection: sqlite3.Connection) -> _Totals:
    # Of a column that no index has, so that every page of the table itself is seen, and damage is met here.
    records = len(connection.execute("SELECT count FROM quarantine").fetchall())
    (size,) = connection.execute("SELECT ifnull(sum(length(bytes)), 0) FROM quarantine_bodies").fetchone()
    return _Totals(records, records * ENTRY_BYTES + size)
