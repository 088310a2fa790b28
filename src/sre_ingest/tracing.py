"""W3C Trace Context: the trace a delivery belongs to (https://www.w3.org/TR/trace-context/)."""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from opentelemetry.context import Context
from opentelemetry.trace import get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

Entropy = Callable[[int], bytes]
"""Gives so many random bytes, as `os.urandom` does. Tests hand in a fixed one."""

_PROPAGATOR = TraceContextTextMapPropagator()
# A trace that starts here is marked sampled: nothing downstream that follows its parent would record it otherwise.
_SAMPLED = 1


class Origin(StrEnum):
    """Where a delivery's trace began."""

    INBOUND = "inbound"
    GENERATED = "generated"
    INVALID = "invalid"
    """The request had a trace context that is none; a new trace was started, because no alert is worth a header."""


@dataclass(frozen=True, slots=True)
class TraceContext:
    """The span that admitted one delivery, as header values."""

    traceparent: str
    tracestate: str
    origin: Origin

    @property
    def trace_id(self) -> str:
        """32 hex digits."""
        return self.traceparent[3:35]


def admit(traceparent: str | None, tracestate: str | None, entropy: Entropy) -> TraceContext:
    """Open our span in the sender's trace; in a new trace if it has none, or one that the standard calls invalid."""
    if traceparent is None:
        return _root(Origin.GENERATED, entropy)
    carrier = {"traceparent": traceparent, "tracestate": tracestate or ""}
    parent = get_current_span(_PROPAGATOR.extract(carrier, context=Context())).get_span_context()
    if not parent.is_valid:
        return _root(Origin.INVALID, entropy)
    value = f"00-{parent.trace_id:032x}-{_nonzero(8, entropy)}-{parent.trace_flags & _SAMPLED:02x}"
    return TraceContext(value, parent.trace_state.to_header(), Origin.INBOUND)


def _root(origin: Origin, entropy: Entropy) -> TraceContext:
    return TraceContext(f"00-{_nonzero(16, entropy)}-{_nonzero(8, entropy)}-{_SAMPLED:02x}", "", origin)


def _nonzero(size: int, entropy: Entropy) -> str:
    # All zeros is the one value the standard forbids.
    return (entropy(size).lstrip(b"\0") or b"\1").rjust(size, b"\0").hex()
