"""A lane with its spool on a real disk, and a road whose every move the test decides."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from pathlib import Path

from prometheus_client import CollectorRegistry

from sre_ingest.kafka.failures import ERRORS
from sre_ingest.kafka.lane import Lane
from sre_ingest.metrics import KafkaMetrics, SpoolMetrics
from sre_ingest.store.database import Database
from sre_ingest.store.spool import StoreSpool
from tests.unit.kafka.roads import SimulatedRoad

SOON = 0.02
"""Seconds after which Kafka is late, in a test."""


class Line:
    """One lane with its road, its spool and what is counted."""

    def __init__(self, folder: Path, max_bytes: int) -> None:
        self.registry = CollectorRegistry()
        metrics = SpoolMetrics(self.registry)
        self.spool = StoreSpool(
            Database(folder, metrics, deadline=20.0), folder, metrics, clock=lambda: 1, max_bytes=max_bytes
        )
        self.road = SimulatedRoad()
        self.lane = Lane(0, self.road, self.spool, KafkaMetrics(self.registry, errors=ERRORS))

    def count(self, name: str) -> float | None:
        """One metric of the spool."""
        return self.registry.get_sample_value(f"sre_ingest_spool_{name}")

    async def batch(self, number: int) -> list[bytes]:
        """A batch, as soon as it is handed over."""
        await until(lambda: len(self.road.batches) > number)
        return self.road.batches[number]

    async def empty(self) -> None:
        """Wait until nothing lies in the spool."""
        await until(lambda: not self.lane.turned and self.count("records") == 0)


@asynccontextmanager
async def running(folder: Path, max_bytes: int = 1 << 20) -> AsyncIterator[Line]:
    """A line on this folder, which another line may have left."""
    line = Line(folder, max_bytes)
    await line.spool.start(line.lane.adopt)
    task = asyncio.create_task(line.lane.run())
    try:
        yield line
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task
        await line.lane.settled()
        await line.spool.stop()


async def until(holds: Callable[[], bool]) -> None:
    """Wait for what a disk has a part in."""
    async with asyncio.timeout(20):
        while not holds():
            await asyncio.sleep(0.005)


async def quiet() -> None:
    """Time in which a mistake would show."""
    await asyncio.sleep(0.1)
