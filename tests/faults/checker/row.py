"""What a scenario reports."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from tests.faults.checker.verdict import Verdict
from tests.parts.processes import PartFailedError, run


class NotRunError(Exception):
    """The fault cannot be made here; the text says what is missing."""


def permitted(prefix: tuple[str, ...], what: str) -> tuple[str, ...]:
    """What is to stand before a command, once it was tried; NotRunError where it is not permitted to do that."""
    try:
        run([*prefix, "true"])
    except PartFailedError:
        raise NotRunError(f"no permission to {what}") from None
    return prefix


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
