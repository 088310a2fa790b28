"""Reading beside the gateway: everything that can be read, in order, and a word about everything that cannot."""

import asyncio
import sqlite3
import sys
from contextlib import aclosing, closing
from pathlib import Path

import pytest

from sre_ingest.publishing import Record
from sre_ingest.store.files import FILE, StoreError
from sre_ingest.store.reader import Gap, Missing, read
from tests.unit.store.conftest import OpenLog, record, records

_APPENDER = Path(__file__).parents[2] / "faults" / "appender.py"


def change(data_dir: Path, statement: str) -> None:
    """Change the rows behind the log's back."""
    with closing(sqlite3.connect(data_dir / FILE)) as database, database:
        database.execute(statement)


async def test_without_a_database_one_sentence(tmp_path: Path) -> None:
    """And no file is made by looking for one."""
    with pytest.raises(StoreError) as caught:
        await records(tmp_path)
    assert str(caught.value) == (
        f"There is no log in {tmp_path} yet: start the gateway with this data directory first."
    )
    assert not (tmp_path / FILE).exists()


async def test_a_damaged_row_is_told_and_the_rest_is_read(open_log: OpenLog) -> None:
    """Each column, by one byte."""
    async with open_log() as log:
        await log.publisher.publish([record(n) for n in range(8)])
        change(log.data_dir, "UPDATE log SET value = CAST('vvvvvvvvvx' AS BLOB) WHERE number = 2")
        change(log.data_dir, "UPDATE log SET key = CAST('kez-3' AS BLOB) WHERE number = 4")
        change(log.data_dir, "UPDATE log SET headers = zeroblob(4) WHERE number = 6")
        change(log.data_dir, "UPDATE log SET crc = crc + 1 WHERE number = 8")
        gaps: list[Gap] = []
        assert await records(log.data_dir, gaps) == [record(n) for n in (0, 2, 4, 6)]
        assert gaps == [Gap(n, n, Missing.DAMAGED) for n in (2, 4, 6, 8)]
        assert str(gaps[0]) == "Records 2 to 2 of the log are damaged."


async def test_numbers_that_are_not_there_are_noticed(open_log: OpenLog) -> None:
    """A gap between rows; what was pruned from the front before the reader came is none."""
    async with open_log() as log:
        await log.publisher.publish([record(n) for n in range(8)])
        change(log.data_dir, "DELETE FROM log WHERE number IN (1, 4, 5)")
        gaps: list[Gap] = []
        assert await records(log.data_dir, gaps) == [record(n) for n in (1, 2, 5, 6, 7)]
        assert gaps == [Gap(4, 5, Missing.ABSENT)]


async def test_a_damaged_page_costs_its_rows_only(open_log: OpenLog) -> None:
    """SQLite refuses the page; the reader passes over it."""
    given = [record(n, size=400) for n in range(400)]
    async with open_log() as log:
        await log.publisher.publish(given)
    path = log.data_dir / FILE
    content = bytearray(path.read_bytes())
    hit = content.index(b"key-200")
    content[hit // 4096 * 4096 : hit // 4096 * 4096 + 64] = b"\xff" * 64
    path.write_bytes(content)
    gaps: list[Gap] = []
    found = await records(log.data_dir, gaps)
    (gap,) = gaps
    assert gap.why is Missing.DAMAGED
    assert gap.first <= 201 <= gap.last <= gap.first + 20
    assert found == [r for number, r in enumerate(given, 1) if not gap.first <= number <= gap.last]


async def test_more_than_a_batch(open_log: OpenLog) -> None:
    """Two thousand records, and some megabytes, in order."""
    given = [*(record(n) for n in range(1_999)), *(record(n, size=2_000_000) for n in range(5))]
    async with open_log() as log:
        await log.publisher.publish(given)
        assert await records(log.data_dir) == given


async def test_follow_sees_what_another_process_appends(open_log: OpenLog, tmp_path: Path) -> None:
    """Begun on an empty log, at its end, without a lock."""
    async with open_log():
        pass
    found: list[Record] = []
    following = read(tmp_path / "var", from_beginning=False, follow=True, poll=0.02)
    async with asyncio.timeout(30), aclosing(following):
        first = asyncio.ensure_future(anext(following))
        await asyncio.sleep(0.2)
        child = await asyncio.create_subprocess_exec(
            sys.executable, _APPENDER, tmp_path / "var", "1", "25", stdout=asyncio.subprocess.DEVNULL
        )
        found.append(await first)
        while len(found) < 25:
            found.append(await anext(following))
        assert await child.wait() == 0
    assert [int(r.key) for r in found] == list(range(25))


async def test_who_reads_too_slowly_learns_what_was_pruned(open_log: OpenLog) -> None:
    """The log makes room without asking its readers."""
    async with open_log(retention_bytes=5_000) as log:
        await log.publisher.publish([record(0)])
        gaps: list[Gap] = []
        async with aclosing(
            read(log.data_dir, from_beginning=True, follow=True, poll=0.01, on_gap=gaps.append)
        ) as following:
            assert await anext(following) == record(0)
            for number in range(1, 11):
                await log.publisher.publish([record(number, size=900)])
            seen = await anext(following)
    assert gaps == [Gap(2, int(seen.key.removeprefix(b"key-")), Missing.PRUNED)]
