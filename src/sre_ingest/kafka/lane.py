"""One partition's queue: first in, first out, one batch outstanding, through the spool while Kafka cannot take it.

A lane is direct or turned. Direct: what is put goes to Kafka. Turned, from the moment at which the first record is on
its way to the spool until the last one in it is delivered: what is put goes to the spool, and Kafka gets what is there.
Only behind the last rows, while they are being taken, what is put waits in memory again.

The rules are in `tests/unit/kafka/test_lane_rules.py`, the states and what leads from one to the other in
`test_lane_machine.py` beside it.
"""

import asyncio
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import chain, islice
from typing import Any, cast

import structlog

from sre_ingest.kafka.batching import BATCH_BYTES, fitting, weigh
from sre_ingest.kafka.entry import Entry, awaited, numbers, unsend
from sre_ingest.kafka.failures import UNSETTLED, Failure, judge
from sre_ingest.kafka.producer import RETRY_BACKOFF, SETTLE_TIMEOUT
from sre_ingest.kafka.road import Link, Road
from sre_ingest.kafka.ticket import Ticket
from sre_ingest.metrics import KafkaMetrics
from sre_ingest.publishing import Outcome, Spool

_FIRST_PAUSE, _LAST_PAUSE = 0.1, 5.0
"""Seconds between two attempts to deliver what lies in the spool."""
_FETCHED = 1_000
"""Rows asked for at a time."""

log = structlog.get_logger(__name__)


