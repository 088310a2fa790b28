"""What the senders did and what they were told."""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from tests.faults.checker.items import Item


class Outcome(StrEnum):
    """What an answer says of an operation."""

    OK = "ok"
    FAIL = "fail"
    INFO = "info"


@dataclass(frozen=True, slots=True)
class Operation:
    """One delivery and its answer."""

    items: tuple[Item, ...]
    began: float
    """Seconds of a clock that never goes back."""
    seconds: float
    outcome: Outcome
    answer: str
    """The status, or the name of the error in its place."""


class History:
    """Every operation of a run; what was begun and never answered is in it, too."""

    def __init__(self) -> None:
        self.operations: list[Operation] = []
        self.begun: dict[Item, float] = {}
        """When each item was sent first."""
        self.done: dict[Item, float] = {}
        """When each item was acknowledged first."""
        self.ids: dict[Item, str] = {}
        """The message_id that each acknowledged item was told first."""
        self.refused: set[Item] = set()
        """Items that were refused for good."""
        self.counts: Counter[str] = Counter()
        """Items of the receipts, by outcome."""

    def begin(self, items: Sequence[Item], at: float) -> None:
        """These are about to be sent."""
        for item in items:
            self.begun.setdefault(item, at)

    def end(self, operation: Operation, acknowledged: Mapping[Item, str]) -> None:
        """What became of it, with the ids of what was acknowledged."""
        self.operations.append(operation)
        at = operation.began + operation.seconds
        for item, message_id in acknowledged.items():
            self.done.setdefault(item, at)
            self.ids.setdefault(item, message_id)
        if operation.outcome is not Outcome.INFO:
            self.refused.update(item for item in operation.items if item not in acknowledged)

    def count(self, outcome: Outcome) -> int:
        """Operations that ended so."""
        return sum(operation.outcome is outcome for operation in self.operations)

    def answers(self) -> Counter[str]:
        """Operations by their answers."""
        return Counter(operation.answer for operation in self.operations)

    def untaken(self) -> int:
        """Items that were sent and never had a final answer."""
        return len(self.begun.keys() - self.done.keys() - self.refused)

    def slowest(self) -> float:
        """Seconds that the slowest answer took; 0 if there is none."""
        return max((operation.seconds for operation in self.operations), default=0.0)

    def save(self, path: Path) -> None:
        """One operation a line, for whoever has to find out."""
        path.write_text("".join(f"{json.dumps(asdict(operation))}\n" for operation in self.operations))
