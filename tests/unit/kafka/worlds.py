"""A broker and a disk that do the worst they may, in a time of their own."""

import asyncio
import selectors
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import Enum

from aiokafka import errors as kafka

from sre_ingest.kafka.failures import Failure
from sre_ingest.publishing import Adopt, Kept, Outcome, Record, Standing


class StuckError(AssertionError):
    """Nothing is ever going to happen again, and somebody waits for it."""


class Loop(asyncio.SelectorEventLoop):
    """An event loop whose time passes only when there is nothing to do, and then at once."""

    def __init__(self) -> None:
        super().__init__(_Impatient(self))
        self.now = 0.0

    def time(self) -> float:
        """Seconds of its own."""
        return self.now


class _Impatient(selectors.DefaultSelector):
    """Waits for nobody: the time in which nothing happens is skipped."""

    def __init__(self, loop: Loop) -> None:
        super().__init__()
        self._loop = loop

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        """What is ready now."""
        if timeout is None:
            raise StuckError
        self._loop.now += timeout
        return super().select(0)


class Fate(Enum):
    """What becomes of a batch."""

    TAKEN = "appended and acknowledged"
    DOUBLED = "appended twice and acknowledged"
    UNANSWERED = "appended, and the answer is lost"
    LOST = "not appended, and no answer"
    REFUSED = "not appended, and told so"
    FORBIDDEN = "not appended: not allowed"
    UNNAMED = "not appended, for a reason that has no name here"


@dataclass(eq=False)
class Batch:
    """A batch that the broker has."""

    values: list[int]
    future: asyncio.Future[object]


class Link:
    """One producer; a new one follows when it is closed."""

    def __init__(self, broker: "Broker") -> None:
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._broker = broker

    async def hand_over(self, partition: int, records: Sequence[Record]) -> asyncio.Future[object]:
        """Give it to the broker, whose fate for it is the test's."""
        if self.closed.done():
            raise kafka.ProducerClosed
        batch = Batch([int(record.value) for record in records], asyncio.get_running_loop().create_future())
        if self._broker.under_way(self):
            self._broker.faults.append("a second batch is handed over while one is under way")
        self._broker.batches.append((self, batch))
        self._broker.decide(batch)
        return batch.future


class Broker:
    """A partition of a topic, and the road to it."""

    max_message_bytes = 300  # about four records a batch

    def __init__(self) -> None:
        self.topic: list[int] = []
        self.poison: set[int] = set()
        """Records that it never takes."""
        self.faults: list[str] = []
        """What the lane did and may not do; an error would only make it stumble."""
        self.obliging = False
        """True once it does everything it is asked for, at once."""
        self.batches: list[tuple[Link, Batch]] = []
        self.stray: list[list[int]] = []
        """Batches of links that are gone, which may arrive yet."""
        self._link: Link | None = None
        self._reachable = asyncio.Event()
        self._reachable.set()

    def under_way(self, link: Link) -> list[Batch]:
        """Batches of this link without a fate."""
        return [batch for one, batch in self.batches if one is link and not batch.future.done()]

    async def open(self, partition: int) -> Link:
        """A link, once there is one."""
        await self._reachable.wait()
        if self._link is None or self._link.closed.done():
            self._link = Link(self)
        return self._link

    def acked(self) -> None:
        """Nothing to do."""

    def failed(self, link: object, failure: Failure) -> None:
        """A producer that is of no use is closed, which takes the supervisor a while."""
        if failure.fatal and link is self._link:
            asyncio.get_running_loop().call_later(0.5, self._close, link)

    def _close(self, link: object) -> None:
        if link is self._link:
            self.close()

    def reach(self, reachable: bool) -> None:
        """Open or close the road for batches to come."""
        if reachable:
            self._reachable.set()
        else:
            self._reachable.clear()

    def close(self) -> None:
        """End the producer; what the broker has of it may still be appended."""
        if self._link is not None and not self._link.closed.done():
            self.stray += [batch.values for batch in self.under_way(self._link)]
            self.batches.clear()
            self._link.closed.set_result(None)

    def decide(self, batch: Batch) -> None:
        """Do at once what an obliging broker does, or what a poisoned one must."""
        if self.poison & set(batch.values):
            self.end(batch, kafka.MessageSizeTooLargeError())
        elif self.obliging:
            self.settle(batch, Fate.TAKEN)

    def settle(self, batch: Batch, fate: Fate) -> None:
        """Let the fate of a batch come true."""
        times = {Fate.TAKEN: 1, Fate.DOUBLED: 2, Fate.UNANSWERED: 1}.get(fate, 0)
        for _ in range(times):
            self.topic += batch.values
        errors = {
            Fate.UNANSWERED: kafka.RequestTimedOutError,
            Fate.LOST: kafka.RequestTimedOutError,
            Fate.REFUSED: kafka.NotEnoughReplicasError,
            Fate.FORBIDDEN: kafka.TopicAuthorizationFailedError,
            Fate.UNNAMED: kafka.UnknownError,
        }
        self.end(batch, errors[fate]() if fate in errors else None)

    def end(self, batch: Batch, error: BaseException | None) -> None:
        """Answer the producer."""
        self.batches = [(link, one) for link, one in self.batches if one is not batch]
        if batch.future.done():
            return
        if error is None:
            batch.future.set_result(None)
        else:
            batch.future.set_exception(error)


