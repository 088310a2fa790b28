"""The last step's words: what is published, where it ended, and who can publish."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

Headers = Iterable[tuple[str, bytes | None]]
"""The headers of a record as they are found in a log, where somebody may have written null."""


@dataclass(frozen=True, slots=True)
class Record:
    """One message as the topic sees it."""

    key: bytes
    headers: tuple[tuple[str, bytes], ...]
    value: bytes

    @property
    def size(self) -> int:
        """Bytes of key, headers and value together, without the log's own framing."""
        return len(self.key) + len(self.value) + sum(len(name) + len(value) for name, value in self.headers)


class Outcome(StrEnum):
    """Where one record ended."""

    ACKED = "acked"
    """Every in-sync replica of Kafka has it."""
    STORED = "stored"
    """It is on this gateway's disk, synced."""
    REFUSED = "refused"
    """It is larger than the log accepts and can never be published."""
    FAILED = "failed"
    """It is certainly not in the log."""
    UNCERTAIN = "uncertain"
    """It was handed over and nobody answered: it may be in the log, or arrive there yet."""

    @property
    def durable(self) -> bool:
        """True if a crash of the gateway cannot lose the record any more."""
        return self in (Outcome.ACKED, Outcome.STORED)


@dataclass(frozen=True, slots=True)
class Standing:
    """Where the records are that were answered with a durable outcome since the start."""

    acked: int = 0
    """Kafka has them."""
    waiting: int = 0
    """They are on the disk; below 0 if more of an earlier run have left it since than came."""
    parked: int = 0
    """They are on the disk, set aside, because the log never takes them."""
    moving: int = 0
    """So many of those that wait may be acked or parked as well: they are just leaving."""


class Publisher(Protocol):
    """A log that takes records: Kafka, or the embedded one. Every implementation passes `tests/contracts/`."""

    async def start(self) -> None:
        """Begin; never waits for a broker. Called once."""

    async def publish(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """Publish all; one outcome a record, in the same order, within the publisher's own deadline.

        Never raises for what a log or a network does. Records with an equal key that are published by successive
        calls (the second called after the first, answered or not) reach the log in that order. Cancelling the caller
        withdraws nothing.
        """

    async def stop(self) -> None:
        """Finish what was taken, within a bound, and release everything. Called once; `publish` answers FAILED
        afterwards.
        """

    def ready(self) -> str | None:
        """None when publishing is expected to work now, otherwise one sentence that says why not."""

    def standing(self) -> Standing:
        """Where the records are now, by what is found there and not by what was answered."""


Adopt = Callable[[Sequence[int]], None]
"""Is told the numbers of rows that are in the spool, in their order."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of records that were to be kept."""

    outcome: Outcome
    """STORED, FAILED or UNCERTAIN, for all of them."""
    numbers: Sequence[int] = ()
    """The number of each, if they are STORED."""


class Spool(Protocol):
    """Where records wait that a log cannot take now: durable, in order, each under a number that is never given twice.

    Nothing here raises for what a disk does, but `start` and reading: whoever reads tries again later.
    """

    durable: bool
    """False if it never keeps anything."""

    async def start(self, adopt: Adopt) -> None:
        """Open it. `adopt` is told, now and later, of rows that are there and that nobody else was told of."""

    async def keep(self, records: Sequence[Record], adopt: Adopt) -> Kept:
        """Append all or none; calls are kept in their order. `adopt` is told before the answer is, and even if the
        answer had to be UNCERTAIN because the disk was slow.
        """

    async def fetch(self, numbers: Sequence[int], max_bytes: int) -> Sequence[tuple[int, Record | None]]:
        """The first of these rows, as many as `max_bytes` hold and one at least; None for one that is damaged."""

    async def keys(self, numbers: Sequence[int]) -> Sequence[bytes]:
        """The key of each of these rows; empty for one that is damaged."""

    async def release(self, numbers: Sequence[int]) -> None:
        """The log has these rows: they are done with."""

    async def park(self, numbers: Sequence[int]) -> None:
        """These rows can never be delivered: put them aside."""

    async def stop(self) -> None:
        """Finish what was taken and close it."""

    def ready(self) -> str | None:
        """None while it takes records, otherwise one sentence that says why not."""

    def standing(self) -> Standing:
        """Where the records are now that were STORED since the start."""


class NoSpool:
    """The spool of a deployment without a disk: it keeps nothing, so whoever delivers has to do it again."""

    durable = False

    async def start(self, adopt: Adopt) -> None:
        """Nothing to open."""

    async def keep(self, records: Sequence[Record], adopt: Adopt) -> Kept:
        """Nothing is ever kept."""
        return Kept(Outcome.FAILED)

    async def fetch(self, numbers: Sequence[int], max_bytes: int) -> Sequence[tuple[int, Record | None]]:
        """There is nothing."""
        return []

    async def keys(self, numbers: Sequence[int]) -> Sequence[bytes]:
        """There is nothing."""
        return []

    async def release(self, numbers: Sequence[int]) -> None:
        """There is nothing."""

    async def park(self, numbers: Sequence[int]) -> None:
        """There is nothing."""

    async def stop(self) -> None:
        """Nothing to close."""

    def ready(self) -> str | None:
        """Never ready to take anything."""
        return "There is no spool."

    def standing(self) -> Standing:
        """Nothing was ever kept."""
        return Standing()


class MemoryPublisher:
    """A log in a list, for tests and for trying a room: it keeps every promise but durability, which it claims
    nevertheless.
    """

    def __init__(self, outcome: Outcome = Outcome.ACKED) -> None:
        self.records: list[Record] = []
        self.outcome = outcome
        """What to answer from now on; only durable outcomes are kept."""

    async def start(self) -> None:
        """Nothing to begin."""

    async def publish(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """Append and answer at once."""
        if self.outcome.durable:
            self.records.extend(records)
        return [self.outcome] * len(records)

    async def stop(self) -> None:
        """Answer FAILED from now on."""
        self.outcome = Outcome.FAILED

    def ready(self) -> str | None:
        """Ready while it answers with durable outcomes."""
        return None if self.outcome.durable else f"The memory publisher answers {self.outcome}."

    def standing(self) -> Standing:
        """All in the list."""
        return Standing(acked=len(self.records))
