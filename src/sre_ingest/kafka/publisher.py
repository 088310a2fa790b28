"""The publisher of the house for Kafka: lanes over one supervised producer, and the spool beside them."""

import asyncio
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from sre_ingest.kafka.batching import fits, weigh
from sre_ingest.kafka.connection import Connection
from sre_ingest.kafka.entry import Entry
from sre_ingest.kafka.lane import Lane
from sre_ingest.kafka.partitioner import partitions_of
from sre_ingest.kafka.supervisor import Supervisor
from sre_ingest.kafka.ticket import Ticket
from sre_ingest.metrics import KafkaMetrics
from sre_ingest.publishing import NoSpool, Outcome, Record, Spool, Standing

_MOVED = 1_000
"""Rows of the spool that are given to their lanes at a time."""


class KafkaPublisher:
    """Publishes to one topic, acknowledged by all in-sync replicas, in order per key.

    What is not acknowledged within `publish_timeout` seconds goes to the spool and is delivered from there, in order,
    with everything that comes after it. It answers ACKED, STORED (in the spool), REFUSED (larger than the topic takes),
    FAILED (neither in the topic nor in the spool, and never sent later) or UNCERTAIN (handed over and not settled, and
    the spool did not take it). Records of `max_queued_bytes` at the most wait for an answer; what comes beyond is
    answered FAILED at once.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        topic: str,
        publish_timeout: float = 1.0,
        metrics: KafkaMetrics,
        spool: Spool | None = None,
        max_queued_bytes: int = 64 * 1024 * 1024,
    ) -> None:
        self._metrics = metrics
        self._publish_timeout, self._max_queued_bytes = publish_timeout, max_queued_bytes
        self._spool = spool or NoSpool()
        self._supervisor = Supervisor(connection, topic, metrics=metrics, routed=self._routed)
        self._lobby = self._lane(-1)
        """Where records wait for a lane while the partitions are not known; nothing is delivered from here."""
        self._partitions = 0
        self._lanes: list[Lane] = []
        self._tasks: list[asyncio.Task[None]] = []
        self._moving: asyncio.Task[None] | None = None
        self._housed = False
        """True while every record has a lane."""
        self._queued_bytes = self._acked = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._serving = False

    async def start(self) -> None:
        """Open the spool, whose rows go first, and connect in the background. Raises what opening it raises."""
        await self._spool.start(self._adopt)
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
        ticket = self._admit(len(records), sum(weights))
        self._route([Entry(record, weights[index], ticket, index) for index, record in enumerate(records)])
        return await ticket.answer

    async def stop(self) -> None:
        """Answer what was taken, which its deadlines see to, then end the producer: in a dozen seconds at the most."""
        self._serving = False
        await self._idle.wait()
        tasks = [*self._tasks, *([self._moving] if self._moving else [])]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._supervisor.stop()
        await self._spool.stop()

    def ready(self) -> str | None:
        """None while Kafka answers and has the topic, or the spool takes what Kafka does not."""
        if not self._serving:
            return "The Kafka publisher is not running."
        return self._spool.ready() if self._spool.durable else self._supervisor.health.reason

    def standing(self) -> Standing:
        """What the spool says, and what never was there."""
        there = self._spool.standing()
        return replace(there, acked=there.acked + self._acked)

    def _admit(self, records: int, size: int) -> Ticket:
        ticket = Ticket(records, size, self._closing)
        self._queued_bytes += size
        self._metrics.in_flight.inc(records)
        self._idle.clear()
        ticket.due_in(self._publish_timeout, self._overdue)
        return ticket

    def _route(self, entries: Sequence[Entry]) -> None:
        if not self._housed:
            self._lobby.put(entries)
            return
        limit = self._supervisor.max_message_bytes
        lanes: dict[int, list[Entry]] = {}
        targets = partitions_of([entry.record.key for entry in entries], self._partitions)
        for entry, target in zip(entries, targets, strict=True):
            if fits(entry.weight, limit):
                lanes.setdefault(target, []).append(entry)
            else:
                entry.settle(Outcome.REFUSED)
        for target, part in lanes.items():
            self._lanes[target].put(part)

    def _overdue(self, ticket: Ticket) -> None:
        """Kafka is late: what has waited long enough goes to the spool, and so does all that stands beside it."""
        for lane in (self._lobby, *self._lanes):
            lane.turn_for(ticket)

    def _routed(self) -> None:
        """The partitions are known, or known anew."""
        self._partitions = self._supervisor.partitions
        while len(self._lanes) < self._partitions:
            lane = self._lane(len(self._lanes))
            self._lanes.append(lane)
            self._tasks.append(asyncio.create_task(lane.run(), name=f"kafka lane {lane.partition}"))
        if any(lane.turned for lane in self._homeless()):
            if self._moving is None or self._moving.done():
                self._housed = False
                self._moving = asyncio.create_task(self._move(), name="kafka move")
        elif not self._housed:
            self._settle_in()

    def _homeless(self) -> list[Lane]:
        """The lanes from which nothing can be delivered: the lobby, and those whose partition is gone."""
        return [self._lobby, *self._lanes[self._partitions :]]

    async def _move(self) -> None:
        """Give every row of the spool that has no lane the one that its key names now."""
        for lane in self._homeless():
            while lane.turned:
                await lane.settled()
                rows = lane.oldest(_MOVED)
                keys = await self._spool.keys(rows)
                lane.forget(rows)
                for row, target in zip(rows, partitions_of(keys, self._partitions), strict=True):
                    self._lanes[target].adopt([row])
        if not any(lane.turned for lane in self._homeless()):
            self._settle_in()

    def _settle_in(self) -> None:
        self._housed = True
        self._route(self._lobby.vacate())

    def _adopt(self, rows: Sequence[int]) -> None:
        """The spool has rows that nobody knows of: those of an earlier run, or what a slow disk has kept after all."""
        self._lobby.adopt(rows)
        self._housed = False

    def _lane(self, partition: int) -> Lane:
        return Lane(partition, self._supervisor, self._spool, self._metrics)

    def _closing(self, ticket: Ticket) -> None:
        self._queued_bytes -= ticket.size
        self._metrics.in_flight.dec(len(ticket.outcomes))
        for outcome, count in Counter(ticket.outcomes).items():
            self._metrics.records.labels(outcome).inc(count)
            self._acked += count if outcome is Outcome.ACKED else 0
        if not self._queued_bytes:
            self._idle.set()
