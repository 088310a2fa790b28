"""One aiokafka producer from its start to its end, every wait on the way bounded."""

import asyncio
from collections.abc import Sequence
from typing import Any

import structlog
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka import errors as kafka

from sre_ingest.kafka.batching import BATCH_BYTES, fill
from sre_ingest.kafka.connection import Connection
from sre_ingest.kafka.health import probe
from sre_ingest.kafka.topics import Topic
from sre_ingest.publishing import Record

log = structlog.get_logger(__name__)

REQUEST_TIMEOUT = 3.0
"""Seconds for one request, and for all tries of one batch: how long a lane can stay closed when a broker is frozen."""
RETRY_BACKOFF = 0.1
"""Seconds before aiokafka tries a batch again: what settles sooner was tried once."""
SETTLE_TIMEOUT = 3 * REQUEST_TIMEOUT + 1.0
"""Seconds in which every batch settles, however its tries fall: connecting, an answer, a refresh of the metadata."""
CLOSE_TIMEOUT = REQUEST_TIMEOUT + 2.0
"""Seconds in which a producer ends by itself, since its last request ends within its time-out."""

_START_TIMEOUT = 30.0
_METADATA_MAX_AGE = 60.0


class Link:
    """One started producer and what is known of the topic; made by `connect`."""

    def __init__(self, producer: Any, topic: Topic) -> None:
        self.topic = topic
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when nothing leaves any more. What a frozen broker has already in its socket it may still write."""
        self._producer = producer

    @property
    def partitions(self) -> int:
        """Partitions of the topic as the client knows it now; 0 when it is gone."""
        return len(self._producer.client.cluster.partitions_for_topic(self.topic.name) or ())

    def leads(self, partition: int) -> bool:
        """Whether somebody is known to take records for this partition."""
        leader = self._producer.client.cluster.leader_for_partition(TopicPartition(self.topic.name, partition))
        return leader is not None and leader != -1

    async def probe(self, within: float) -> str | None:
        """None when the cluster answers and has the topic, otherwise a sentence."""
        return await probe(self._producer.client, self.topic.name, within)

    async def hand_over(self, partition: int, records: Sequence[Record]) -> asyncio.Future[object]:
        """Give one batch to the producer; the future of its fate. Whatever is raised: nothing was handed over."""
        batch = self._producer.create_batch()
        fill(batch, records)
        async with asyncio.timeout(REQUEST_TIMEOUT):
            future: asyncio.Future[object] = await self._producer.send_batch(
                batch, self.topic.name, partition=partition
            )
        return future

    async def close(self) -> None:
        """End the producer, within CLOSE_TIMEOUT and a little; batches that have not settled fail."""
        await _end(self._producer)
        self.closed.set_result(None)


async def connect(connection: Connection, topic: Topic) -> Link:
    """Start a producer; KafkaError or OSError when no broker answers. Cancelled or failed, it leaves nothing behind."""
    producer = AIOKafkaProducer(
        acks="all",
        # With idempotence there is no delivery deadline: while the brokers are down neither a batch nor stop() ever
        # returns (aio-libs/aiokafka#1101). One request in flight a broker keeps the order without it.
        enable_idempotence=False,
        linger_ms=0,  # what arrives while a batch is outstanding is the next batch
        # Batches are measured before they are packed; the builder's own limit is only ever met by a mistake.
        max_batch_size=BATCH_BYTES * 2,
        request_timeout_ms=int(REQUEST_TIMEOUT * 1000),
        retry_backoff_ms=int(RETRY_BACKOFF * 1000),
        metadata_max_age_ms=int(_METADATA_MAX_AGE * 1000),
        **connection.arguments(),
    )
    try:
        async with asyncio.timeout(_START_TIMEOUT):
            await producer.start()
        async with asyncio.timeout(REQUEST_TIMEOUT):
            await producer.client.add_topic(topic.name)
    except BaseException:
        await _end(producer)
        raise
    return Link(producer, topic)


async def _end(producer: Any) -> None:
    # From here on no request leaves this client, whatever its tasks still try: their batches fail at the next attempt,
    # so the flush inside stop() ends, which by itself would not while the brokers are down.
    producer.client.send = _refuse
    stopping = asyncio.ensure_future(producer.stop())
    done, _ = await asyncio.wait({stopping}, timeout=CLOSE_TIMEOUT)
    if not done:
        log.error("kafka_producer_hangs")
        stopping.cancel()
        await asyncio.wait({stopping, asyncio.ensure_future(producer.client.close())}, timeout=1.0)
    if stopping.done() and not stopping.cancelled() and (error := stopping.exception()):
        log.warning("kafka_producer_ended_badly", error=type(error).__name__)


async def _refuse(node_id: object, request: object, **_: object) -> object:
    raise kafka.ProducerClosed
