"""The publisher of the house for Kafka: lanes over one supervised producer."""

import asyncio
from collections import Counter, deque
from collections.abc import Sequence

from sre_ingest.kafka.batching import fits, weigh
from sre_ingest.kafka.connection import Connection
from sre_ingest.kafka.lane import Lane
from sre_ingest.kafka.partitioner import partitions_of
from sre_ingest.kafka.supervisor import Supervisor
from sre_ingest.kafka.ticket import Ticket
from sre_ingest.metrics import KafkaMetrics
from sre_ingest.publishing import Outcome, Record


class KafkaPublisher:
    """Publishes to one topic, acknowledged by all in-sync replicas, in order per key.

    It answers ACKED, REFUSED (larger than the topic takes, or invalid), FAILED (not in the topic, and never sent
    later) or UNCERTAIN (handed over, and not known to have settled well within `publish_timeout` seconds). Records of
    `max_queued_bytes` at the most wait for an answer; what comes beyond is answered FAILED at once.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        topic: str,
        publish_timeout: float = 1.0,
        metrics: KafkaMetrics,
        max_queued_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._metrics = metrics
        self._publish_timeout, self._max_queued_bytes = publish_timeout, max_queued_bytes
        self._supervisor = Supervisor(connection, topic, metrics=metrics, routed=self._route_waiting)
        self._lanes: list[Lane] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._unrouted: deque[Ticket] = deque()
        """Calls from before the number of partitions was known, in order."""
        self._queued_bytes = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._serving = False

    async def start(self) -> None:
        """Connect in the background."""
        self._serving = True
        self._supervisor.start()

    async def publish(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """See `Publisher.publish`; everything up to the wait happens at once, which is what keeps calls in order."""
        if not records:
            return []
        weights = [weigh(record) for record in records]
        if not self._serving or self._queued_bytes + sum(weights) > self._max_queued_bytes:
            self._metrics.records.labels(Outcome.FAILED).inc(len(records))
            return [Outcome.FAILED] * len(records)
        return await self._admit(records, weights).answer

    async def stop(self) -> None:
        """Answer what was taken, which its deadlines see to, then end the producer: in a dozen seconds at the most."""
        self._serving = False
        await self._idle.wait()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._supervisor.stop()

    def ready(self) -> str | None:
        """None while Kafka answers and has the topic."""
        return self._supervisor.health.reason if self._serving else "The Kafka publisher is not running."

    def _admit(self, records: Sequence[Record], weights: Sequence[int]) -> Ticket:
        ticket = Ticket(records, weights, self._closing)
        self._queued_bytes += ticket.size
        self._metrics.in_flight.inc(len(records))
        self._idle.clear()
        ticket.close_in(self._publish_timeout)
        if self._supervisor.partitions and not self._unrouted:
            self._route(ticket)
        else:
            self._wait_for_partitions(ticket)
        return ticket

    def _wait_for_partitions(self, ticket: Ticket) -> None:
        while self._unrouted and self._unrouted[0].closed:
            self._unrouted.popleft()
        self._unrouted.append(ticket)

    def _route_waiting(self) -> None:
        while self._unrouted:
            ticket = self._unrouted.popleft()
            if not ticket.closed:
                self._route(ticket)

    def _route(self, ticket: Ticket) -> None:
        partitions, limit = self._supervisor.partitions, self._supervisor.max_message_bytes
        lanes = self._lanes_of(partitions)
        targets = partitions_of([record.key for record in ticket.records], partitions)
        for index, (weight, target) in enumerate(zip(ticket.weights, targets, strict=True)):
            if fits(weight, limit):
                lanes[target].put((ticket, index, weight))
            else:
                ticket.settle(index, Outcome.REFUSED)

    def _lanes_of(self, partitions: int) -> list[Lane]:
        while len(self._lanes) < partitions:
            lane = Lane(len(self._lanes), self._supervisor, self._metrics)
            self._lanes.append(lane)
            self._tasks.append(asyncio.create_task(lane.run(), name=f"kafka lane {lane.partition}"))
        return self._lanes

    def _closing(self, ticket: Ticket) -> None:
        self._queued_bytes -= ticket.size
        self._metrics.in_flight.dec(len(ticket.outcomes))
        for outcome, count in Counter(ticket.outcomes).items():
            self._metrics.records.labels(outcome).inc(count)
        if not self._queued_bytes:
            self._idle.set()
