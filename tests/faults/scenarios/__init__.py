"""One module a kind of fault; a scenario is a coroutine whose docstring states the guarantee."""

from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from typing import Any

from tests.faults.checker.row import Row
from tests.faults.checker.trial import Ground
from tests.faults.scenarios import boots, disk, fleet, outages, permissions, poison, process, replacements, spools

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
    Scenario("G2", disk.sync_first),
    Scenario("G3", disk.sync_errors),
    Scenario("G3", disk.write_errors),
    Scenario("G3", disk.short_writes),
    Scenario("G4", outages.outage),
    Scenario("G4", outages.restarts),
    Scenario("G4", outages.replicas),
    Scenario("G4", replacements.replaced),
    Scenario("G4", replacements.recreated),
    Scenario("G5", outages.freeze),
    Scenario("G5", outages.cut),
    Scenario("G6", disk.full),
    Scenario("G7", spools.corrupt),
    Scenario("G7", spools.truncated),
    Scenario("G8", fleet.pair),
    Scenario("G8", outages.doubt),
    Scenario("G15", fleet.rolling),
    Scenario("G16", spools.upgrade),
    Scenario("G18", boots.without_kafka),
    Scenario("G18", boots.without_topic),
    Scenario("G18", boots.without_name),
    Scenario("G19", poison.too_large),
    Scenario("G19", poison.invalid_record),
    Scenario("G19", permissions.forbidden),
)
