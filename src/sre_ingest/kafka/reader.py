"""Reading the topic as anybody can: every partition, no consumer group, nothing committed."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka import errors as kafka

from sre_ingest.kafka.connection import Connection
from sre_ingest.kafka.topics import TopicError, describe
from sre_ingest.publishing import Record

_DEADLINE = 20.0
"""Seconds for connecting and for finding the ends of all partitions."""


async def read(connection: Connection, topic: str, *, from_beginning: bool, follow: bool) -> AsyncIterator[Record]:
    """The topic's records, in order within a partition; from its beginning, or those that come from now on.

    With `follow` it goes on until it is closed; without, it ends where the partitions ended when it began. Partitions
    added meanwhile are not read. TopicError when there is no topic, or Kafka does not answer at the start; once it
    reads, it waits for a Kafka that is away.
    """
    found = await describe(connection, topic)
    partitions = [TopicPartition(topic, number) for number in range(found.partitions)]
    async with consuming(connection, partitions) as consumer:
        ends = await _seek(consumer, partitions, from_beginning)
        async for record in _records(consumer, {} if follow else ends, follow):
            yield record


@asynccontextmanager
async def finding(connection: Connection, topic: str) -> AsyncIterator[Callable[[int, int], Awaitable[Record | None]]]:
    """What gives single records of the topic, by partition and offset; None for one that is not there any more.

    TopicError if Kafka fails, also from what is given.
    """
    async with consuming(connection, ()) as consumer:

        async def find(number: int, offset: int) -> Record | None:
            partition = TopicPartition(topic, number)
            consumer.assign([partition])
            consumer.seek(partition, offset)
            async with asyncio.timeout(_DEADLINE):
                message = await consumer.getone(partition)
            return _record(message) if message.offset == offset else None

        yield find


@asynccontextmanager
async def consuming(connection: Connection, partitions: Iterable[TopicPartition]) -> AsyncIterator[Any]:
    """A consumer of these partitions without a group; where it is to begin is its user's. TopicError if Kafka fails."""
    consumer = AIOKafkaConsumer(
        group_id=None, enable_auto_commit=False, auto_offset_reset="earliest", **connection.arguments()
    )
    try:
        async with asyncio.timeout(_DEADLINE):
            await consumer.start()
        consumer.assign(partitions)
        yield consumer
    except (kafka.KafkaError, TimeoutError) as error:
        raise TopicError(f"Kafka at {connection.bootstrap_servers} cannot be read ({type(error).__name__}).") from error
    finally:
        await consumer.stop()


async def _seek(consumer: Any, partitions: list[TopicPartition], from_beginning: bool) -> Mapping[TopicPartition, int]:
    """Go to where reading begins; the partitions in which something is to be read before their present end, with it."""
    async with asyncio.timeout(_DEADLINE):
        begins = await consumer.beginning_offsets(partitions)
        ends = await consumer.end_offsets(partitions)
    for partition in partitions:
        consumer.seek(partition, (begins if from_beginning else ends)[partition])
    return {one: end for one, end in ends.items() if from_beginning and begins[one] < end}


def _record(message: Any) -> Record:
    # Key, value and headers are null where their producer says so.
    headers = tuple([(name, value or b"") for name, value in message.headers])
    return Record(message.key or b"", headers, message.value or b"")


async def _records(consumer: Any, ends: Mapping[TopicPartition, int], follow: bool) -> AsyncIterator[Record]:
    left = dict(ends)
    while follow or left:
        for partition, batch in (await consumer.getmany(timeout_ms=200)).items():
            for message in batch:
                if follow or message.offset < ends.get(partition, 0):
                    yield _record(message)
        for partition, end in list(left.items()):
            if await consumer.position(partition) >= end:
                del left[partition]
