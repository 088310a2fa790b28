"""The publisher's own rules, where no broker is needed."""

import asyncio

from prometheus_client import CollectorRegistry

from sre_ingest.kafka import ERRORS, Connection, KafkaPublisher
from sre_ingest.metrics import KafkaMetrics
from sre_ingest.publishing import Outcome, Record
from tests.parts.ports import free_port


def nowhere(registry: CollectorRegistry, *, max_queued_bytes: int = 1 << 20) -> KafkaPublisher:
    connection = Connection(f"127.0.0.1:{free_port()}")
    metrics = KafkaMetrics(registry, errors=ERRORS)
    return KafkaPublisher(
        connection, topic="topic", publish_timeout=0.3, metrics=metrics, max_queued_bytes=max_queued_bytes
    )


async def test_a_full_queue_fails_at_once_and_is_free_again() -> None:
    """Above `max_queued_bytes` nobody waits; what waited gives its place back at its deadline."""
    registry = CollectorRegistry()
    publisher = nowhere(registry, max_queued_bytes=10_000)
    await publisher.start()
    waiting = asyncio.ensure_future(publisher.publish([Record(b"key", (), b"x" * 9_000)]))
    await asyncio.sleep(0)
    began = asyncio.get_running_loop().time()
    assert await publisher.publish([Record(b"key", (), b"x" * 2_000)]) == [Outcome.FAILED]
    assert asyncio.get_running_loop().time() - began < 0.2
    assert registry.get_sample_value("sre_ingest_kafka_inflight_records") == 1
    assert await waiting == [Outcome.FAILED]
    assert registry.get_sample_value("sre_ingest_kafka_inflight_records") == 0
    again = asyncio.ensure_future(publisher.publish([Record(b"key", (), b"x" * 9_000)]))
    await asyncio.sleep(0)
    assert not again.done()
    await publisher.stop()
    assert registry.get_sample_value("sre_ingest_kafka_records_total", {"outcome": "failed"}) == 3


async def test_it_says_why_it_is_not_ready() -> None:
    """Before the start, before the first answer, and with the reason once there is one."""
    publisher = nowhere(CollectorRegistry())
    assert publisher.ready() == "The Kafka publisher is not running."
    await publisher.start()
    assert publisher.ready() == "Kafka has not been reached yet."
    await publisher.publish([Record(b"key", (), b"")])
    assert "did not answer" in (publisher.ready() or "")
    await publisher.stop()