class Lane:
    """One partition. `put`, `turn` and `adopt` are synchronous, so records stand in the order of the calls."""

    def __init__(
        self, partition: int, road: Road, spool: Spool, metrics: KafkaMetrics, *, settle_timeout: float = SETTLE_TIMEOUT
    ) -> None:
        self.partition = partition
        self._road, self._spool, self._metrics, self._settle_timeout = road, spool, metrics, settle_timeout
        self._outstanding: list[Entry] = []
        self._again: deque[list[Entry]] = deque()
        """Parts of a refused batch, which go before all else."""
        self._queue: deque[Entry] = deque()
        self._spooled: deque[int] = deque()
        """What lies in the spool, and of that what is outstanding, too."""
        self._writing: set[asyncio.Task[None]] = set()
        """What is on its way to the spool."""
        self._flowing = False
        """True while Kafka takes what lies in the spool."""
        self._pause = _FIRST_PAUSE
        self._work = asyncio.Event()

    @property
    def turned(self) -> bool:
        """Whether anything lies in the spool or is on its way there."""
        return bool(self._writing or self._spooled)

    def put(self, entries: Iterable[Entry]) -> None:
        """Queue records, or keep them where those before them are."""
        if self._open:
            self._queue.extend(entries)
        else:
            self._keep(awaited(entries))
        self._work.set()

    @property
    def _open(self) -> bool:
        """Whether what comes may wait for Kafka in memory.

        It may behind the last rows of the spool, once they flow: were it kept, too, while they are under way, a busy
        lane would go through the disk for ever.
        """
        if not self._spool.durable or not self.turned:
            return True
        return not self._writing and self._flowing and len(self._spooled) <= _FETCHED

    def turn_for(self, ticket: Ticket) -> None:
        """Kafka took too long for this ticket: what it waits for here goes to the spool, and all else with it."""
        if awaited(late := [entry for entry in self._waiting() if entry.ticket is ticket]):
            self._turn(late)

    def adopt(self, rows: Sequence[int]) -> None:
        """Deliver these rows of the spool, after all others."""
        self._spooled.extend(rows)
        self._work.set()

    async def run(self) -> None:
        """Hand over batch after batch, for ever; a mistake of ours costs one batch, not the lane."""
        while True:
            await self._work.wait()
            link = await self._road.open(self.partition)
            try:
                await self._step(link)
            except Exception as error:
                # Where, but no traceback: one with its variables would show what the records hold.
                line = error.__traceback__ and error.__traceback__.tb_lineno
                log.error("kafka_lane_stumbled", partition=self.partition, error=type(error).__name__, line=line)  # noqa: TRY400
                if self._outstanding:
                    self._road.failed(link, UNSETTLED)
                await self._trouble(self._outstanding)
            self._outstanding = []

    def vacate(self) -> list[Entry]:
        """Give away what is queued."""
        queued = list(self._queue)
        self._queue.clear()
        return queued

    def oldest(self, most: int) -> list[int]:
        """The oldest rows of the spool that are to be delivered here."""
        return list(islice(self._spooled, most))

    def forget(self, rows: Sequence[int]) -> None:
        """These rows are not to be delivered here any more."""
        gone = set(rows)
        while self._spooled and self._spooled[0] in gone:
            gone.remove(self._spooled.popleft())
        if gone:
            self._spooled = deque(number for number in self._spooled if number not in gone)

    async def settled(self) -> None:
        """Wait until nothing is on its way to the spool."""
        while self._writing:
            await asyncio.wait(set(self._writing))

    def _waiting(self) -> Iterable[Entry]:
        return chain(self._outstanding, chain.from_iterable(self._again), self._queue)

    async def _written(self) -> None:
        """Wait until something more is in the spool, or is not going to be."""
        await asyncio.wait(set(self._writing), return_when=asyncio.FIRST_COMPLETED)

    async def _step(self, link: Link) -> None:
        if self._again:
            entries = [entry for entry in self._again.popleft() if entry.number is not None or entry.awaited]
        elif self._spooled:
            entries = await self._fetch()
        elif self._writing:
            await self._written()
            return
        else:
            # No await between choosing these and marking them as outstanding.
            entries = self._choose()
        self._outstanding = entries
        if entries:
            await self._deliver(link, entries)
        elif not self._queue and not self._again and not self.turned:
            self._work.clear()

    def _choose(self) -> list[Entry]:
        """What the next batch holds of what is awaited: as much as fits."""
        queue = self._queue
        while queue and not queue[0].awaited:
            queue.popleft()
        chosen = fitting(queue, self._road.max_message_bytes)
        for _ in chosen:
            queue.popleft()
        return awaited(chosen)

    async def _fetch(self) -> list[Entry]:
        """What the next batch holds of the spool. A damaged row is put aside; the rest goes on."""
        rows = await self._spool.fetch(list(islice(self._spooled, _FETCHED)), BATCH_BYTES)
        if damaged := [number for number, record in rows if record is None]:
            self.forget(damaged)
            await self._spool.park(damaged)
        entries = [Entry(record, weigh(record), number=number) for number, record in rows if record is not None]
        return fitting(entries, self._road.max_message_bytes)

    async def _deliver(self, link: Link, entries: list[Entry]) -> None:
        """One batch to its end; returns when nothing of it is under way any more."""
        for entry in entries:
            entry.sent = True
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            future = await link.hand_over(self.partition, [entry.record for entry in entries])
        except Exception as error:  # aiokafka raises much that is no KafkaError; all of it comes before the hand-over
            unsend(entries)
            self._road.failed(link, replace(judge(error), fatal=True))
            await self._trouble(entries)
            return
        future.add_done_callback(_look)
        await self._settled(link, future)
        took = loop.time() - began
        self._metrics.duration.observe(took)
        # The batch may have gone to the spool meanwhile: which numbers it has there is known once that is over.
        while any(entry.kept and entry.number is None and entry.awaited for entry in entries):
            await self._written()
        await self._conclude(link, entries, future, tried_once=took < RETRY_BACKOFF)

    async def _settled(self, link: Link, future: asyncio.Future[object]) -> None:
        """Wait until the batch has settled or its producer is closed: until then it may still arrive."""
        # asyncio.wait neither cancels nor raises what it waits for.
        ends: set[asyncio.Future[Any]] = {future, link.closed}
        done, _ = await asyncio.wait(ends, timeout=self._settle_timeout, return_when=asyncio.FIRST_COMPLETED)
        if not done:
            self._road.failed(link, UNSETTLED)
            await asyncio.wait(ends, return_when=asyncio.FIRST_COMPLETED)

    async def _conclude(
        self, link: Link, entries: list[Entry], future: asyncio.Future[object], *, tried_once: bool
    ) -> None:
        if not future.done():
            await self._trouble(entries)
            return
        error = future.exception()
        if error is None:
            self._road.acked()
            await self._done(entries)
            return
        failure = judge(error)
        self._road.failed(link, failure)
        # An attempt before this one may have been written although its answer was lost.
        if failure.refused or (failure.certain and tried_once):
            unsend(entries)
        if failure.divisible and not self._turned_meanwhile(entries):
            await self._divide(entries, failure)
        else:
            await self._trouble(entries)

    def _turned_meanwhile(self, entries: list[Entry]) -> bool:
        """Whether a batch that was direct lies in the spool now: from there it is delivered again."""
        return entries[0].ticket is not None and self.turned

    async def _done(self, entries: list[Entry]) -> None:
        self._pause, self._flowing = _FIRST_PAUSE, True
        for entry in entries:
            entry.settle(Outcome.ACKED)
        if rows := numbers(entries):
            self.forget(rows)
            await self._spool.release(rows)

    async def _divide(self, entries: list[Entry], failure: Failure) -> None:
        """A batch is refused as a whole for one of its records: halve until that one stands alone."""
        if len(entries) > 1:
            middle = len(entries) // 2
            self._again.extendleft((entries[middle:], entries[:middle]))
        elif not failure.refused:
            await self._trouble(entries)
        elif rows := numbers(entries):
            self.forget(rows)
            await self._spool.park(rows)
        else:
            entries[0].settle(Outcome.REFUSED)

    async def _trouble(self, entries: Iterable[Entry]) -> None:
        """Kafka does not take these now. Whoever waits is helped by the spool; what lies there is tried again."""
        self._again = deque(part for part in self._again if part[0].number is None)
        self._turn(entries)
        self._outstanding = []
        if self._spooled:
            await asyncio.sleep(self._pause)
            self._pause = min(self._pause * 2, _LAST_PAUSE)

    def _turn(self, entries: Iterable[Entry]) -> None:
        """Hand these to the spool and, in order of arrival, everything beside them, or it would overtake them.

        A spool that keeps nothing is an answer for them alone; the others may still be in time.
        """
        self._flowing = False
        leaving = awaited(entries)
        if self._spool.durable:
            leaving = awaited(self._waiting())
            self._queue.clear()
            self._again = deque(part for part in self._again if part[0].number is not None)
        self._keep(leaving)

    def _keep(self, entries: list[Entry]) -> None:
        for entry in entries:
            entry.kept = True
        if entries:
            task = asyncio.create_task(self._write(entries))
            self._writing.add(task)

    async def _write(self, entries: list[Entry]) -> None:
        try:
            kept = await self._spool.keep([entry.record for entry in entries], self.adopt)
        finally:
            # Before anybody is answered: what he sends next must find the lane as it is now.
            self._writing.discard(cast("asyncio.Task[None]", asyncio.current_task()))
        for entry, number in zip(entries, kept.numbers, strict=False):
            entry.number = number
        for entry in entries:
            failed = Outcome.UNCERTAIN if entry.sent else kept.outcome
            entry.settle(kept.outcome if kept.outcome is Outcome.STORED else failed)


def _look(future: asyncio.Future[object]) -> None:
    """Keep asyncio from reporting an error that nobody retrieved, because its lane was stopped before."""
    if not future.cancelled():
        future.exception()
