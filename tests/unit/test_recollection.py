"""When readiness waits for the log to be read back."""

from prometheus_client import CollectorRegistry

from sre_ingest.dedup import Memory
from sre_ingest.metrics import MemoryMetrics, RecollectionMetrics
from sre_ingest.recollection import PATIENCE, UNHEARD, Recollection, Span
from sre_ingest.sdk.times import SECOND, Instant

NOW = Instant(1_700_000_000 * SECOND)


class Clock:
    """A clock that goes on when it is told to."""

    now = NOW

    def __call__(self) -> Instant:
        """Unix nanoseconds."""
        return self.now


def recollection(clock: Clock) -> Recollection:
    registry = CollectorRegistry()
    memory = Memory(max_entries=10, since=NOW, followed=False, metrics=MemoryMetrics(registry))
    return Recollection(memory, Span(NOW, NOW), RecollectionMetrics(registry), clock, lambda *_: None)


def test_a_log_out_of_reach_holds_readiness_up_for_two_seconds() -> None:
    """Without Kafka the gateway is ready soon: what comes goes to the spool."""
    here = recollection(clock := Clock())
    assert here.ready()
    clock.now = Instant(NOW + UNHEARD + 1)
    assert here.ready() is None


def test_a_log_that_is_being_read_holds_it_up_for_ten() -> None:
    """So that what is on it is not taken for new."""
    here = recollection(clock := Clock())
    here.reached()
    clock.now = Instant(NOW + UNHEARD + 1)
    assert here.ready()
    clock.now = Instant(NOW + PATIENCE + 1)
    assert here.ready() is None


def test_a_log_that_was_read_holds_nothing_up() -> None:
    """However little time has passed."""
    here = recollection(Clock())
    here.reached()
    here.recalled()
    assert here.ready() is None
