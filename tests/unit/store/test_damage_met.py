"""Damage that is met while the store is in use: it is mended on the way, again and again, but not all the time."""

import asyncio
import sqlite3
import time
from contextlib import closing
from pathlib import Path

import pytest

from sre_ingest.publishing import Outcome
from sre_ingest.store import btree, writer
from sre_ingest.store.files import FILE
from tests.unit.store.conftest import OpenLog, record
from tests.unit.store.wrecks import Sample, make_sample, overwrite_under_the_writer, page_of, started


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return asyncio.run(make_sample(tmp_path_factory.mktemp("sample") / "var"))


async def test_damage_that_a_commit_meets_is_salvaged(sample: Sample, tmp_path: Path) -> None:
    """That group is not stored, the next one is; and what could be read is still there."""
    copy = sample.copy(tmp_path / "var")
    async with started(copy.folder) as spool:
        leaf = page_of(copy.file, btree.LEAF, max(sample.waiting))
        on_it = {number for number, on in sample.places().items() if leaf in on}
        overwrite_under_the_writer(copy.file, leaf)
        assert await spool.keep(record(500)) == ()
        (new,) = await spool.keep(record(501))
        assert new == max(sample.written) + 1
        assert spool.count("salvages_total") == 1
        assert spool.store.ready() is None
        assert set(await spool.readable()) >= (sample.waiting - on_it) | {new}


async def test_a_second_damage_waits_its_turn_and_is_salvaged(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No salvage follows the last one at once, or a bad disk would be full of files set aside; nor is one left out."""
    copy = sample.copy(tmp_path / "var")
    async with started(copy.folder) as spool:
        overwrite_under_the_writer(copy.file, page_of(copy.file, btree.LEAF, max(sample.waiting)))
        assert await spool.keep(record(500)) == ()
        (new,) = await spool.keep(record(501))
        overwrite_under_the_writer(copy.file, page_of(copy.file, btree.LEAF, new))
        assert [await spool.keep(record(502)), await spool.keep(record(503))] == [(), ()]
        assert spool.store.ready() == (
            f"{copy.file} is damaged: start the gateway again, which sets the file aside and keeps what can be read of "
            "it."
        )
        assert spool.count("salvages_total") == 1
        monkeypatch.setattr(writer, "MENDING_SECONDS", 0.0)  # five minutes later
        (last,) = await spool.keep(record(504))
        assert spool.count("salvages_total") == 2
        assert last in await spool.readable()
    assert len(list(copy.folder.glob("*.damaged-*Z*"))) == 2


async def test_damage_is_mended_although_nobody_writes(
    sample: Sample, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What failed is looked after every second, and the second salvage comes when it is due."""
    copy = sample.copy(tmp_path / "var")
    async with started(copy.folder) as spool:
        overwrite_under_the_writer(copy.file, page_of(copy.file, btree.LEAF, max(sample.waiting)))
        await spool.keep(record(500))
        (new,) = await spool.keep(record(501))
        monkeypatch.setattr(writer, "MENDING_SECONDS", 2.0)
        overwrite_under_the_writer(copy.file, page_of(copy.file, btree.LEAF, new))
        await spool.keep(record(502))
        ends = time.monotonic() + 10
        while spool.store.ready() is not None and time.monotonic() < ends:
            await asyncio.sleep(0.05)
        assert (spool.store.ready(), spool.count("salvages_total")) == (None, 2)


async def test_what_damage_hides_is_read_after_a_salvage(sample: Sample, tmp_path: Path) -> None:
    """The root of the tree is lost under a reader: he gets every row all the same, and nothing is put aside."""
    copy = sample.copy(tmp_path / "var")
    async with started(copy.folder) as spool:
        overwrite_under_the_writer(copy.file, page_of(copy.file, btree.INTERIOR))
        numbers = sorted(sample.waiting)
        found, keys = await asyncio.gather(spool.store.fetch(numbers, 1 << 30), spool.store.keys(numbers))
        assert dict(found) == {number: sample.written[number] for number in numbers}
        assert keys == [sample.written[number].key for number in numbers]
        assert spool.count("salvages_total") == 1
        assert await spool.keep(record(500)) == range(max(sample.written) + 1, max(sample.written) + 2)


async def test_what_a_salvage_has_dealt_with_costs_no_group_more(sample: Sample, tmp_path: Path) -> None:
    """Another lane met the same damage and says so a moment later: nobody's commit fails for it."""
    copy = sample.copy(tmp_path / "var")
    async with started(copy.folder) as spool:
        overwrite_under_the_writer(copy.file, page_of(copy.file, btree.INTERIOR))
        await spool.store.fetch(sorted(sample.waiting), 1 << 30)
        await spool.database.report(sqlite3.DatabaseError("met before the salvage"))
        assert spool.registry.get_sample_value("sre_ingest_spool_errors_total", {"op": "append"}) == 1
        assert spool.count("salvages_total") == 1


async def test_rows_that_damage_kept_from_being_removed_are_removed_after_the_salvage(
    sample: Sample, tmp_path: Path
) -> None:
    """Delivered or put aside they are done with: left there, they would be delivered at the next start."""
    copy = sample.copy(tmp_path / "var")
    sent, refused = sorted(sample.waiting)[:2]
    async with started(copy.folder) as spool:
        overwrite_under_the_writer(copy.file, page_of(copy.file, btree.INTERIOR))
        await spool.store.release([sent])
        await spool.store.park([refused])
        async with asyncio.timeout(10):
            while spool.count("records") != len(sample.waiting) - 2:
                await asyncio.sleep(0.05)
        assert spool.count("salvages_total") == 1
    async with started(copy.folder) as spool:
        assert set(spool.numbers) == sample.waiting - {sent, refused}
    with closing(sqlite3.connect(copy.file)) as database:
        assert (refused,) in database.execute("SELECT number FROM parked").fetchall()


async def test_damage_that_pruning_meets_is_salvaged(open_log: OpenLog) -> None:
    """One append fails, and the log is mended: it takes records and prunes as before."""
    async with open_log(retention_bytes=20_000) as log:
        for number in range(19):
            await log.publisher.publish([record(number, size=1_000)])
        leaf = page_of(log.data_dir / FILE, btree.LEAF, 1)
        overwrite_under_the_writer(log.data_dir / FILE, leaf)
        outcomes = [(await log.publisher.publish([record(number, size=1_000)]))[0] for number in range(19, 40)]
        assert outcomes.count(Outcome.FAILED) == 1
        assert log.sample("salvages_total") == 1
