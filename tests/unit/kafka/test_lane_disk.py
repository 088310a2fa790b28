"""A lane whose spool is full, or damaged while records wait in it."""

import asyncio
from pathlib import Path

import pytest

from sre_ingest.publishing import Outcome
from sre_ingest.store import btree, writer
from sre_ingest.store.files import FILE
from tests.unit.kafka.lines import SOON, Line, quiet, running
from tests.unit.kafka.roads import put
from tests.unit.store.wrecks import overwrite_under_the_writer, page_of

ROWS = 120


def delivered(line: Line) -> list[int]:
    """What Kafka took, in the order in which it came."""
    return [int.from_bytes(value[:2]) for batch in line.road.batches for value in batch]


async def outage(line: Line, first: int) -> None:
    """Kafka is away; so many records come and wait on the disk."""
    line.road.opened.clear()
    values = [number.to_bytes(2) + bytes(200) for number in range(first, first + ROWS)]
    assert await put(line.lane, *values, within=SOON).answer == [Outcome.STORED] * ROWS


async def test_a_full_spool_refuses_and_recovers(tmp_path: Path) -> None:
    """The byte limit: what does not fit is FAILED, for the sender to send again; room comes back with delivery."""
    async with running(tmp_path, max_bytes=1_000) as line:
        line.road.opened.clear()
        assert await put(line.lane, bytes(900), within=SOON).answer == [Outcome.STORED]
        assert await put(line.lane, bytes(900)).answer == [Outcome.FAILED]
        line.road.verdict = lambda _: None
        line.road.opened.set()
        await line.empty()
        assert await put(line.lane, bytes(900)).answer == [Outcome.ACKED]


async def test_a_spool_damaged_twice_while_it_runs_delivers_all_once_and_in_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The root of the tree is lost, and once more after a while: every record arrives, none is put aside."""
    monkeypatch.setattr(writer, "MENDING_SECONDS", 2.0)
    async with running(tmp_path) as line:
        line.road.verdict = lambda _: None
        for first in (0, ROWS):
            await outage(line, first)
            overwrite_under_the_writer(tmp_path / FILE, page_of(tmp_path / FILE, btree.INTERIOR))
            line.road.opened.set()
            await line.empty()
            await asyncio.sleep(writer.MENDING_SECONDS)
        assert delivered(line) == list(range(2 * ROWS))
        assert (line.count("salvages_total"), line.count("parked_records_total")) == (2, 0)
        assert line.road.failures == [], "no producer is to blame"


async def test_rows_on_a_lost_page_are_missed_and_their_neighbours_delivered(tmp_path: Path) -> None:
    """Told by a metric, and each of the others arrives once, in order."""
    async with running(tmp_path) as line:
        line.road.verdict = lambda _: None
        await outage(line, 0)
        overwrite_under_the_writer(tmp_path / FILE, page_of(tmp_path / FILE, btree.LEAF, ROWS // 2))
        line.road.opened.set()
        await line.empty()
        found = delivered(line)
        assert found == sorted(set(found))
        assert ROWS - 30 < len(found) < ROWS
        assert (line.count("corrupt_records_total") or 0) >= ROWS - len(found)


async def test_no_producer_is_replaced_for_a_disk_that_cannot_be_read(tmp_path: Path) -> None:
    """The lane looks again until it can be; what waits in other lanes is not held up."""
    async with running(tmp_path) as line:
        await outage(line, 0)
        aside = (tmp_path / FILE).rename(tmp_path / "aside")
        line.road.opened.set()
        await quiet()
        aside.rename(tmp_path / FILE)
        line.road.verdict = lambda _: None
        await line.empty()
        assert delivered(line) == list(range(ROWS))
        assert line.road.failures == []
