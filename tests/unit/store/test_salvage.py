"""A damaged file is set aside, what can be read of it is kept, and the start succeeds."""

import asyncio
import random
from collections.abc import Callable
from pathlib import Path

import pytest

from sre_ingest.store.pages import PAGE
from tests.unit.store.wrecks import Sample, make_sample, started

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
