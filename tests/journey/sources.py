"""The two logs that a consumer may read, with what a test asks of either: to tell its records and to take more."""

import asyncio
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from prometheus_client import CollectorRegistry

from sre_ingest.app import now
from sre_ingest.metrics import LogMetrics
from sre_ingest.publishing import Outcome, Record
from sre_ingest.store import reader
from sre_ingest.store.database import Database
from sre_ingest.store.log import LogPublisher
from tests.parts.topics import consume


class Source(Protocol):
    """Where a gateway publishes and a consumer reads."""

    @property
    def settings(self) -> dict[str, str]:
        """What makes a gateway publish here."""

    @property
    def arguments(self) -> tuple[str, ...]:
        """What makes the example consumer read here."""

    async def records(self, count: int) -> list[Record]:
        """All records, once there are `count` of them; in order for each key."""

    async def append(self, records: Sequence[Record]) -> None:
        """Write these, in this order, while no gateway runs."""


class EmbeddedLog:
    """The log of a gateway without Kafka."""

    def __init__(self, data_dir: Path) -> None:
        self._data_dir = data_dir
        self.settings = {"DATA_DIR": str(data_dir)}
        self.arguments = ("--log", str(data_dir))

    async def records(self, count: int) -> list[Record]:
        """All records; there must be `count` of them, because nothing is on its way."""
        found = [record async for record in reader.read(self._data_dir, from_beginning=True, follow=False)]
        assert len(found) == count
        return found

    async def append(self, records: Sequence[Record]) -> None:
        """Write these as a gateway does."""
        metrics = LogMetrics(CollectorRegistry())
        log = LogPublisher(Database(self._data_dir, metrics), metrics, clock=now)
        await log.start()
        outcomes = await log.publish(records)
        await log.stop()
        assert set(outcomes) == {Outcome.STORED}


class Topic:
    """A topic of a real broker, and the consumer group of one test."""

    def __init__(self, bootstrap_servers: str, name: str) -> None:
        self._bootstrap_servers, self._name = bootstrap_servers, name
        self.group = f"group-of-{name}"
        self.settings = {"KAFKA__BOOTSTRAP_SERVERS": bootstrap_servers, "KAFKA__TOPIC": name}
        self.arguments = ("--kafka", bootstrap_servers, "--topic", name, "--group", self.group)

    async def records(self, count: int) -> list[Record]:
        """All records, once there are `count` of them."""
        found = await consume(self._bootstrap_servers, self._name, count)
        return [Record(one.key, one.headers, one.value) for one in found]

    async def append(self, records: Sequence[Record]) -> None:
        """Write these, each to the partition of its key."""
        async with AIOKafkaProducer(bootstrap_servers=self._bootstrap_servers, acks="all") as producer:
            for one in records:
                await producer.send_and_wait(self._name, one.value, key=one.key, headers=list(one.headers))

    async def until_committed(self, within: float = 30.0) -> None:
        """Wait until the group has committed every record; TimeoutError after `within` seconds."""
        async with asyncio.timeout(within):
            while await self.uncommitted():
                await asyncio.sleep(0.2)

    async def uncommitted(self) -> int:
        """How many records the group has not committed."""
        partitions = [TopicPartition(self._name, number) for number in range(3)]
        async with AIOKafkaConsumer(bootstrap_servers=self._bootstrap_servers, group_id=self.group) as consumer:
            ends = await consumer.end_offsets(partitions)
            return sum([ends[one] - (await consumer.committed(one) or 0) for one in partitions])