class Mood(Enum):
    """How a disk is."""

    WELL = "it keeps what it is given"
    SLOW = "it keeps it, after everybody has given up waiting"
    FULL = "it keeps nothing, and says so"
    BROKEN = "nobody knows whether it keeps it, and it does not"
    UNREADABLE = "it keeps what it is given, and does not show it"


@dataclass
class Disk:
    """A spool whose rows outlive the process."""

    rows: dict[int, Record] = field(default_factory=dict)
    damaged: set[int] = field(default_factory=set)
    parked: list[int] = field(default_factory=list)
    stuck: set[int] = field(default_factory=set)
    """Rows that could not be deleted; they come again after a restart."""
    mood: Mood = Mood.WELL
    durable: bool = True
    _last: int = 0
    _turn: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def start(self, adopt: Adopt) -> None:
        """Tell of what is there."""
        adopt(sorted(self.rows))

    async def keep(self, records: Sequence[Record], adopt: Adopt) -> Kept:
        """Keep it, as the mood is when its turn comes."""
        async with self._turn:
            await asyncio.sleep(0.01)
            match self.mood:
                case Mood.FULL:
                    return Kept(Outcome.FAILED)
                case Mood.BROKEN:
                    return Kept(Outcome.UNCERTAIN)
            numbers = range(self._last + 1, self._last + 1 + len(records))
            self._last = numbers[-1]
            if self.mood is Mood.SLOW:
                # The writer goes on after its caller has been answered; nothing is written in between.
                asyncio.get_running_loop().call_later(0.005, self._arrive, numbers, records, adopt)
                await asyncio.sleep(0)
                return Kept(Outcome.UNCERTAIN)
            self._arrive(numbers, records, adopt)
            return Kept(Outcome.STORED, numbers)

    def _arrive(self, numbers: Sequence[int], records: Sequence[Record], adopt: Adopt) -> None:
        self.rows |= dict(zip(numbers, records, strict=True))
        adopt(numbers)

    async def fetch(self, numbers: Sequence[int], max_bytes: int) -> Sequence[tuple[int, Record | None]]:
        """Up to five rows."""
        await asyncio.sleep(0.001)
        if self.mood is Mood.UNREADABLE:
            raise OSError
        return [(number, None if number in self.damaged else self.rows.get(number)) for number in numbers[:5]]

    async def keys(self, numbers: Sequence[int]) -> Sequence[bytes]:
        """All rows have one key."""
        return [b"key"] * len(numbers)

    async def release(self, numbers: Sequence[int]) -> None:
        """Delete rows, unless the disk is broken."""
        await asyncio.sleep(0.001)
        if self.mood is Mood.BROKEN:
            self.stuck.update(numbers)
            return
        for number in numbers:
            self.rows.pop(number, None)

    async def park(self, numbers: Sequence[int]) -> None:
        """Put rows aside."""
        await asyncio.sleep(0.001)
        self.parked += [int(self.rows.pop(number).value) for number in numbers if number in self.rows]

    async def stop(self) -> None:
        """Nothing to close."""

    def ready(self) -> str | None:
        """Always."""
        return None

    def standing(self) -> Standing:
        """By its rows; what was delivered from here is not counted."""
        return Standing(waiting=len(self.rows), parked=len(self.parked))
