"""What a lane needs of the way to Kafka."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

from sre_ingest.kafka.failures import Failure
from sre_ingest.publishing import Record


class Link(Protocol):
    """A producer in use, see `producer.Link`."""

    closed: asyncio.Future[None]

    async def hand_over(self, partition: int, records: Sequence[Record]) -> asyncio.Future[object]:
        """Give it a batch."""


class Road(Protocol):
    """Where links come from, see `supervisor.Supervisor`."""

    @property
    def max_message_bytes(self) -> int:
        """The largest batch the topic takes."""

    async def open(self, partition: int) -> Link:
        """A link for this partition, as soon as there is one."""

    def acked(self) -> None:
        """A batch was acknowledged."""

    def failed(self, link: object, failure: Failure) -> None:
        """A batch failed."""
