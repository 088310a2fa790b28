"""A program that fills a disk through the spool and delivers what it kept: `filler.py FOLDER SIZE`.

Another file takes the rest of the disk meanwhile, and some of the reserve. Two thirds of what was kept are delivered,
then all of it. It prints one JSON object: how many records of SIZE bytes were kept at each step, and what was said.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from prometheus_client import CollectorRegistry

from sre_ingest.metrics import SpoolMetrics
from sre_ingest.publishing import Outcome, Record
from sre_ingest.store.database import Database
from sre_ingest.store.spool import StoreSpool

FIRST_BYTES = 24 << 20
"""Kept before the other file comes, and offered at once when it is there."""
LEFT_BYTES = 5 << 20
"""Left on the disk when the spool has given up its reserve: too little for another one."""
AT_ONCE = 3


class Filler:
    """A spool, and the numbers of what is in it."""

    def __init__(self, folder: Path, size: int) -> None:
        self.registry = CollectorRegistry()
        metrics = SpoolMetrics(self.registry)
        data_dir = folder / "data"
        database = Database(data_dir, metrics, deadline=20.0)
        self.spool = StoreSpool(database, data_dir, metrics, clock=time.time_ns, max_bytes=1 << 30)
        self.record = Record(b"key", (), b"v" * size)
        self.numbers: list[int] = []

    async def fill(self, most: int = sys.maxsize, at_once: int = AT_ONCE) -> int:
        """Keep records, some at a time, until one is refused or there are so many; how many were kept."""
        before = len(self.numbers)
        refused = False
        while not refused and len(self.numbers) - before < most:
            some = await asyncio.gather(*(self.spool.keep([self.record], _adopt) for _ in range(at_once)))
            self.numbers += sorted(number for kept in some for number in kept.numbers)
            refused = any(kept.outcome is not Outcome.STORED for kept in some)
        return len(self.numbers) - before

    async def deliver(self, count: int) -> None:
        """Read and release the oldest, and wait until the disk has deleted them."""
        batch, self.numbers = self.numbers[:count], self.numbers[count:]
        for at in range(0, count, 20):
            part = batch[at : at + 20]
            assert all(record == self.record for _, record in await self.spool.fetch(part, 1 << 30))
            await self.spool.release(part)
        async with asyncio.timeout(20):
            while self.registry.get_sample_value("sre_ingest_spool_records") != len(self.numbers):
                await asyncio.sleep(0.05)


def _adopt(numbers: Sequence[int]) -> None:
    """Nobody delivers by himself."""


def take_all_but(left: int, folder: Path) -> None:
    """Another program's file grows until the disk has no more than so many bytes left."""
    with suppress(OSError), (folder / "other").open("ab", buffering=0) as file:
        while (free := os.statvfs(folder)).f_bavail * free.f_frsize > left:
            file.write(bytes(4096))


async def main(folder: Path, size: int) -> None:
    """Fill, deliver half, fill, deliver all, fill again."""
    filler = Filler(folder, size)
    await filler.spool.start(_adopt)
    first = await filler.fill(FIRST_BYTES // size)
    take_all_but(0, folder)
    first += await filler.fill(at_once=FIRST_BYTES // size)
    full = filler.spool.ready()
    take_all_but(LEFT_BYTES, folder)
    await filler.deliver(len(filler.numbers) * 2 // 3)
    halved = filler.spool.ready()
    second = await filler.fill()
    await filler.deliver(len(filler.numbers))
    async with asyncio.timeout(20):
        while filler.spool.ready():
            await asyncio.sleep(0.05)
    third = await filler.fill(FIRST_BYTES // size // 2)
    await filler.spool.stop()
    print(json.dumps({"kept": [first, second, third], "full": full, "halved": halved}))


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
