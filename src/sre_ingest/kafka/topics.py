"""The topic itself: what it is, what it should be, and its creation."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from aiokafka import errors as kafka
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from sre_ingest.kafka.batching import DEFAULT_MAX_MESSAGE_BYTES
from sre_ingest.kafka.connection import Connection
from sre_ingest.kafka.health import missing
from sre_ingest.mistakes import Mistake

_REQUEST_TIMEOUT = 5.0
_DEADLINE = 20.0
"""Seconds for one whole conversation with the cluster."""
REPLICATION, MIN_INSYNC = 3, 2
"""Of a topic that loses nothing when a broker is lost, and still takes records."""
_CLEANUP, _MIN_INSYNC = "cleanup.policy", "min.insync.replicas"


class TopicError(Mistake):
    """The cluster or its topic cannot be used for this; the text is one sentence with the remedy."""


class UnknownTopicError(TopicError):
    """The topic does not exist."""


@dataclass(frozen=True, slots=True)
class Topic:
    """A topic as the cluster describes it."""

    name: str
    partitions: int
    replication: int
    """Replicas of the partition that has the fewest."""
    settings: Mapping[str, str]
    """Its configuration; empty when we are not allowed to read it."""

    @property
    def max_message_bytes(self) -> int:
        """The largest batch it takes."""
        return int(self.settings.get("max.message.bytes", DEFAULT_MAX_MESSAGE_BYTES))


async def describe(connection: Connection, topic: str) -> Topic:
    """What the cluster says of the topic; UnknownTopicError or TopicError. It never creates the topic."""
    async with _administering(connection) as admin:
        return await _describe(admin, topic)


async def ensure(
    connection: Connection,
    topic: str,
    *,
    partitions: int = 12,
    replication: int = REPLICATION,
    min_insync: int = MIN_INSYNC,
) -> list[str]:
    """Create the topic if it is missing; the differences from what was asked, a sentence each.

    An existing topic is never changed. TopicError when it cannot be created, or the cluster cannot be asked.
    """
    if min_insync > replication:
        raise TopicError(
            f"With {replication} replicas never are {min_insync} in sync: raise --replication or lower --min-insync."
        )
    async with _administering(connection) as admin:
        try:
            found = await _describe(admin, topic)
        except UnknownTopicError:
            await _create(admin, NewTopic(topic, partitions, replication, topic_configs=_settings(min_insync)))
            return []
    return _differences(found, partitions, replication, min_insync)


def shortcomings(found: Topic) -> list[str]:
    """In what the topic is less safe than `ensure` makes it, a sentence each: an acknowledgement of all its replicas is
    worth what there is of them, and what is compacted away is gone.
    """
    sentences = []
    if found.replication < REPLICATION:
        sentences.append(f"{found.name} has {found.replication} replicas of a partition, not {REPLICATION}.")
    if int(found.settings.get(_MIN_INSYNC, MIN_INSYNC)) < MIN_INSYNC:
        sentences.append(f"{found.name} has {_MIN_INSYNC}={found.settings[_MIN_INSYNC]}, not {MIN_INSYNC}.")
    if found.settings.get(_CLEANUP, "delete") != "delete":
        sentences.append(f"{found.name} has {_CLEANUP}={found.settings[_CLEANUP]}, not delete.")
    return sentences


def _settings(min_insync: int) -> dict[str, str]:
    return {_CLEANUP: "delete", _MIN_INSYNC: str(min_insync)}


def _differences(found: Topic, partitions: int, replication: int, min_insync: int) -> list[str]:
    sentences = []
    if found.partitions != partitions:
        sentences.append(f"{found.name} has {found.partitions} partitions, not {partitions}.")
    if found.replication != replication:
        sentences.append(f"{found.name} has {found.replication} replicas of a partition, not {replication}.")
    for name, wanted in _settings(min_insync).items():
        if found.settings.get(name, wanted) != wanted:
            sentences.append(f"{found.name} has {name}={found.settings[name]}, not {wanted}.")
    return sentences


@asynccontextmanager
async def _administering(connection: Connection) -> AsyncIterator[Any]:
    try:
        arguments = connection.arguments()
    except OSError as error:
        raise TopicError(f"The TLS files cannot be read ({type(error).__name__}): check the ssl_* settings.") from error
    admin = AIOKafkaAdminClient(request_timeout_ms=int(_REQUEST_TIMEOUT * 1000), **arguments)
    try:
        async with asyncio.timeout(_DEADLINE):
            await admin.start()
            yield admin
    except (kafka.KafkaError, OSError) as error:  # TimeoutError is an OSError
        raise TopicError(
            f"Kafka at {connection.bootstrap_servers} did not answer ({type(error).__name__}): "
            "check the addresses, the credentials and that the brokers run."
        ) from error
    finally:
        await admin.close()


async def _describe(admin: Any, topic: str) -> Topic:
    # The configuration comes first: asking for the metadata of a missing topic makes brokers create it, with defaults
    # that nobody chose, unless auto.create.topics.enable is off.
    settings = await _configuration(admin, topic)
    [told] = await admin.describe_topics([topic])
    error = kafka.for_code(told["error_code"])
    if error is kafka.UnknownTopicOrPartitionError:
        raise UnknownTopicError(missing(topic))
    if error is not kafka.NoError:
        raise TopicError(f"Kafka does not describe the topic {topic} ({error.__name__}): grant Describe on it.")
    replicas = [len(partition["replicas"]) for partition in told["partitions"]]
    return Topic(topic, len(replicas), min(replicas, default=0), settings)


async def _configuration(admin: Any, topic: str) -> Mapping[str, str]:
    """The topic's settings; none when we may not read them, because one can publish without that right."""
    [answer] = await admin.describe_configs([ConfigResource(ConfigResourceType.TOPIC, topic)])
    [(code, _, _, _, entries, *_)] = answer.resources
    error = kafka.for_code(code)
    if error is kafka.UnknownTopicOrPartitionError:
        raise UnknownTopicError(missing(topic))
    if error is kafka.InvalidTopicError:
        raise TopicError(f"{topic} is no name for a topic: use letters, digits, dots, dashes and underscores.")
    return {entry[0]: entry[1] for entry in entries} if error is kafka.NoError else {}


async def _create(admin: Any, new: NewTopic) -> None:
    answer = await admin.create_topics([new])
    [(_, code, *_)] = answer.topic_errors
    error = kafka.for_code(code)
    if error is kafka.InvalidReplicationFactorError:
        raise TopicError(
            f"The cluster has too few brokers for {new.replication_factor} replicas: add brokers, or accept that "
            "one broken disk loses alerts with `--replication 1 --min-insync 1`."
        )
    if error in (kafka.TopicAuthorizationFailedError, kafka.ClusterAuthorizationFailedError):
        raise TopicError(f"Kafka does not let us create {new.name}: grant Create on the topic, or create it yourself.")
    # Somebody else may have created it a moment ago.
    if error not in (kafka.NoError, kafka.TopicAlreadyExistsError):
        raise TopicError(f"Kafka did not create the topic {new.name}: it answered {error.__name__}.")
