"""Is the cluster in reach: what is known, what is asked, and who hears of it."""

import asyncio
from collections.abc import Callable
from typing import Any

import structlog

from sre_ingest.metrics import KafkaMetrics

log = structlog.get_logger(__name__)


class Health:
    """The last known answer. It changes with every check, every acknowledgement and every failure."""

    def __init__(self, metrics: KafkaMetrics, changed: Callable[[], None]) -> None:
        self.reason: str | None = "Kafka has not been reached yet."
        """None while the cluster answers and has the topic, otherwise one sentence that says why not."""
        self._metrics = metrics
        self._changed = changed

    def well(self) -> None:
        """The cluster answered."""
        if self.reason is None:
            return
        self.reason = None
        self._metrics.connected.set(1)
        log.info("kafka_reachable")
        self._changed()

    def ill(self, reason: str) -> None:
        """It did not, or it answered with a problem; `reason` is a sentence without secrets."""
        if self.reason == reason:
            return
        self.reason = reason
        self._metrics.connected.set(0)
        log.warning("kafka_unreachable", reason=reason)


async def probe(client: Any, topic: str, within: float) -> str | None:
    """Refresh what an AIOKafkaClient knows of the topic, in `within` seconds; None when there is a topic to publish to.

    Otherwise one sentence. The topic must be one that the client follows (`add_topic`).
    """
    try:
        async with asyncio.timeout(within):
            answered = await client.force_metadata_update()
    except TimeoutError:
        return f"Kafka did not answer within {within:g} s."
    if not answered:
        return "No broker of the Kafka cluster can be reached."
    if topic in client.cluster.unauthorized_topics:
        return f"Kafka does not allow us the topic {topic}: grant Describe and Write on it."
    if client.cluster.partitions_for_topic(topic) is None:
        return missing(topic)
    return None


def missing(topic: str) -> str:
    """The sentence for a topic that is not there."""
    return f"The topic {topic} does not exist: create it with `sre-ingest topics ensure`."
