"""Who follows the topic, when it is not the topic any more that it was."""

import asyncio
from collections.abc import Iterable

from aiokafka import AIOKafkaProducer
from structlog.testing import capture_logs

from sre_ingest.kafka import Connection, Follower
from sre_ingest.kafka.follower import Placed
from sre_ingest.sdk.times import Instant
from tests.parts.topics import create_topic, delete_topic

WITHIN = 30.0


class Listener:
    """Counts what it is told of."""

    def __init__(self) -> None:
        self.told = 0
        self.closely = False

    def reached(self) -> None:
        """The topic answers."""

    def recall(self, records: Iterable[Placed]) -> None:
        """Count them."""
        self.told += len(list(records))

    def recalled(self) -> None:
        """All of those."""

    def see(self, _: int, records: Iterable[Placed]) -> None:
        """Count them, too."""
        self.told += len(list(records))

    def follows(self, closely: bool) -> None:
        """Remember."""
        self.closely = closely

    async def until(self, told: int) -> None:
        """Wait until so many were told, and no more are expected."""
        async with asyncio.timeout(WITHIN):
            while self.told < told or not self.closely:
                await asyncio.sleep(0.05)


async def produce(bootstrap_servers: str, topic: str, count: int) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers) as producer:
        for number in range(count):
            await producer.send_and_wait(topic, str(number).encode())


async def test_a_topic_that_begins_anew_is_read_from_its_beginning(kafka: str) -> None:
    """Deleted and made again, shorter than it was: what is on it is told all the same, and the log says so."""
    topic = await create_topic(kafka, partitions=1)
    listener = Listener()
    follower = Follower(Connection(kafka), topic, listener, since=Instant(0), clock=lambda: Instant(0))
    with capture_logs() as logs:
        following = asyncio.create_task(follower.run())
        await produce(kafka, topic, 5)
        await listener.until(5)
        await delete_topic(kafka, topic)
        await create_topic(kafka, partitions=1, name=topic)
        await produce(kafka, topic, 2)
        await listener.until(7)
        following.cancel()
        await asyncio.wait({following})
    assert [log["partition"] for log in logs if log["event"] == "topic_began_anew"] == [0]
    assert listener.told == 7
