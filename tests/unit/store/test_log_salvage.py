"""The embedded log after a salvage, and who reads beside it before."""

from pathlib import Path

import pytest

from sre_ingest.store import btree, pages
from sre_ingest.store.files import FILE, StoreError
from sre_ingest.store.reader import Gap, Missing
from tests.unit.store.conftest import OpenLog, record, records
from tests.unit.store.wrecks import overwrite, page_of

GIVEN = [record(n, size=400) for n in range(400)]


@pytest.fixture
async def damaged(open_log: OpenLog) -> Path:
    """A log whose first page is lost, and one of those that hold its records; the number of one of them is 201."""
    async with open_log() as log:
        await log.publisher.publish(GIVEN)
    path = log.data_dir / FILE
    overwrite(path, page_of(path, btree.LEAF, 201))
    overwrite(path, 1)
    return log.data_dir


async def test_the_gap_is_counted_and_the_rest_is_read(open_log: OpenLog, damaged: Path) -> None:
    """Numbers without a gap tell exactly how many records are lost, and the totals are those of what is left."""
    gaps: list[Gap] = []
    async with open_log() as log:
        found = await records(damaged, gaps)
        (gap,) = gaps
        assert gap.why is Missing.ABSENT
        assert gap.first <= 201 <= gap.last <= gap.first + 20
        assert found == [r for number, r in enumerate(GIVEN, 1) if not gap.first <= number <= gap.last]
        assert log.sample("corrupt_records_total") == gap.last - gap.first + 1
        assert (log.sample("records"), log.sample("salvages_total")) == (len(found), 1)
        await log.publisher.publish([record(400)])
        assert (await records(damaged, []))[-1] == record(400)


async def test_without_either_schema_the_log_is_still_the_log(open_log: OpenLog) -> None:
    """Its rows have the shape of the spool's; that there is no spool is told by the page of the last numbers."""
    async with open_log() as log:
        await log.publisher.publish(GIVEN)
    path = log.data_dir / FILE
    with pages.opened(path) as every:
        second = next(n for n in range(2, every.count + 1) if b"layout" in every.read(n))
    overwrite(path, second)
    overwrite(path, 1)
    async with open_log() as log:
        assert await records(log.data_dir) == GIVEN
        assert log.sample("salvages_total") == 1


async def test_lost_at_the_end_is_counted_too(open_log: OpenLog) -> None:
    """The last number that was given stands on a page of its own, and is never given again."""
    async with open_log() as log:
        await log.publisher.publish(GIVEN)
    path = log.data_dir / FILE
    overwrite(path, page_of(path, btree.LEAF, 400))
    async with open_log() as log:
        left = len(await records(log.data_dir, []))
        assert 380 < left < 400
        assert log.sample("corrupt_records_total") == 400 - left
        await log.publisher.publish([record(400)])
        gaps: list[Gap] = []
        assert (await records(log.data_dir, gaps))[-1] == record(400)
        assert gaps == [Gap(left + 1, 400, Missing.ABSENT)]


def names(folder: Path) -> set[str]:
    """What lies in it."""
    return {path.name for path in folder.iterdir()}


async def test_who_only_reads_is_told_and_changes_nothing(damaged: Path) -> None:
    """One sentence, with the remedy; setting aside is for the gateway, which has the lock."""
    before = (damaged / FILE).read_bytes()
    with pytest.raises(StoreError) as caught:
        await records(damaged)
    assert str(caught.value) == (
        f"{damaged / FILE} is damaged: start the gateway again, which sets the file aside and keeps what can be read "
        "of it."
    )
    assert (damaged / FILE).read_bytes() == before
    assert names(damaged) == {FILE, "lock", "reserve"}
