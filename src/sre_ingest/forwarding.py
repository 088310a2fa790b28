"""A copy of what is put into quarantine, for a topic of its own: best effort, after it is safe on the disk."""

import asyncio

from sre_ingest.metrics import ForwardingMetrics
from sre_ingest.publishing import Publisher, Record
from sre_ingest.quarantine import Refusal
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.times import rfc3339


class Forwarding:
    """Publishes each new refusal with the body it came in; who refuses waits for nothing."""

    def __init__(self, publisher: Publisher, metrics: ForwardingMetrics) -> None:
        self._publisher = publisher
        self._metrics = metrics
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Begin; never waits for a broker."""
        await self._publisher.start()

    async def stop(self) -> None:
        """Finish what was taken, within the publisher's bound."""
        await self._publisher.stop()

    def tell(self, delivery: Delivery, refusal: Refusal) -> None:
        """Hand a copy over."""
        task = asyncio.create_task(self._publish(record(delivery, refusal)))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _publish(self, copy: Record) -> None:
        (outcome,) = await self._publisher.publish([copy])
        self._metrics.published.labels(outcome).inc()


def record(delivery: Delivery, refusal: Refusal) -> Record:
    """The copy: its key is the id, its value the bytes of the body, and its headers say the rest."""
    endpoint = delivery.endpoint
    said = {
        "quarantine_id": refusal.id,
        "reason": refusal.reason,
        "place": refusal.place,
        "item": "" if refusal.index is None else str(refusal.index),
        "source": endpoint.source,
        "instance": endpoint.instance,
        "tenant": endpoint.tenant,
        "first_seen": rfc3339(delivery.received_at),
        "correlation_id": delivery.correlation_id,
    }
    headers = tuple((name, text.encode(errors="replace")) for name, text in said.items() if text)
    return Record(refusal.id.encode(), headers, delivery.body)
