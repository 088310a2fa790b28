"""The embedded log's records on their way to Kafka: into the spool, in their order, once."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from sre_ingest.publishing import Outcome, Record
from sre_ingest.store import backlog
from sre_ingest.store.files import FILE
from sre_ingest.store.waiting import waiting
from tests.unit.store.conftest import OpenLog, record
from tests.unit.store.wrecks import started

RECORDS = [record(number, size=1_000) for number in range(20)]


async def read(folder: Path) -> list[Record | None]:
    """Every row that a spool on this folder tells of, in that order; None where it is damaged."""
    async with started(folder) as spool:
        found = await spool.readable()
        return [found.get(number) for number in spool.numbers]


@pytest.mark.parametrize("portion", [1, 2500, backlog.PORTION_BYTES])
async def test_the_log_moves_into_the_spool(
    open_log: OpenLog, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, portion: int
) -> None:
    """However small the portions are, all of it is there, in order; and the log goes on counting where it was."""
    monkeypatch.setattr(backlog, "PORTION_BYTES", portion)
    async with open_log() as log:
        await log.publisher.publish(RECORDS)
    assert await read(tmp_path / "var") == RECORDS
    assert waiting(tmp_path / "var").records == len(RECORDS)
    async with open_log() as log:
        assert log.sample("records") == 0
        assert await log.publisher.publish(RECORDS[:1]) == [Outcome.STORED]
    with closing(sqlite3.connect(tmp_path / "var" / FILE)) as connection:
        assert connection.execute("SELECT number FROM log").fetchall() == [(21,)]


async def test_it_stands_behind_what_waited_already(open_log: OpenLog, tmp_path: Path) -> None:
    """Rows of the spool are older than what was written while there was no Kafka."""
    async with started(tmp_path / "var") as spool:
        await spool.keep(*RECORDS[:3])
    async with open_log() as log:
        await log.publisher.publish(RECORDS[3:])
    assert await read(tmp_path / "var") == RECORDS


async def test_a_damaged_record_stays_recognisable(open_log: OpenLog, tmp_path: Path) -> None:
    """A new number does not make a bad row good: whoever delivers it finds that it is damaged."""
    async with open_log() as log:
        await log.publisher.publish(RECORDS[:3])
    with closing(sqlite3.connect(tmp_path / "var" / FILE, isolation_level=None)) as connection:
        connection.execute("UPDATE log SET value = x'00' WHERE number = 2")
    assert await read(tmp_path / "var") == [RECORDS[0], None, RECORDS[2]]
