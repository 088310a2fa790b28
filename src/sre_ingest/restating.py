"""Says once more what was observed last of a subject, where a late record would be the last word on the topic.

Another gateway's spool may drain after an outage, and its old resolve then stands behind a newer firing. A consumer
that decides by `received_at` is right all the same; one that believes the last record is right after this.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import AbstractAsyncContextManager

import structlog

from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent
from sre_ingest.addressing import address
from sre_ingest.dedup import Memory, Overtaken, Restatement, Sighting, sighting
from sre_ingest.metrics import RestatementMetrics
from sre_ingest.publishing import Outcome, Record
from sre_ingest.sdk.times import write

MOST = 10_000
"""Subjects that may wait for it. What finds no room is not lost: its next observation is published in any case."""
PUBLISHED, FAILED, OBSOLETE, UNREAD, CROWDED = "published", "failed", "obsolete", "unread", "crowded"
OUTCOMES = (PUBLISHED, FAILED, OBSOLETE, UNREAD, CROWDED)
"""What may become of one. Obsolete: something else was observed meanwhile. Unread: its record is not there any more."""

Find = Callable[[int, int], Awaitable[Record | None]]
"""Gives the record at an offset of a partition; None if there is none."""
Publish = Callable[[Sequence[Record]], Awaitable[Sequence[Outcome]]]

log = structlog.get_logger(__name__)


class Restating:
    """A queue of what was overtaken, and the task that says it again."""

    def __init__(self, memory: Memory, metrics: RestatementMetrics) -> None:
        self._memory, self._metrics = memory, metrics
        self._waiting: dict[tuple[str, ...], tuple[int, Overtaken]] = {}
        self._told = asyncio.Event()

    def tell(self, partition: int, overtaken: Iterable[Overtaken]) -> None:
        """These were overtaken; of each subject what is told last counts."""
        for one in overtaken:
            subject = one.late.key.remembered_by
            if subject not in self._waiting and len(self._waiting) >= MOST:
                self._count(CROWDED)
                continue
            self._waiting[subject] = (partition, one)
            self._told.set()

    async def run(self, finding: Callable[[], AbstractAsyncContextManager[Find]], publish: Publish) -> None:
        """Go on until cancelled. `finding` opens a way to the topic, for as long as there is something to say."""
        while True:
            await self._told.wait()
            self._told.clear()
            try:
                async with finding() as find:
                    while self._waiting:
                        await self._say(find, publish)
            except Exception as error:  # Kafka is away: each next observation is published instead
                log.warning("not_restated", records=len(self._waiting), error=type(error).__name__)
                self._metrics.restatements.labels(outcome=UNREAD).inc(len(self._waiting))
                self._waiting.clear()

    async def _say(self, find: Find, publish: Publish) -> None:
        subject = next(iter(self._waiting))
        partition, overtaken = self._waiting[subject]
        record = await find(partition, overtaken.offset)
        # Only now: whatever is told meanwhile of this subject takes the place of this.
        if self._waiting.get(subject) != (partition, overtaken):
            return
        del self._waiting[subject]
        found = sighting(record.headers) if record else None
        if record is None or found is None:
            self._count(UNREAD)
            return
        # From here to the hand-over nothing is awaited, or something newer could be published before it.
        again = self._memory.restate(found, overtaken.late)
        if again is None:
            self._count(OBSOLETE)
            return
        await self._publish(restated(record, found, again), again, publish)

    async def _publish(self, record: Record, again: Restatement, publish: Publish) -> None:
        outcome = Outcome.UNCERTAIN
        try:
            [outcome] = await publish([record])
        finally:
            again.attempt.end(outcome)
            self._count(PUBLISHED if outcome.durable else FAILED)

    def _count(self, outcome: str) -> None:
        self._metrics.restatements.labels(outcome=outcome).inc()


def restated(record: Record, found: Sighting, again: Restatement) -> Record:
    """The same observation under another id and with another time of receipt; all else is as it was."""
    intent = SreDomainIntent.FromString(record.value)
    intent.meta.message_id = again.message_id
    if intent.HasField("ingest_alert_requested"):
        write(again.received_at, intent.ingest_alert_requested.received_at)
    return address(intent, found.key.text, again.received_at)
