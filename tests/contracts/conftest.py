"""Every publisher there is. A new one adds its factory to PUBLISHERS and passes the suite."""

import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from prometheus_client import CollectorRegistry

from sre_ingest.kafka import ERRORS, Connection, KafkaPublisher
from sre_ingest.metrics import KafkaMetrics, LogMetrics
from sre_ingest.publishing import MemoryPublisher, Record
from sre_ingest.store.database import Database
from sre_ingest.store.log import LogPublisher
from sre_ingest.store.reader import read as read_log
from tests.contracts.subjects import Subject
from tests.parts.topics import consume, create_topic, delete_topic


@asynccontextmanager
async def memory(_: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    publisher = MemoryPublisher()

    async def read(_: int) -> list[Record]:
        return publisher.records

    await publisher.start()
    yield Subject(publisher, read)


@asynccontextmanager
async def kafka(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    servers: str = request.getfixturevalue("kafka")
    topic = await create_topic(servers, partitions=3)
    metrics = KafkaMetrics(CollectorRegistry(), errors=ERRORS)
    # The suite asks for order and outcomes, not for speed: a busy machine must not turn it red.
    publisher = KafkaPublisher(Connection(servers), topic=topic, publish_timeout=30.0, metrics=metrics)

    async def read(count: int) -> list[Record]:
        messages = await consume(servers, topic, count)
        return [Record(message.key, tuple(message.headers), message.value) for message in messages]

    await publisher.start()
    yield Subject(publisher, read, stop_within=15.0)
    await publisher.stop()
    await delete_topic(servers, topic)


@asynccontextmanager
async def log(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    data_dir = request.getfixturevalue("tmp_path") / "var"
    metrics = LogMetrics(CollectorRegistry())
    # As above: the deadline is the store's own tests' business.
    database = Database(data_dir, metrics, deadline=30.0)
    publisher = LogPublisher(database, metrics, clock=time.time_ns)

    async def read(_: int) -> list[Record]:
        return [record async for record in read_log(data_dir, from_beginning=True, follow=False)]

    await publisher.start()
    yield Subject(publisher, read, stop_within=5.0)
    await publisher.stop()


PUBLISHERS: dict[str, Callable[[pytest.FixtureRequest], AbstractAsyncContextManager[Subject]]] = {
    "memory": memory,
    "kafka": kafka,
    "log": log,
}


@pytest.fixture(params=sorted(PUBLISHERS))
async def subject(request: pytest.FixtureRequest) -> AsyncIterator[Subject]:
    async with PUBLISHERS[request.param](request) as made:
        yield made
