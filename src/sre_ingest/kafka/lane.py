"""One partition's queue: first in, first out, one batch outstanding, and an answer for every record by its deadline."""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from typing import Any, Protocol

import structlog

from sre_ingest.kafka.batching import BATCH_BYTES, BATCH_HEADER
from sre_ingest.kafka.failures import UNSETTLED, Failure, judge
from sre_ingest.kafka.producer import RETRY_BACKOFF, SETTLE_TIMEOUT
from sre_ingest.kafka.ticket import Ticket
from sre_ingest.metrics import KafkaMetrics
from sre_ingest.publishing import Outcome, Record

log = structlog.get_logger(__name__)


Entry = tuple[Ticket, int, int]
"""A queued record: its ticket, its index there, and its weight in a batch."""


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


class Lane:
    """One partition. `put` is synchronous, so records stand in the queue in the order of the calls."""

    def __init__(
        self, partition: int, road: Road, metrics: KafkaMetrics, *, settle_timeout: float = SETTLE_TIMEOUT
    ) -> None:
        self.partition = partition
        self._road, self._metrics, self._settle_timeout = road, metrics, settle_timeout
        self._queue: deque[Entry] = deque()
        self._again: deque[list[Entry]] = deque()
        """Parts of a refused batch, which go before the queue."""
        self._work = asyncio.Event()

    def put(self, entry: Entry) -> None:
        """Queue a record; drop those in front whose deadline is over, for they are never sent."""
        queue = self._queue
        while queue and queue[0][0].closed:
            queue.popleft()
        queue.append(entry)
        self._work.set()

    async def run(self) -> None:
        """Hand over batch after batch, for ever; a mistake of ours costs one batch, not the lane."""
        while True:
            await self._work.wait()
            link = await self._road.open(self.partition)
            # No await between choosing the records and marking them as handed over.
            portion = self._portion()
            if not portion:
                self._pause()
                continue
            try:
                await self._deliver(link, portion)
            except Exception as error:
                # Where, but no traceback: one with its variables would show what the records hold.
                line = error.__traceback__ and error.__traceback__.tb_lineno
                log.error("kafka_lane_stumbled", partition=self.partition, error=type(error).__name__, line=line)  # noqa: TRY400
                _settle(portion, Outcome.UNCERTAIN)
                self._road.failed(link, UNSETTLED)

    def _pause(self) -> None:
        if not self._queue and not self._again:
            self._work.clear()

    def _portion(self) -> list[Entry]:
        """What the next batch holds: records that are still waited for, as many as fit."""
        if self._again:
            return [entry for entry in self._again.popleft() if not entry[0].closed]
        portion: list[Entry] = []
        room = min(BATCH_BYTES, self._road.max_message_bytes) - BATCH_HEADER
        queue = self._queue
        while queue:
            entry = queue[0]
            if not entry[0].closed:
                room -= entry[2]
                if room < 0 and portion:
                    break
                portion.append(entry)
            queue.popleft()
        return portion

    async def _deliver(self, link: Link, portion: list[Entry]) -> None:
        """One batch to its end; returns when nothing of it is under way any more."""
        records = [ticket.records[index] for ticket, index, _ in portion]
        _mark(portion, Outcome.UNCERTAIN)
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            future = await link.hand_over(self.partition, records)
        except Exception as error:  # aiokafka raises much that is no KafkaError; all of it comes before the hand-over
            _settle(portion, Outcome.FAILED)
            self._road.failed(link, replace(judge(error), fatal=True))
            return
        future.add_done_callback(_look)
        await self._settled(link, future)
        took = loop.time() - began
        self._metrics.duration.observe(took)
        self._conclude(link, portion, future, tried_once=took < RETRY_BACKOFF)

    async def _settled(self, link: Link, future: asyncio.Future[object]) -> None:
        """Wait until the batch has settled or its producer is closed: until then it may still arrive."""
        # asyncio.wait neither cancels nor raises what it waits for.
        ends: set[asyncio.Future[Any]] = {future, link.closed}
        done, _ = await asyncio.wait(ends, timeout=self._settle_timeout, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            self._road.failed(link, UNSETTLED)
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)

    def _conclude(self, link: Link, portion: list[Entry], future: asyncio.Future[object], *, tried_once: bool) -> None:
        if not future.done():
            _settle(portion, Outcome.UNCERTAIN)
            return
        error = future.exception()
        if error is None:
            _settle(portion, Outcome.ACKED)
            self._road.acked()
            return
        failure = judge(error)
        self._road.failed(link, failure)
        if failure.divisible:
            self._divide(portion, failure)
        else:
            # An attempt before this one may have been written although its answer was lost.
            _settle(portion, Outcome.FAILED if failure.certain and tried_once else Outcome.UNCERTAIN)

    def _divide(self, portion: list[Entry], failure: Failure) -> None:
        """A batch is refused as a whole for one of its records: halve until that one stands alone."""
        if len(portion) == 1:
            _settle(portion, Outcome.REFUSED if failure.refused else Outcome.UNCERTAIN)
            return
        _mark(portion, Outcome.FAILED if failure.refused else Outcome.UNCERTAIN)
        middle = len(portion) // 2
        self._again.extendleft((portion[middle:], portion[:middle]))


def _settle(portion: list[Entry], outcome: Outcome) -> None:
    for ticket, index, _ in portion:
        ticket.settle(index, outcome)


def _mark(portion: list[Entry], outcome: Outcome) -> None:
    for ticket, index, _ in portion:
        ticket.mark(index, outcome)


def _look(future: asyncio.Future[object]) -> None:
    """Keep asyncio from reporting an error that nobody retrieved, because its lane was stopped before."""
    if not future.cancelled():
        future.exception()
