"""What a scenario reports."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.checker.verdict import Verdict


class NotRunError(Exception):
    """The fault cannot be made here; the text says what is missing."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table of guarantees."""

    verdict: Verdict
    faults: int
    """How many faults were made and survived."""
    notes: Sequence[str] = ()
    """Figures of the scenario's own, in words."""
    complaints: Sequence[str] = field(default_factory=tuple)
    """What the scenario itself found wrong, beside the verdict."""

    @property
    def broken(self) -> list[str]:
        """Everything that was promised and not kept; empty when all is well."""
        return [*self.verdict.broken, *self.complaints]
