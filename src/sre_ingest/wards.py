"""From settings to the ward: what could not be understood is kept there, and looked after."""

from dataclasses import dataclass
from typing import Self

from prometheus_client import CollectorRegistry

from sre_ingest.metrics import QuarantineMetrics
from sre_ingest.quarantine import REASONS
from sre_ingest.settings import Settings
from sre_ingest.store.database import Database
from sre_ingest.store.quarantine import StoreQuarantine

DEADLINE = 0.8
"""Seconds in which a disk of its own has what was refused; the time that Kafka may take comes before."""


@dataclass(frozen=True, slots=True)
class Ward:
    """The quarantine of a gateway, from its start to its end; empty where none is wanted."""

    quarantine: StoreQuarantine | None

    async def __aenter__(self) -> Self:
        """Open it. StoreError with the remedy when it cannot be."""
        if self.quarantine:
            await self.quarantine.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        """Finish what was taken."""
        if self.quarantine:
            await self.quarantine.stop()


def create(settings: Settings, registry: CollectorRegistry, database: Database | None) -> Ward:
    """In the database that is there already; None: in one of its own."""
    if not settings.quarantine.enabled:
        return Ward(None)
    metrics = QuarantineMetrics(registry, reasons=REASONS)
    home = database or Database(settings.data_dir, metrics, deadline=DEADLINE)
    return Ward(StoreQuarantine(home, metrics, max_bytes=settings.quarantine.max_bytes))
