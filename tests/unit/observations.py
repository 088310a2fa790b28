"""Observations in as few words as a test needs, and a gateway that is nothing but a memory and a clock."""

from prometheus_client import CollectorRegistry

from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested
from sre_ingest.dedup import Claim, Memory
from sre_ingest.metrics import MemoryMetrics
from sre_ingest.publishing import Outcome
from sre_ingest.sdk.signal import TIMELESS, NaturalKey, Signal
from sre_ingest.sdk.times import SECOND, Instant, rfc3339

MINUTE = 60 * SECOND
WINDOW = 10 * MINUTE
HOUR = 60 * MINUTE
"""The window of another endpoint."""
NOON = Instant(1_790_000_400 * SECOND)
"""When all tests begin: the first nanosecond of a half minute and of a window."""

_MESSAGE = IngestAlertRequested()  # the memory reads keys and times, never what is in the message


def at(seconds: float) -> Instant:
    """So many seconds after noon."""
    return Instant(NOON + round(seconds * SECOND))


def alert(state: str, began_at: Instant | None = NOON, fingerprint: str = "f") -> Signal:
    """An alert; without `began_at` its sender gave no time."""
    return _signal(("alert", "t", "alertmanager", "i", fingerprint), state, began_at)


def firing(began_at: Instant | None = NOON, fingerprint: str = "f") -> Signal:
    """The alert fires."""
    return alert("firing", began_at, fingerprint)


def resolved(began_at: Instant | None = NOON, fingerprint: str = "f") -> Signal:
    """The alert is resolved."""
    return alert("resolved", began_at, fingerprint)


def check(state: str, checked_at: Instant | None = NOON, name: str = "c") -> Signal:
    """A health check; without `checked_at` its sender gave no time."""
    return _signal(("check", "t", "generic", "i", name), state, checked_at)


def sli(digest: str, slo: str = "s") -> Signal:
    """An SLI window: its times are the subject's, so its episode has none."""
    return _signal(("sli", "t", slo, "from", "to"), digest, None)


def _signal(subject: tuple[str, ...], state: str, began_at: Instant | None) -> Signal:
    key = NaturalKey(subject, TIMELESS if began_at is None else rfc3339(began_at), state)
    return Signal(0, _MESSAGE, key, NOON if began_at is None else began_at, began_at)


class Gateway:
    """One process's memory whose metrics can be read."""

    def __init__(self, *, since: Instant = NOON, followed: bool = False, max_entries: int = 1_000) -> None:
        self._registry = CollectorRegistry()
        metrics = MemoryMetrics(self._registry)
        self.memory = Memory(max_entries=max_entries, since=since, followed=followed, metrics=metrics)

    def claim(self, signal: Signal, seconds: float, window: int = WINDOW) -> Claim:
        """Claim a delivery of one signal, received so many seconds after noon, and leave it in flight."""
        [claim] = self.memory.claim([signal], at(seconds), window)
        return claim

    def see(self, signal: Signal, seconds: float, outcome: Outcome = Outcome.ACKED, *, window: int = WINDOW) -> Claim:
        """Claim it, and settle it if it is to be published."""
        claim = self.claim(signal, seconds, window)
        if claim.to_publish:
            self.memory.settle(claim, outcome)
        return claim

    def metric(self, name: str) -> float | None:
        """The value of one of the memory's metrics."""
        return self._registry.get_sample_value(f"sre_ingest_{name}")
