"""Follows the topic, so that what any gateway has published is known to this one: by the headers of its records."""

import asyncio
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Protocol

import structlog
from aiokafka import TopicPartition

from sre_ingest.kafka.connection import Connection
from sre_ingest.kafka.reader import consuming
from sre_ingest.kafka.topics import TopicError, describe
from sre_ingest.publishing import Headers
from sre_ingest.sdk.times import Instant

_POLL = 200
"""Milliseconds that one look at the topic may take."""
_PORTION = 500
"""Records taken at a time, so that the event loop turns in between."""
_FRESH = 3.0
"""Seconds for which an answer of every broker proves that nothing was missed."""
_FIRST_BACKOFF, _LAST_BACKOFF = 0.5, 10.0
_MILLISECOND = 1_000_000

Placed = tuple[int, Headers]
"""The offset of a record, and its headers."""

log = structlog.get_logger(__name__)


class Listener(Protocol):
    """Who wants to know what is on the topic."""

    def reached(self) -> None:
        """The topic answers, and is going to be read."""

    def recall(self, records: Iterable[Placed]) -> None:
        """Records that were there when following began."""

    def recalled(self) -> None:
        """All of those were told."""

    def see(self, partition: int, records: Iterable[Placed]) -> None:
        """Records that have come since, in the order of their partition."""

    def follows(self, closely: bool) -> None:
        """Whether everything on the topic was told, as far as anybody can know."""


class Follower:
    """Reads the topic from `since` on, for ever; a Kafka that is away is waited for."""

    def __init__(
        self, connection: Connection, topic: str, listener: Listener, *, since: Instant, clock: Callable[[], Instant]
    ) -> None:
        self._connection, self._topic, self._listener = connection, topic, listener
        self._since, self._clock = since, clock
        self._ends: Mapping[TopicPartition, int] | None = None
        """Where the partitions ended when following began; None until that is known, empty once it was read."""
        self._next: dict[TopicPartition, int] = {}
        """Where to go on."""
        self._told = ""

    async def run(self) -> None:
        """Follow until cancelled."""
        backoff = _FIRST_BACKOFF
        while True:
            try:
                await self._follow()
                backoff = _FIRST_BACKOFF
            except TopicError as error:
                self._tell(str(error))
            except Exception as error:  # a mistake of ours, or of the client: a memory that is short, and no alert lost
                log.error("topic_follower_stumbled", error=type(error).__name__)  # noqa: TRY400
            self._listener.follows(False)
            await asyncio.sleep(backoff)
            backoff = min(backoff * 2, _LAST_BACKOFF)

    def _tell(self, why: str) -> None:
        if why != self._told:  # once, and not a line every few seconds for as long as Kafka is away
            log.warning("topic_not_followed", why=why)
        self._told = why

    async def _follow(self) -> None:
        """Until the topic gets other partitions."""
        count = (await describe(self._connection, self._topic)).partitions
        partitions = [TopicPartition(self._topic, number) for number in range(count)]
        async with consuming(self._connection, partitions) as consumer:
            await self._seek(consumer, partitions)
            while len(consumer.partitions_for_topic(self._topic) or partitions) == len(partitions):
                found = await consumer.getmany(timeout_ms=_POLL, max_records=_PORTION)
                for partition, batch in found.items():
                    if batch[0].offset < self._next.get(partition, 0):
                        # Somebody made the topic again, or put another cluster in the place of the one we knew.
                        log.warning("topic_began_anew", partition=partition.partition)
                    self._take(partition, batch)
                    self._next[partition] = batch[-1].offset + 1
                await self._report(consumer, partitions)

    async def _seek(self, consumer: Any, partitions: Sequence[TopicPartition]) -> None:
        at = self._since // _MILLISECOND
        found = await consumer.offsets_for_times(dict.fromkeys(partitions, at))
        ends = await consumer.end_offsets(partitions)
        self._listener.reached()
        if self._ends is None:
            self._ends = {one: ends[one] for one in partitions if found[one] is not None}
            if not self._ends:
                self._listener.recalled()
        for partition in partitions:
            begin = found[partition].offset if found[partition] else ends[partition]
            # Where it was left, unless the topic was made anew meanwhile and is shorter than that.
            left = self._next.get(partition, begin)
            consumer.seek(partition, left if left <= ends[partition] else 0)

    def _take(self, partition: TopicPartition, batch: Sequence[Any]) -> None:
        end = (self._ends or {}).get(partition, 0)
        self._listener.recall((one.offset, one.headers) for one in batch if one.offset < end)
        self._listener.see(partition.partition, ((one.offset, one.headers) for one in batch if one.offset >= end))

    async def _report(self, consumer: Any, partitions: Sequence[TopicPartition]) -> None:
        positions = {one: await consumer.position(one) for one in partitions}
        if self._ends and all(positions.get(one, end) >= end for one, end in self._ends.items()):
            self._ends = {}
            self._listener.recalled()
        heard = self._clock() // _MILLISECOND - int(_FRESH * 1000)
        self._listener.follows(
            all(
                at >= (consumer.highwater(one) or 0) and (consumer.last_poll_timestamp(one) or 0) > heard
                for one, at in positions.items()
            )
        )
