"""From settings to the ward: what could not be understood is kept there, and looked after."""

import asyncio
from pathlib import Path
from typing import Self

from prometheus_client import CollectorRegistry

from sre_ingest.forwarding import Forwarding
from sre_ingest.kafka import ERRORS, KafkaPublisher
from sre_ingest.metrics import ForwardingMetrics, KafkaMetrics, QuarantineMetrics
from sre_ingest.pipeline import Pipeline
from sre_ingest.publishers import SPOOL_DEADLINE, connection
from sre_ingest.quarantine import REASONS
from sre_ingest.replaying import Replaying
from sre_ingest.settings import Settings
from sre_ingest.store.database import Database
from sre_ingest.store.quarantine import StoreQuarantine
from sre_ingest.store.requests import Desk
from sre_ingest.web.ways import Ways

COPIES_BYTES = 8 << 20
"""Copies for the topic of dead letters that may wait for Kafka; there is none of what comes beyond."""


class Ward:
    """The quarantine of a gateway and the desk where requests for it are left, from its start to its end.

    Empty where no quarantine is wanted.
    """

    def __init__(self, data_dir: Path, quarantine: StoreQuarantine | None, copies: Forwarding | None = None) -> None:
        self.quarantine = quarantine
        self._copies = copies
        self._data_dir = data_dir
        self._desk: Desk | None = None
        self._task: asyncio.Task[None] | None = None

    def attend(self, ways: Ways, pipeline: Pipeline) -> None:
        """Let what is replayed come by these ways into this pipeline."""
        if self.quarantine:
            replaying = Replaying(self._data_dir, ways, pipeline, self.quarantine)
            self._desk = Desk(self._data_dir, {"replay": replaying.replay, "drop": replaying.drop})

    async def __aenter__(self) -> Self:
        """Open it. StoreError with the remedy when it cannot be."""
        if self.quarantine:
            await self.quarantine.start()
        if self._copies:
            await self._copies.start()
        if self._desk:
            self._task = asyncio.create_task(self._desk.run(), name="requests")
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what was taken."""
        if self._task:
            self._task.cancel()
            await asyncio.wait({self._task})
        if self.quarantine:
            await self.quarantine.stop()
        if self._copies:
            await self._copies.stop()


def create(settings: Settings, registry: CollectorRegistry, database: Database | None) -> Ward:
    """In the database that is there already; None: in one of its own."""
    if not settings.quarantine.enabled:
        return Ward(settings.data_dir, None)
    metrics = QuarantineMetrics(registry, reasons=REASONS)
    # The time that Kafka may take comes before.
    home = database or Database(settings.data_dir, metrics, deadline=SPOOL_DEADLINE)
    copies = _copies(settings, settings.quarantine.topic, registry) if settings.quarantine.topic else None
    told = copies.tell if copies else None
    kept = StoreQuarantine(home, metrics, max_bytes=settings.quarantine.max_bytes, told=told)
    return Ward(settings.data_dir, kept, copies)


def _copies(settings: Settings, topic: str, registry: CollectorRegistry) -> Forwarding:
    # The metrics of Kafka are those of the intents; what becomes of a copy has one of its own.
    unseen = KafkaMetrics(CollectorRegistry(), errors=ERRORS)
    publisher = KafkaPublisher(connection(settings), topic=topic, metrics=unseen, max_queued_bytes=COPIES_BYTES)
    return Forwarding(publisher, ForwardingMetrics(registry))
