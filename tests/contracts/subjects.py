"""What the contract suite is run against: a started publisher and a way to look into its log behind its back."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from sre_ingest.publishing import Publisher, Record


@dataclass(frozen=True, slots=True)
class Subject:
    """One publisher under test, started, on an empty log."""

    publisher: Publisher
    read: Callable[[int], Awaitable[list[Record]]]
    """The whole log once it holds this many records; order holds for equal keys."""
    stop_within: float = 1.0
    """Seconds that `stop` may take by its own word."""
