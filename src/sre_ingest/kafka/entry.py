"""A record on its way through a lane."""

from collections.abc import Iterable
from dataclasses import dataclass

from sre_ingest.kafka.ticket import Ticket
from sre_ingest.publishing import Outcome, Record


@dataclass(slots=True, eq=False)
class Entry:
    """One record: one that somebody waits for, one that lies in the spool, or both."""

    record: Record
    weight: int
    """What it takes in a batch, bytes."""
    ticket: Ticket | None = None
    index: int = 0
    """Its place in the ticket."""
    number: int | None = None
    """Its number in the spool."""
    kept: bool = False
    """True once it was handed to the spool."""
    sent: bool = False
    """True once Kafka may have it, until Kafka says that it does not."""

    @property
    def awaited(self) -> bool:
        """Whether somebody still waits for its answer."""
        return self.ticket is not None and self.ticket.waits_for(self.index)

    def settle(self, outcome: Outcome) -> None:
        """Tell whoever waits where it ended."""
        if self.ticket is not None:
            self.ticket.settle(self.index, outcome)


def numbers(entries: Iterable[Entry]) -> list[int]:
    """The numbers of those that lie in the spool."""
    return [entry.number for entry in entries if entry.number is not None]


def awaited(entries: Iterable[Entry]) -> list[Entry]:
    """Those that somebody waits for and that were not handed to the spool."""
    return [entry for entry in entries if entry.awaited and not entry.kept]


def unsend(entries: Iterable[Entry]) -> None:
    """Kafka says that it does not have them."""
    for entry in entries:
        entry.sent = False
