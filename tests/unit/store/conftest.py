"""A log on a real disk, and the metrics it reports to."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from sre_ingest.metrics import LogMetrics
from sre_ingest.publishing import Record
from sre_ingest.store.database import Database
from sre_ingest.store.log import LogPublisher
from sre_ingest.store.reader import Gap, read


class Log:
    """A started log with what a test asks of it."""

    def __init__(self, data_dir: Path, retention_bytes: int, deadline: float, queue_bytes: int) -> None:
        self.data_dir = data_dir
        self.registry = CollectorRegistry()
        self.metrics = LogMetrics(self.registry)
        self.database = Database(
            data_dir, self.metrics, deadline=deadline, queue_bytes=queue_bytes, stop_within=deadline
        )
        self.publisher = LogPublisher(
            self.database, self.metrics, clock=lambda: 1_700_000_000_000_000_000, retention_bytes=retention_bytes
        )

    def sample(self, name: str, **labels: str) -> float:
        """The value of a metric."""
        value = self.registry.get_sample_value(f"sre_ingest_log_{name}", labels)
        assert value is not None, name
        return value


OpenLog = Callable[..., AbstractAsyncContextManager[Log]]


@pytest.fixture
def open_log(tmp_path: Path) -> OpenLog:
    """Opens a log in `tmp_path / "var"`, again and again if need be, and stops it."""

    @asynccontextmanager
    async def opened(
        retention_bytes: int = 1 << 30, deadline: float = 5.0, queue_bytes: int = 1 << 26
    ) -> AsyncIterator[Log]:
        log = Log(tmp_path / "var", retention_bytes, deadline, queue_bytes)
        await log.publisher.start()
        try:
            yield log
        finally:
            await log.publisher.stop()

    return opened


def record(number: int, size: int = 10) -> Record:
    """A record that is known by its number."""
    return Record(f"key-{number}".encode(), (("ce_id", str(number).encode()),), b"v" * size)


async def records(data_dir: Path, gaps: list[Gap] | None = None) -> list[Record]:
    """Everything in the log; fails on a gap unless a list for gaps is given."""
    met: list[Gap] = []
    found = [r async for r in read(data_dir, from_beginning=True, follow=False, on_gap=met.append)]
    if gaps is None:
        assert met == []
    else:
        gaps.extend(met)
    return found
