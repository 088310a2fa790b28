"""The rows of the spool, for the thread that writes the database."""

import sqlite3
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace

from sre_ingest.metrics import SpoolMetrics
from sre_ingest.publishing import Adopt, Record
from sre_ingest.sdk.times import SECOND
from sre_ingest.store.parked import Shelf
from sre_ingest.store.rows import COLUMNS, SIZE, row_of, size_of
from sre_ingest.store.schema import PARKED, SPOOL, last_number


@dataclass(slots=True, eq=False)
class Appending:
    """Records to append, and who is told of their numbers."""

    records: Sequence[Record]
    adopt: Adopt
    numbers: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class Removal:
    """Rows that are done with."""

    numbers: Sequence[int]
    parked: bool
    """True if they are kept aside."""


@dataclass(slots=True)
class _Contents:
    """What is in the spool, and what became of its rows since it was opened first."""

    records: int = 0
    size: int = 0
    oldest: int = 0
    """When the oldest row was appended, Unix nanoseconds; 0 if there is none."""
    brought: int = 0
    """Rows that were there at first, or have come since."""
    parked: int = 0
    """Rows that were put aside since."""


@dataclass(slots=True)
class SpoolTable:
    """The rows of the spool, for the writer's thread.

    `found` is told of all rows whenever the database is opened, `appended` of those that have become durable.
    """

    metrics: SpoolMetrics
    clock: Callable[[], int]
    found: Callable[[Sequence[int]], None]
    appended: Callable[[Appending], None]
    shelf: Shelf = field(default_factory=Shelf)
    contents: _Contents = field(default_factory=_Contents)
    """Of what is durable. Replaced as a whole, because other threads read it."""
    _next: _Contents = field(default_factory=_Contents)
    _last: int = 0
    _durable: int = 0
    _group: list[Appending] = field(default_factory=list)
    _opened: bool = False

    # A table is known by what it is, not by what is in it.
    __hash__ = object.__hash__

    def open(self, connection: sqlite3.Connection) -> None:
        """Make the tables if they are missing, and read which rows there are."""
        for holding in (SPOOL, PARKED):
            connection.execute(holding.statement)
        self.shelf.count(connection)
        rows = connection.execute(f"SELECT number, {SIZE} FROM spool ORDER BY number").fetchall()  # noqa: S608
        self._group = []
        # Of a group whose commit failed nobody knew whether it is there.
        new = sum(number > self._durable for number, _ in rows)
        self.metrics.appended.inc(new if self._opened else 0)
        self._opened = True
        # What it remembers counts as well: of a file that was salvaged, the end may be lost.
        self._last = self._durable = max(self._durable, last_number(connection, SPOOL), rows[-1][0] if rows else 0)
        size, brought = sum(size for _, size in rows), self.contents.brought + new
        self.contents = _Contents(len(rows), size, _oldest(connection), brought, self.contents.parked)
        self.found([number for number, _ in rows])
        self._show()

    def write(self, connection: sqlite3.Connection, items: Sequence[Appending | Removal]) -> None:
        """Append and remove, in the order of the items."""
        self._group = [item for item in items if isinstance(item, Appending)]
        self._next = replace(self.contents)
        for item in items:
            if isinstance(item, Appending):
                self._append(connection, item)
            else:
                self._remove(connection, item)
        self._next.oldest = _oldest(connection)

    def committed(self) -> None:
        """Tell who appended, and show what is in it."""
        parked_before = self.contents.parked
        self._durable, self.contents = self._last, self._next
        for item in self._group:
            self.metrics.appended.inc(len(item.records))
            self.appended(item)
        self._show()
        if self.contents.parked != parked_before:
            self.shelf.changed()

    def _append(self, connection: sqlite3.Connection, item: Appending) -> None:
        now = self.clock()
        item.numbers = range(self._last + 1, self._last + 1 + len(item.records))
        rows = [row_of(number, now, record) for number, record in zip(item.numbers, item.records, strict=True)]
        connection.executemany(f"INSERT INTO spool ({COLUMNS}) VALUES (?,?,?,?,?,?)", rows)  # noqa: S608
        self._last = item.numbers[-1]
        self._next.records += len(rows)
        self._next.brought += len(rows)
        self._next.size += sum(map(size_of, rows))

    def _remove(self, connection: sqlite3.Connection, removal: Removal) -> None:
        for number in removal.numbers:
            self._remove_one(connection, number, parked=removal.parked)

    def _remove_one(self, connection: sqlite3.Connection, number: int, *, parked: bool) -> None:
        row = connection.execute(f"SELECT {SIZE} FROM spool WHERE number = ?", (number,)).fetchone()  # noqa: S608
        if row is None:  # removed before, by a commit that was not answered, or by somebody else
            self._next.records, self._next.size = _count(connection)
            return
        if parked:
            self._next.parked += 1
            self.shelf.add(row[0])
            connection.execute(f"REPLACE INTO parked SELECT {COLUMNS} FROM spool WHERE number = ?", (number,))  # noqa: S608
        connection.execute("DELETE FROM spool WHERE number = ?", (number,))
        self._next.records -= 1
        self._next.size -= row[0]

    def _show(self) -> None:
        self.metrics.records.set(self.contents.records)
        self.metrics.size.set(self.contents.size)
        self.metrics.oldest.set(self.contents.oldest / SECOND)


def _count(connection: sqlite3.Connection) -> tuple[int, int]:
    """Rows and their bytes."""
    counted: tuple[int, int] = connection.execute(f"SELECT count(*), ifnull(sum({SIZE}), 0) FROM spool").fetchone()  # noqa: S608
    return counted


def _oldest(connection: sqlite3.Connection) -> int:
    row = connection.execute("SELECT appended_at FROM spool ORDER BY number LIMIT 1").fetchone()
    return 0 if row is None else int(row[0])
