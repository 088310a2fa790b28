"""From settings to the memory and to what feeds it."""

import asyncio
from collections.abc import Callable
from functools import partial

from prometheus_client import CollectorRegistry

from sre_ingest import publishers
from sre_ingest.dedup import Memory
from sre_ingest.kafka import Follower, finding
from sre_ingest.metrics import MemoryMetrics, RecollectionMetrics, RestatementMetrics
from sre_ingest.recollection import Recollection, Span
from sre_ingest.restating import OUTCOMES, Publish, Restating
from sre_ingest.sdk.times import Instant, nanoseconds
from sre_ingest.settings import Settings
from sre_ingest.store import recent


class Remembering:
    """The memory of this process, and the task that feeds it."""

    def __init__(self, settings: Settings, registry: CollectorRegistry, clock: Callable[[], Instant]) -> None:
        now = clock()
        self._settings, self._clock = settings, clock
        self._shared = settings.kafka.bootstrap_servers is not None
        """Whether others write to the same log; only of the embedded one can a gateway say that nobody does."""
        self._span = Span(Instant(now - nanoseconds(settings.dedup.memory)), now)
        self.memory = Memory(
            max_entries=settings.dedup.max_entries,
            since=now,
            followed=not self._shared,
            metrics=MemoryMetrics(registry),
        )
        self._restating = Restating(self.memory, RestatementMetrics(registry, outcomes=OUTCOMES))
        tell = self._restating.tell
        self._recollection = Recollection(self.memory, self._span, RecollectionMetrics(registry), clock, tell)
        self.ready = self._recollection.ready

    async def run(self, publish: Publish) -> None:
        """Read the log back, and follow it where others write to it, too; the publisher has been started.

        `publish` takes what has to be said again.
        """
        data_dir = self._settings.data_dir
        if not self._shared:
            await self._recollection.own(recent.headers(data_dir, "log", self._span.since))
            self._recollection.recalled()
            self._recollection.follows(True)
            return
        if self._settings.spool.enabled:
            # However old: what waits is going to be on the topic.
            await self._recollection.own(recent.headers(data_dir, "spool", Instant(0)))
        connection, topic = publishers.connection(self._settings), self._settings.kafka.topic
        follower = Follower(connection, topic, self._recollection, since=self._span.since, clock=self._clock)
        await asyncio.gather(follower.run(), self._restating.run(partial(finding, connection, topic), publish))
