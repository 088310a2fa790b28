"""The topic, asked of a real broker that has one node."""

import pytest

from sre_ingest.kafka import Connection
from sre_ingest.kafka.topics import TopicError, UnknownTopicError, describe, ensure
from tests.parts.ports import free_port
from tests.parts.topics import delete_topic

NAME = "unit-topics"


async def test_what_is_described_is_what_was_created(kafka: str, topic: str) -> None:
    """Partitions, replicas and the limit of a batch, as the broker says."""
    found = await describe(Connection(kafka), topic)
    assert (found.partitions, found.replication, found.max_message_bytes) == (3, 1, 1_048_588)


async def test_a_topic_is_created_once_and_right(kafka: str) -> None:
    """`ensure` creates what is missing, says nothing when all is right, and what differs otherwise."""
    connection = Connection(kafka)
    with pytest.raises(UnknownTopicError, match="topics ensure"):
        await describe(connection, NAME)
    assert await ensure(connection, NAME, partitions=2, replication=1, min_insync=1) == []
    try:
        assert await ensure(connection, NAME, partitions=2, replication=1, min_insync=1) == []
        assert await ensure(connection, NAME) == [
            f"{NAME} has 2 partitions, not 12.",
            f"{NAME} has 1 replicas of a partition, not 3.",
            f"{NAME} has min.insync.replicas=1, not 2.",
        ]
    finally:
        await delete_topic(kafka, NAME)


async def test_too_few_brokers_is_said_with_the_remedy(kafka: str) -> None:
    """Three replicas on one broker: no silent fall back."""
    with pytest.raises(TopicError, match=r"`--replication 1 --min-insync 1`"):
        await ensure(Connection(kafka), NAME)


async def test_more_in_sync_than_replicas_is_refused(kafka: str) -> None:
    """Such a topic would take no record, ever."""
    with pytest.raises(TopicError, match="raise --replication or lower --min-insync"):
        await ensure(Connection(kafka), NAME, replication=1, min_insync=2)


async def test_a_bad_name_is_said(kafka: str) -> None:
    """A name that Kafka does not allow."""
    with pytest.raises(TopicError, match="letters, digits"):
        await ensure(Connection(kafka), "a topic")


async def test_no_broker_is_one_sentence() -> None:
    """Nobody listens there."""
    with pytest.raises(TopicError, match="check the addresses"):
        await describe(Connection(f"127.0.0.1:{free_port()}"), NAME)


async def test_a_missing_certificate_is_one_sentence() -> None:
    """The configuration's fault is a TopicError too."""
    with pytest.raises(TopicError, match="ssl_"):
        await describe(Connection("127.0.0.1:1", "SSL", ssl_cafile="/nonexistent.pem"), NAME)
