"""The spool when its disk refuses for a while."""

import asyncio
import sqlite3
import time
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from prometheus_client import CollectorRegistry

from sre_ingest.metrics import SpoolMetrics
from sre_ingest.publishing import Record
from sre_ingest.store.database import Database
from sre_ingest.store.files import FILE
from sre_ingest.store.spool import StoreSpool


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
