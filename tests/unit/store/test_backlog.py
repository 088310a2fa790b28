"""The embedded log's records on their way to Kafka: into the spool, in their order, once."""

import asyncio
import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from sre_ingest.metrics import SpoolMetrics
from sre_ingest.publishing import Outcome, Record
from sre_ingest.store import backlog
from sre_ingest.store.database import Database
from sre_ingest.store.files import FILE
from sre_ingest.store.spool import StoreSpool
from sre_ingest.store.waiting import waiting
from tests.unit.store.conftest import OpenLog

VAR = "var"
RECORDS = [Record(f"key {number}".encode(), (("ce_id", b"x"),), bytes(1000)) for number in range(20)]


class Shelf:
    """A spool and the rows that it has told of."""

    def __init__(self, folder: Path) -> None:
        metrics = SpoolMetrics(CollectorRegistry())
        database = Database(folder, metrics, deadline=20.0)
        self.spool = StoreSpool(database, folder, metrics, clock=lambda: 1, max_bytes=1 << 20)
        self.rows: list[int] = []

    def adopt(self, rows: Sequence[int]) -> None:
        """Note the rows."""
        self.rows += rows

    async def read(self) -> list[Record | None]:
        """Start, read everything, stop."""
        await self.spool.start(self.adopt)
        await asyncio.sleep(0)
        found = [record for _, record in await self.spool.fetch(self.rows, 1 << 20)]
        await self.spool.stop()
        return found


@pytest.mark.parametrize("portion", [1, 2500, backlog.PORTION_BYTES])
async def test_the_log_moves_into_the_spool(
    open_log: OpenLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    """However small the portions are, all of it is there, in order; and the log goes on counting where it was."""
    monkeypatch.setattr(backlog, "PORTION_BYTES", portion)
    async with open_log() as log:
        await log.publisher.publish(RECORDS)
    assert await Shelf(tmp_path / VAR).read() == RECORDS
    assert waiting(tmp_path / VAR).records == len(RECORDS)
    async with open_log() as log:
        assert log.sample("records") == 0
        assert await log.publisher.publish(RECORDS[:1]) == [Outcome.STORED]
    with closing(sqlite3.connect(tmp_path / VAR / FILE)) as connection:
        assert connection.execute("SELECT number FROM log").fetchall() == [(21,)]


async def test_it_stands_behind_what_waited_already(open_log: OpenLog, tmp_path: Path) -> None:
    """Rows of the spool are older than what was written while there was no Kafka."""
    shelf = Shelf(tmp_path / VAR)
    await shelf.spool.start(shelf.adopt)
    await shelf.spool.keep(RECORDS[:3], shelf.adopt)
    await shelf.spool.stop()
    async with open_log() as log:
        await log.publisher.publish(RECORDS[3:])
    assert await Shelf(tmp_path / VAR).read() == RECORDS


async def test_a_damaged_record_stays_recognisable(open_log: OpenLog, tmp_path: Path) -> None:
    """A new number does not make a bad row good: whoever delivers it finds that it is damaged."""
    async with open_log() as log:
        await log.publisher.publish(RECORDS[:3])
    with closing(sqlite3.connect(tmp_path / VAR / FILE, isolation_level=None)) as connection:
        connection.execute("UPDATE log SET value = x'00' WHERE number = 2")
    assert await Shelf(tmp_path / VAR).read() == [RECORDS[0], None, RECORDS[2]]
