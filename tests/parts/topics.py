"""Topics of a real broker: one of its own for every test, and a look at the records in it."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any
from uuid import uuid4

from aiokafka import AIOKafkaConsumer, ConsumerRecord
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import UnknownTopicOrPartitionError


@asynccontextmanager
async def administering(bootstrap_servers: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """An admin client, closed in the end; the library's own is no context manager."""
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap_servers)
    try:
        await admin.start()
        yield admin
    finally:
        await admin.close()


async def create_topic(
    bootstrap_servers: str,
    partitions: int = 3,
    name: str | None = None,
    settings: Mapping[str, str] | None = None,
    replicas: int = 1,
) -> str:
    """Create a topic, with a name of its own unless given, and return the name once every partition has a leader."""
    name = name or f"test-{uuid4().hex}"
    async with administering(bootstrap_servers) as admin:
        answer = await admin.create_topics([NewTopic(name, partitions, replicas, topic_configs=dict(settings or {}))])
        _refuse(answer.topic_errors)
        await _wait_for_leaders(admin, name, partitions)
    return name


async def delete_topic(bootstrap_servers: str, name: str) -> None:
    """Delete a topic with all its records, and return once the broker that is asked takes no more of them."""
    async with administering(bootstrap_servers) as admin:
        _refuse((await admin.delete_topics([name])).topic_error_codes)
        await _wait_until_gone(admin, name)


async def consume(bootstrap_servers: str, topic: str, count: int, within: float = 20.0) -> list[ConsumerRecord]:
    """The records of a topic from its beginning, once there are `count` of them; TimeoutError after `within` seconds.

    There may be more than `count`: a record too many shows. Order holds within a partition only.
    """
    records: list[ConsumerRecord] = []
    # Without a group every partition is ours, and the broker has nothing to balance.
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap_servers, group_id=None, auto_offset_reset="earliest")
    async with consumer, asyncio.timeout(within):
        while len(records) < count:
            for batch in (await consumer.getmany(timeout_ms=200)).values():
                records.extend(batch)
    return records


async def _wait_for_leaders(admin: AIOKafkaAdminClient, name: str, partitions: int) -> None:
    for _ in range(200):
        [described] = await admin.describe_topics([name])
        if len([one for one in described["partitions"] if one["error_code"] == 0]) == partitions:
            return
        await asyncio.sleep(0.05)
    raise RuntimeError(f"not every partition of {name} has a leader after 10 s")


async def _wait_until_gone(admin: AIOKafkaAdminClient, name: str) -> None:
    for _ in range(200):
        [described] = await admin.describe_topics([name])
        if described["error_code"] == UnknownTopicOrPartitionError.errno:
            return
        await asyncio.sleep(0.05)
    raise RuntimeError(f"{name} is there 10 s after it was deleted")


def _refuse(errors: Iterable[Sequence[Any]]) -> None:
    if refused := [error for error in errors if error[1] != 0]:
        raise RuntimeError(f"the broker refused (topic, Kafka's error code): {refused}")
