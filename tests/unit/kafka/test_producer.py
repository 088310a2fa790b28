"""The end of a producer, when it does not want to end; and the producer's own promises on a real broker."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka import errors as kafka_errors

from sre_ingest.kafka import Connection
from sre_ingest.kafka.failures import InvalidRecordError, judge
from sre_ingest.kafka.producer import CLOSE_TIMEOUT, Link, connect
from sre_ingest.kafka.topics import Topic, describe
from sre_ingest.publishing import Record
from tests.parts.topics import consume, create_topic


class _Client:
    def __init__(self) -> None:
        self.closed = False

    async def send(self, node_id: int, request: object) -> str:
        return "answer"

    async def close(self) -> None:
        self.closed = True


class _Hanging:
    """A producer whose `stop` never returns, as aiokafka's with a batch that no broker answers."""

    def __init__(self) -> None:
        self.client = _Client()

    async def stop(self) -> None:
        await asyncio.Event().wait()


async def test_a_producer_that_does_not_stop_is_cut_off() -> None:
    """The link counts as closed within a bound, its connections are closed, and nothing can be sent any more."""
    producer = _Hanging()
    link = Link(producer, Topic("topic", 1, 1, {}))
    async with asyncio.timeout(CLOSE_TIMEOUT + 5):
        await link.close()
    assert link.closed.done()
    assert producer.client.closed
    with pytest.raises(kafka_errors.ProducerClosed):
        await producer.client.send(1, "request")


async def test_an_acknowledgement_is_that_of_all_replicas(kafka: str, topic: str) -> None:
    """What the client would send: `acks` is -1, Kafka's word for all, and not the client's default of one."""
    connection = Connection(kafka)
    link = await connect(connection, await describe(connection, topic))
    assert link._producer._sender._acks == -1
    await link.close()


async def test_a_closed_link_takes_nothing(kafka: str, topic: str) -> None:
    """What is handed over after the end is refused, not lost in a queue."""
    connection = Connection(kafka)
    link = await connect(connection, await describe(connection, topic))
    assert await link.probe(5.0) is None
    assert (link.partitions, link.leads(0), link.leads(99)) == (3, True, False)
    await (await link.hand_over(0, [Record(b"key", (), b"1")]))
    await link.close()
    with pytest.raises(kafka_errors.ProducerClosed):
        await link.hand_over(0, [Record(b"key", (), b"2")])
    assert [message.value for message in await consume(kafka, topic, 1)] == [b"1"]


async def test_a_record_that_the_topic_forbids_is_named(kafka: str) -> None:
    """A compacted topic takes no record without a key: its error is one of the record, which is refused for good."""
    name = await create_topic(kafka, settings={"cleanup.policy": "compact"})
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all") as producer:
        with pytest.raises(InvalidRecordError) as refusal:
            await producer.send_and_wait(name, b"value")
    assert judge(refusal.value).refused
