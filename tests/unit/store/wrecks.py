"""A spool on a disk that a test may damage, and what was ever written into it."""

import shutil
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, closing
from dataclasses import dataclass
from pathlib import Path

from prometheus_client import CollectorRegistry

from sre_ingest.metrics import SpoolMetrics
from sre_ingest.publishing import Record
from sre_ingest.store import btree, pages
from sre_ingest.store.database import Database
from sre_ingest.store.files import FILE
from sre_ingest.store.pages import PAGE
from sre_ingest.store.spool import StoreSpool
from tests.unit.store.conftest import record

NOW = 1_700_000_000_000_000_000
Numbered = dict[int, Record]


class Spool:
    """A spool with what a test asks of it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.registry = CollectorRegistry()
        metrics = SpoolMetrics(self.registry)
        self.database = Database(folder, metrics, deadline=20.0)
        self.store = StoreSpool(self.database, folder, metrics, clock=lambda: NOW, max_bytes=1 << 30)
        self.numbers: list[int] = []

    def count(self, name: str) -> float:
        """One metric of the spool."""
        value = self.registry.get_sample_value(f"sre_ingest_spool_{name}")
        assert value is not None, name
        return value

    async def keep(self, *records: Record) -> Sequence[int]:
        """Keep them; the numbers they got."""
        return (await self.store.keep(records, self.numbers.extend)).numbers

    async def readable(self) -> Numbered:
        """What would be delivered, in this order."""
        found: Numbered = {}
        for number in self.numbers:
            ((_, row),) = await self.store.fetch([number], 1)
            if row is not None:
                found[number] = row
        return found


@asynccontextmanager
async def started(folder: Path) -> AsyncIterator[Spool]:
    """A spool on this folder, which another may have left."""
    spool = Spool(folder)
    await spool.store.start(spool.numbers.extend)
    try:
        yield spool
    finally:
        await spool.store.stop()


@dataclass(frozen=True, slots=True)
class Sample:
    """A data directory that nobody uses, and what is in it."""

    folder: Path
    written: Numbered
    """Every row that ever was in it."""
    waiting: frozenset[int]
    """The rows that were not done with."""

    @property
    def file(self) -> Path:
        """The database."""
        return self.folder / FILE

    def copy(self, to: Path) -> "Sample":
        """The same, for a test to damage."""
        shutil.copytree(self.folder, to)
        return Sample(to, self.written, self.waiting)

    def places(self) -> dict[int, set[int]]:
        """For each row that waits, the pages it lies on. To be asked before there is any damage."""
        found: dict[int, set[int]] = {}
        with pages.opened(self.file) as all_pages:
            for number in range(2, all_pages.count + 1):
                page = all_pages.read(number)
                if btree.kind(page, number) == btree.LEAF:
                    self._add(found, all_pages, number, page)
        return {number: found[number] for number in self.waiting}

    def _add(self, found: dict[int, set[int]], all_pages: pages.Pages, number: int, page: bytes) -> None:
        asked: list[int] = []

        def read(beyond: int) -> bytes:
            asked.append(beyond)
            return all_pages.read(beyond)

        for cell in btree.cells(read, page, number):
            # A page that is free now may still have the row, so the last one asked is not the only one: the row is safe
            # if the pages that SQLite reads are.
            if cell is not None and len(cell.values) == 6 and cell.rowid in self.waiting:
                found.setdefault(cell.rowid, {number, *asked})
            asked.clear()

    def damaged_pages(self, before: bytes) -> set[int]:
        """The pages that are not what they were."""
        after = self.file.read_bytes()
        count = -(-max(len(before), len(after)) // PAGE)
        return {
            at + 1 for at in range(count) if before[at * PAGE : (at + 1) * PAGE] != after[at * PAGE : (at + 1) * PAGE]
        }


async def make_sample(folder: Path, rows: int = 400) -> Sample:
    """A spool of small and large rows, of which some are done with and one is parked."""
    written: Numbered = {}
    async with started(folder) as spool:
        for first in range(0, rows, 20):
            records = [record(n, size=9_000 if n % 37 == 5 else 30 + n % 400) for n in range(first, first + 20)]
            written |= dict(zip(await spool.keep(*records), records, strict=True))
        done = [*range(1, rows // 4), *range(rows // 2, rows // 2 + 40)]
        await spool.store.release(done)
        await spool.store.park([rows // 3])
    return Sample(folder, written, frozenset(written) - {*done, rows // 3})


def overwrite(path: Path, number: int, content: bytes = bytes(PAGE)) -> None:
    """Destroy one page."""
    with path.open("r+b") as file:
        file.seek((number - 1) * PAGE)
        file.write(content)


def overwrite_under_the_writer(path: Path, number: int) -> None:
    """Destroy one page, and let the one who has the database open forget what it has read of it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        overwrite(path, number)
        database.execute("PRAGMA user_version=1")


def page_of(path: Path, kind: int, number: int | None = None) -> int:
    """A page of this kind below the root of the spool; a leaf by one of its rows."""
    with pages.opened(path) as found:
        for at in range(2, found.count + 1):
            page = found.read(at)
            if btree.kind(page, at) == kind and (
                number is None or any(cell and cell.rowid == number for cell in btree.cells(found.read, page, at))
            ):
                return at
    raise LookupError
