"""The spool's file: damaged between two runs, and written by an earlier version."""

import asyncio
import gzip
import random
import shutil
from itertools import islice
from pathlib import Path

from tests.faults.checker import ledger
from tests.faults.checker.items import Item, bodies
from tests.faults.checker.row import Row
from tests.faults.checker.trial import Ground, Trial

FORMATS = Path(__file__).parents[1] / "formats"
"""One spool of each format, with what `sample` sends in it; `python -m tests.faults.scenarios.formats` adds one."""
_HARMED = 5


async def corrupt(ground: Ground) -> Row:
    """Bytes flipped in rows of the spool: the gateway starts, sets those rows aside, and delivers all others."""
    topic = await ground.new_topic()
    await asyncio.to_thread(ground.cluster.stop)
    trial = Trial(ground, topic)
    async with trial, trial.load():
        await asyncio.sleep(ground.seconds)
    harmed = _flip(_file(ground), sorted(trial.history.done), random.Random(ground.seed))  # noqa: S311
    await asyncio.to_thread(ground.cluster.start)
    async with trial:
        books = await trial.drained()
    verdict = await trial.conclude(excused=harmed)
    complaints = ledger.imbalances(books, before=len(trial.history.done))
    if books.parked != len(harmed):
        complaints.append(f"{len(harmed)} rows were harmed and {books.parked} set aside")
    return Row(verdict, len(harmed), [f"{books.parked} rows set aside"], complaints)


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


def _file(ground: Ground) -> Path:
    return ground.folder / "data" / "sre-ingest.db"


def _flip(file: Path, items: list[Item], chance: random.Random) -> frozenset[Item]:
    """Flip a bit in the rows of some of these items; which they were."""
    content = bytearray(file.read_bytes())
    harmed = frozenset(chance.sample(items, _HARMED))
    for item in harmed:
        at = content.find(item.word.encode())
        while at >= 0:  # a page that was given up may hold it, too
            content[at] ^= 0x40
            at = content.find(item.word.encode(), at)
    file.write_bytes(content)
    return harmed
