"""A damaged file is set aside, what can be read of it is kept, and the start succeeds."""

import asyncio
import random
import resource
import shutil
import sqlite3
import time
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from sre_ingest.store import btree, pages
from sre_ingest.store.files import FILE, StoreError
from sre_ingest.store.pages import PAGE
from tests.unit.store.conftest import record
from tests.unit.store.wrecks import Numbered, Sample, Spool, make_sample, overwrite, page_of, started

Damage = Callable[[bytearray, random.Random], None]


@pytest.fixture(scope="module")
def sample(tmp_path_factory: pytest.TempPathFactory) -> Sample:
    return asyncio.run(make_sample(tmp_path_factory.mktemp("sample") / "var"))


def flip(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 5, 20, 100))):
        content[chance.randrange(len(content))] ^= 1 << chance.randrange(8)


def smear(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 5))):
        at = chance.randrange(len(content) - 64)
        content[at : at + 64] = chance.randbytes(64)


def lose_pages(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 5))):
        at = chance.randrange(len(content) // PAGE) * PAGE
        content[at : at + PAGE] = bytes(PAGE) if chance.random() < 0.5 else chance.randbytes(PAGE)


def truncate(content: bytearray, chance: random.Random) -> None:
    del content[chance.randrange(1, len(content)) :]


def lose_the_first_page(content: bytearray, chance: random.Random) -> None:
    content[:PAGE] = bytes(PAGE) if chance.random() < 0.5 else chance.randbytes(PAGE)


def scribble_on_the_first_page(content: bytearray, chance: random.Random) -> None:
    for _ in range(chance.choice((1, 2, 10))):
        content[chance.randrange(120 if chance.random() < 0.5 else PAGE)] = chance.randrange(256)


@pytest.mark.parametrize("seed", range(25))
@pytest.mark.parametrize("damage", [flip, smear, lose_pages, truncate, lose_the_first_page, scribble_on_the_first_page])
async def test_what_lies_on_intact_pages_is_there(sample: Sample, tmp_path: Path, damage: Damage, seed: int) -> None:
    """Whatever bytes change: it starts, every row on intact pages is there under its number, nothing is invented."""
    places = sample.places()
    wreck = sample.copy(tmp_path / "var")
    before = wreck.file.read_bytes()
    content = bytearray(before)
    damage(content, random.Random(seed))  # noqa: S311
    wreck.file.write_bytes(content)
    hit = wreck.damaged_pages(before)
    safe = {number for number, on in places.items() if not on & hit}
    async with started(wreck.folder) as spool:
        found = await spool.readable()
        new = await spool.keep(sample.written[1])
        assert list(found) == sorted(found)
        assert found == {number: sample.written[number] for number in found}
        assert safe - set(found) == set()
        assert new[0] > max(sample.written)
        if spool.count("salvages_total"):
            (aside,) = wreck.folder.glob("*.damaged-*Z")
            assert aside.read_bytes() == bytes(content)


async def salvaged(folder: Path) -> tuple[Numbered, Spool]:
    """Start on a folder that needs it; what can be read then, and the spool, stopped."""
    async with started(folder) as spool:
        assert spool.count("salvages_total") == 1
        return await spool.readable(), spool


async def test_a_sound_file_is_left_alone(sample: Sample, tmp_path: Path) -> None:
    """No salvage, no side file, and what was asked of the disk is told."""
    copy = sample.copy(tmp_path / "var")
    async with started(copy.folder) as spool:
        assert set(await spool.readable()) == sample.waiting
        assert (spool.count("salvages_total"), spool.count("corrupt_records_total")) == (0, 0)
        assert 0 < spool.count("recovery_duration_seconds") < 5
    assert {path.name for path in copy.folder.iterdir()} == {FILE, "lock", "reserve"}


async def test_without_its_first_page_the_second_schema_tells_what_waits(sample: Sample, tmp_path: Path) -> None:
    """What was delivered does not come again, what was parked stays parked, and the numbers go on without a gap."""
    copy = sample.copy(tmp_path / "var")
    overwrite(copy.file, 1)
    async with started(copy.folder) as spool:
        assert set(await spool.readable()) == sample.waiting
        assert await spool.keep(record(1)) == range(max(sample.written) + 1, max(sample.written) + 2)
    with closing(sqlite3.connect(copy.file)) as database:
        assert database.execute("SELECT count(*) FROM parked").fetchone() == (1,)


async def test_without_either_schema_everything_comes(sample: Sample, tmp_path: Path) -> None:
    """Rows are known by their shape and their checksum; some that were done with come again, under their numbers."""
    copy = sample.copy(tmp_path / "var")
    overwrite(copy.file, 1)
    with pages.opened(copy.file) as every:
        second = next(n for n in range(2, every.count + 1) if b"layout" in every.read(n))
    overwrite(copy.file, second)
    found, _ = await salvaged(copy.folder)
    assert sample.waiting <= set(found) <= set(sample.written)
    assert list(found) == sorted(found)


async def test_what_lies_below_a_lost_page_is_found(sample: Sample, tmp_path: Path) -> None:
    """The root of the tree is gone: every row is there, and none that was done with: free pages are known."""
    copy = sample.copy(tmp_path / "var")
    overwrite(copy.file, page_of(copy.file, btree.INTERIOR))
    found, spool = await salvaged(copy.folder)
    assert set(found) == sample.waiting
    assert spool.count("corrupt_records_total") == 1


async def test_a_bad_row_is_set_aside(sample: Sample, tmp_path: Path) -> None:
    """A row that is still a row, but not what was written, is counted and lies in `parked`; its neighbours go on."""
    copy = sample.copy(tmp_path / "var")
    content = bytearray(copy.file.read_bytes())
    victim = sample.written[399].value
    content[content.index(b"key-398") + len(b"key-398") + 20] ^= 0xFF
    copy.file.write_bytes(content)
    overwrite(copy.file, 1)
    found, spool = await salvaged(copy.folder)
    assert victim not in {row.value for row in found.values()}
    assert set(found) == sample.waiting - {399}
    assert spool.count("corrupt_records_total") == 1
    with closing(sqlite3.connect(copy.file)) as database:
        assert database.execute("SELECT number FROM parked ORDER BY number").fetchall() == [(133,), (399,)]


async def test_the_write_ahead_log_is_part_of_the_database(sample: Sample, tmp_path: Path) -> None:
    """The file is damaged, and what was written last stands in the write-ahead log alone."""
    copy = sample.copy(tmp_path / "first")
    async with started(copy.folder) as spool:
        (new,) = await spool.keep(record(500))
        shutil.copytree(copy.folder, tmp_path / "var")
    overwrite(tmp_path / "var" / FILE, 1)
    with (tmp_path / "var" / FILE).open("r+b") as file:
        file.truncate(PAGE)
    found, _ = await salvaged(tmp_path / "var")
    assert found[new] == record(500)
    assert {path.name for path in (tmp_path / "var").glob("*.damaged-*Z-wal")} != set()


async def test_what_lies_behind_a_broken_frame_is_found(sample: Sample, tmp_path: Path) -> None:
    """SQLite drops without a word what follows the first frame that is not whole; those rows were acknowledged."""
    copy = sample.copy(tmp_path / "first")
    async with started(copy.folder) as spool:
        new = [number for n in range(500, 510) for number in await spool.keep(record(n, size=9_000 if n > 505 else 9))]
        shutil.copytree(copy.folder, tmp_path / "var")
    wal = tmp_path / "var" / f"{FILE}-wal"
    content = bytearray(wal.read_bytes())
    content[content.index(b"key-502")] ^= 1
    wal.write_bytes(content)
    found, _ = await salvaged(tmp_path / "var")
    assert set(new) <= set(found)
    assert sample.waiting <= set(found)


async def test_an_empty_file_beside_a_write_ahead_log(tmp_path: Path) -> None:
    """SQLite would take it for a new one, and delete the log."""
    async with started(tmp_path / "first") as spool:
        await spool.keep(record(1))
        shutil.copytree(tmp_path / "first", tmp_path / "var")
    (tmp_path / "var" / FILE).write_bytes(b"")
    found, _ = await salvaged(tmp_path / "var")
    assert found == {1: record(1)}


async def test_a_schema_that_is_no_text(sample: Sample, tmp_path: Path) -> None:
    """What SQLite says about it cannot be told as an error any more."""
    copy = sample.copy(tmp_path / "var")
    content = copy.file.read_bytes()
    copy.file.write_bytes(content.replace(b"tablespool", b"tabl\xff\xfe\xff\xff\xff\xff", 1))
    assert set((await salvaged(copy.folder))[0]) == sample.waiting


async def test_a_file_that_has_nothing_of_ours_is_set_aside(tmp_path: Path) -> None:
    """Somebody may still want it."""
    (tmp_path / "var").mkdir()
    (tmp_path / "var" / FILE).write_bytes(b"garbage " * 1_000)
    assert (await salvaged(tmp_path / "var"))[0] == {}
    (aside,) = (tmp_path / "var").glob("*.damaged-*Z")
    assert aside.read_bytes() == b"garbage " * 1_000


@pytest.mark.parametrize("moved", [0, 1, 2])
async def test_a_salvage_that_was_cut_short_is_finished(sample: Sample, tmp_path: Path, moved: int) -> None:
    """The process ended after so many of the moves: the next start makes the rest of them."""
    copy = sample.copy(tmp_path / "var")
    new = copy.file.rename(copy.folder / f"{FILE}.salvaged")
    copy.file.write_bytes(b"damaged")
    wal = copy.folder / f"{FILE}-wal"
    wal.write_bytes(b"of the damaged")
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(new.stat().st_mtime))
    aside = copy.folder / f"{FILE}.damaged-{moment}"
    for path, to in [(copy.file, aside), (wal, aside.with_name(f"{aside.name}-wal"))][:moved]:
        path.rename(to)
    (copy.folder / f"{FILE}.partial").write_bytes(b"of an earlier attempt")
    async with started(copy.folder) as spool:
        assert set(await spool.readable()) == sample.waiting
    assert aside.read_bytes() == b"damaged"
    assert aside.with_name(f"{aside.name}-wal").read_bytes() == b"of the damaged"
    assert {path.name for path in copy.folder.iterdir()} == {FILE, "lock", "reserve", aside.name, f"{aside.name}-wal"}


async def test_without_room_for_the_new_one_the_damaged_one_stays(sample: Sample, tmp_path: Path) -> None:
    """One sentence with the remedy, and nothing has moved; with room the next start succeeds."""
    copy = sample.copy(tmp_path / "var")
    overwrite(copy.file, 1)
    before = copy.file.read_bytes()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
    try:
        with pytest.raises(StoreError, match=r"There is no room left for .*: free space on its disk\.|answered with"):
            await Spool(copy.folder).store.start(lambda _: None)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert copy.file.read_bytes() == before
    assert {path.name for path in copy.folder.iterdir()} == {FILE, "lock", "reserve"}
    assert set((await salvaged(copy.folder))[0]) == sample.waiting
