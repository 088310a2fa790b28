"""One module a kind of fault; a scenario is a coroutine whose docstring states the guarantee."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tests.faults.checker.row import Row
from tests.faults.checker.trial import Ground
from tests.faults.scenarios import process

Run = Callable[[Ground], Coroutine[Any, Any, Row]]


@dataclass(frozen=True, slots=True)
class Scenario:
    """One line of the table: which guarantee, and the coroutine that tries to break it."""

    guarantee: str
    run: Run

    @property
    def name(self) -> str:
        """How it is called on the command line."""
        return getattr(self.run, "__name__", "")

    @property
    def promise(self) -> str:
        """The guarantee in one sentence."""
        return " ".join((self.run.__doc__ or "").split())


ALL = (
    Scenario("G1", process.soak),
    Scenario("G2", process.kill),
)
