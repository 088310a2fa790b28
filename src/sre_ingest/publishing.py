"""The last step's words: what is published, where it ended, and who can publish."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


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
