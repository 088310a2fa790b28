"""The spool when its disk refuses for a while."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from prometheus_client import CollectorRegistry

from sre_ingest.metrics import SpoolMetrics
from sre_ingest.publishing import Outcome, Record, Standing
from sre_ingest.store.database import Database
from sre_ingest.store.files import FILE
from sre_ingest.store.spool import StoreSpool
from sre_ingest.store.spool_table import Appending, SpoolTable
from sre_ingest.store.waiting import is_waiting
from tests.unit.store.conftest import record
from tests.unit.store.wrecks import started


def adopt(numbers: Sequence[int]) -> None:
    """Nobody delivers here."""


async def test_rows_that_could_not_be_removed_are_removed_later(tmp_path: Path) -> None:
    """They are done with: left there, they would fill the spool and be delivered again at the next start."""
    registry = CollectorRegistry()
    metrics = SpoolMetrics(registry)
    spool = StoreSpool(Database(tmp_path, metrics), tmp_path, metrics, clock=time.time_ns, max_bytes=1 << 20)
    await spool.start(adopt)
    kept = await spool.keep([Record(b"key", (), b"delivered"), Record(b"key", (), b"refused")], adopt)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")  # while somebody else writes, nothing of ours is written
        await spool.release(kept.numbers[:1])
        await spool.park(kept.numbers[1:])
        assert registry.get_sample_value("sre_ingest_spool_records") == 2
        other.execute("ROLLBACK")
    async with asyncio.timeout(10):
        while registry.get_sample_value("sre_ingest_spool_records"):
            await asyncio.sleep(0.05)
    await spool.stop()
    with closing(sqlite3.connect(tmp_path / FILE)) as after:
        assert after.execute("SELECT number FROM parked").fetchall() == [(kept.numbers[1],)]


async def test_the_rows_say_where_records_are(tmp_path: Path) -> None:
    """Over releases, parking, a restart, a commit that was not answered and a row that somebody took away."""
    async with started(tmp_path) as spool:
        one, two, three, four = await spool.keep(*map(record, range(4)))
        assert spool.store.standing() == Standing(waiting=4)
        await spool.store.release([one])
        await spool.store.park([two])
        assert spool.store.standing() == Standing(acked=1, waiting=2, parked=1)
    async with started(tmp_path) as spool:
        assert spool.store.standing() == Standing()
        await spool.store.release([three])
        assert spool.store.standing() == Standing(acked=1, waiting=-1)
        with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
            other.execute("DELETE FROM spool")
        await spool.store.park([four])
        assert spool.store.standing() == Standing(acked=1, waiting=-2), "one of them is missing"


def test_what_a_failed_commit_has_kept_all_the_same_is_counted() -> None:
    """Opened again, the rows are there: they are told, and count as kept; those of an earlier run do not."""
    registry, told = CollectorRegistry(), list[Sequence[int]]()
    earlier = SpoolTable(SpoolMetrics(CollectorRegistry()), lambda: 1, told.append, lambda _: None)
    table = SpoolTable(SpoolMetrics(registry), lambda: 1, told.append, lambda _: None)
    with closing(sqlite3.connect(":memory:")) as connection:
        for one in (earlier, table):
            one.open(connection)
            one.write(connection, [Appending([record(1), record(2)], adopt)])
        table.open(connection)
    assert told == [[], [1, 2], [1, 2, 3, 4]]
    assert registry.get_sample_value("sre_ingest_spool_appended_records_total") == 2


async def test_what_a_slow_disk_keeps_was_promised_to_nobody(tmp_path: Path) -> None:
    """UNCERTAIN, and it is there after all: it is no record of those that were accepted."""
    metrics = SpoolMetrics(CollectorRegistry())
    spool = StoreSpool(
        Database(tmp_path, metrics, deadline=0.2), tmp_path, metrics, clock=time.time_ns, max_bytes=9_999
    )
    late: list[int] = []
    await spool.start(late.extend)
    with closing(sqlite3.connect(tmp_path / FILE, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        kept = await spool.keep([record(1)], late.extend)
        assert kept.outcome is Outcome.UNCERTAIN
        other.execute("ROLLBACK")
    async with asyncio.timeout(10):
        while not late:
            await asyncio.sleep(0.01)
    assert spool.standing() == Standing()
    await spool.release(late)
    assert spool.standing() == Standing(acked=1, waiting=-1)
    await spool.stop()


async def test_a_drain_asks_only_whether_anything_waits(tmp_path: Path) -> None:
    """True while a single row waits; without a database nothing does."""
    assert not is_waiting(tmp_path)
    async with started(tmp_path) as spool:
        assert not is_waiting(tmp_path)
        numbers = await spool.keep(record(1), record(2))
        await spool.store.release(numbers[:1])
        assert is_waiting(tmp_path)
        await spool.store.release(numbers[1:])
        assert not is_waiting(tmp_path)
