"""W3C Trace Context in."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_ingest.tracing import Origin, admit

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
PARENT = "00f067aa0ba902b7"
VALID = re.compile(r"00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-0[01]")


def entropy(size: int) -> bytes:
    return b"\x11" * size


def test_a_valid_context_is_continued() -> None:
    """The sender's trace goes on under a span of ours; its state is carried along."""
    context = admit(f"00-{TRACE}-{PARENT}-01", "a=1,b=2", entropy)
    assert context.origin is Origin.INBOUND
    assert context.trace_id == TRACE
    assert context.traceparent == f"00-{TRACE}-{'11' * 8}-01"
    assert context.tracestate == "a=1,b=2"


def test_an_unsampled_trace_stays_unsampled() -> None:
    """The sender's decision not to record is kept."""
    assert admit(f"00-{TRACE}-{PARENT}-00", None, entropy).traceparent.endswith("-00")


def test_no_context_starts_a_trace() -> None:
    """A delivery without a trace begins one."""
    context = admit(None, "a=1", entropy)
    assert (context.origin, context.tracestate) == (Origin.GENERATED, "")
    assert context.traceparent == f"00-{'11' * 16}-{'11' * 8}-01"


@pytest.mark.parametrize(
    "header",
    [
        "",
        "garbage",
        f"00-{TRACE.upper()}-{PARENT}-01",
        f"ff-{TRACE}-{PARENT}-01",
        f"00-{'0' * 32}-{PARENT}-01",
        f"00-{TRACE}-{'0' * 16}-01",
        f"00-{TRACE[:-1]}-{PARENT}-01",
        f"00-{TRACE}-{PARENT}-01-extra",
    ],
)
def test_an_invalid_context_starts_a_trace(header: str) -> None:
    """What the standard calls invalid is not continued, and its state is dropped."""
    context = admit(header, "a=1", entropy)
    assert (context.origin, context.tracestate) == (Origin.INVALID, "")
    assert VALID.fullmatch(context.traceparent)


@given(st.text(max_size=80), st.text(max_size=80))
def test_whatever_comes_a_valid_context_results(traceparent: str, tracestate: str) -> None:
    """No header makes an envelope without a valid trace."""
    assert VALID.fullmatch(admit(traceparent, tracestate, entropy).traceparent)


def test_zeros_are_never_an_id() -> None:
    """The one value the standard forbids is not given even when the source of randomness gives it."""
    assert VALID.fullmatch(admit(None, None, bytes).traceparent)
