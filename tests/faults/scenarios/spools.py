"""The spool's file: damaged between two runs, and written by an earlier version."""

import asyncio
import gzip
import random
import shutil
from collections.abc import Callable
from itertools import islice
from pathlib import Path

from tests.faults.checker import ledger
from tests.faults.checker.items import Item, bodies
from tests.faults.checker.ledger import Books
from tests.faults.checker.row import Row
from tests.faults.checker.trial import Ground, Trial
from tests.faults.checker.verdict import Missing
from tests.parts.relay import Door

FORMATS = Path(__file__).parents[1] / "formats"
"""One spool of each format, with what `sample` sends in it; `python -m tests.faults.scenarios.formats` adds one."""
_HARMED = 5
_PAGE = 4096

Harm = Callable[[bytearray, list[Item], random.Random], frozenset[Item]]
"""Damages the content of a file in which these items lie; which of them it destroyed."""


async def corrupt(ground: Ground) -> Row:
    """Bytes flipped in rows of the spool: the gateway starts, sets those rows aside, and delivers all others."""
    row, books = await _harmed(ground, _flip)
    aside = [] if books.parked == row.faults else [f"{row.faults} rows were harmed and {books.parked} set aside"]
    before = ledger.imbalances(books, before=row.verdict.acknowledged)
    return Row(row.verdict, row.faults, [f"{books.parked} rows set aside"], [*aside, *before])


async def truncated(ground: Ground) -> Row:
    """The spool's file cut off: the gateway starts, salvages it, and delivers every row in what is left."""
    row, books = await _harmed(ground, _cut_off)
    complaints = [] if books.salvages == 1 else [f"{books.salvages} salvages"]
    return Row(row.verdict, 1, [f"{row.faults} items cut off, {books.seen_off} delivered"], complaints)


async def upgrade(ground: Ground) -> Row:
    """A spool of every format so far is read and drained by this version."""
    kept = sorted(FORMATS.glob("*.db.gz"))
    for number, file in enumerate(kept):
        _file(ground).parent.mkdir(exist_ok=True)
        with gzip.open(file) as packed, _file(ground).open("wb") as database:
            shutil.copyfileobj(packed, database)
        trial = Trial(ground, await ground.new_topic())
        items = sample()
        trial.history.begin(items, 0.0)
        trial.history.done.update(dict.fromkeys(items, 0.0))
        async with trial:
            books = await trial.drained()
        verdict = await trial.conclude()
        complaints = ledger.imbalances(books, before=len(items))
        if verdict.broken or complaints or number == len(kept) - 1:
            return Row(verdict, len(kept), [f"formats: {len(kept)}"], complaints)
    raise FileNotFoundError(f"there is no spool in {FORMATS}")


def sample() -> list[Item]:
    """What lies in each of the files."""
    return [item for body in islice(bodies(16, 0), 10) for item in body.items]


async def _harmed(ground: Ground, harm: Harm) -> tuple[Row, Books]:
    """A spool filled with Kafka away, harmed while nobody has it open, and drained; and the books of the second run."""
    with Door(ground.kafka) as door:
        trial = Trial(ground, await ground.new_topic(), door.settings)
        async with trial, trial.load():
            await asyncio.sleep(ground.seconds)
        content = bytearray(_file(ground).read_bytes())
        destroyed = harm(content, sorted(trial.history.done), random.Random(ground.seed))  # noqa: S311
        _file(ground).write_bytes(content)
        door.open()
        async with trial:
            books = await trial.drained()
    return Row(await trial.conclude(Missing(destroyed=destroyed)), len(destroyed)), books


def _file(ground: Ground) -> Path:
    return ground.folder / "data" / "sre-ingest.db"


def _flip(content: bytearray, items: list[Item], chance: random.Random) -> frozenset[Item]:
    """A bit in the rows of some of these items."""
    harmed = frozenset(chance.sample(items, _HARMED))
    for item in harmed:
        at = content.find(item.word.encode())
        while at >= 0:  # a page that was given up may hold it, too
            content[at] ^= 0x40
            at = content.find(item.word.encode(), at)
    return harmed


def _cut_off(content: bytearray, items: list[Item], chance: random.Random) -> frozenset[Item]:
    """Everything from somewhere in the second half; a page of which a part is left is no page any more."""
    at = chance.randrange(len(content) // 2, len(content))
    del content[at:]
    whole = bytes(content[: at // _PAGE * _PAGE])
    return frozenset(item for item in items if item.word.encode() not in whole)
