"""Signals: how a natural key is spelled, and when seeing it again can only be a repeat."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.alertmanager import adapter
from ameide_core_proto.sre.core.v1.intents_pb2 import RecordSLIWindowRequested
from ameide_core_proto.sre.core.v1.slo_pb2 import SLIWindow
from sre_ingest.sdk import samples
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.signal import KEYED, TIMELESS, NaturalKey, Signal, window
from sre_ingest.sdk.times import parse

TEXT = st.text(st.characters(exclude_categories=["Cs"]))


@given(st.lists(TEXT).map(tuple), TEXT, TEXT)
def test_a_key_is_a_compact_json_array(subject: tuple[str, ...], episode: str, state: str) -> None:
    """As the standard library would write it, characters beyond ASCII unescaped."""
    parts = [*subject, episode, state]

    assert NaturalKey(subject, episode, state).text == json.dumps(parts, ensure_ascii=False, separators=(",", ":"))


def test_a_key_is_spelled_as_documented() -> None:
    """The example of the contract."""
    subject = ("alert", "acme", "alertmanager", "prod-eu", "8f1f2a6c0e4d7b35")

    assert NaturalKey(subject, "2026-03-10T08:00:00Z", "firing").text == (
        '["alert","acme","alertmanager","prod-eu","8f1f2a6c0e4d7b35","2026-03-10T08:00:00Z","firing"]'
    )


@pytest.mark.parametrize(
    ("kind", "episode", "once"),
    [
        ("sli", TIMELESS, True),
        ("check", "2026-03-10T08:00:00Z", True),
        ("check", TIMELESS, False),
        ("alert", "x", False),
        ("alert", KEYED, True),
    ],
)
def test_what_can_be_seen_only_once(kind: str, episode: str, once: bool) -> None:
    """An SLI window, a health check that brings its own time, and what its sender gave a key."""
    assert NaturalKey((kind, "t"), episode, "s").once is once


START, END = parse("2026-03-10T08:00:00Z"), parse("2026-03-10T08:05:00Z")


def measured(numbers: SLIWindow, start: str = "2026-03-10T08:00:00Z") -> Signal:
    """The signal of one window with these numbers."""
    message = RecordSLIWindowRequested(slo_id="checkout-availability", window=numbers)
    return window(0, message, samples.delivery(adapter, b""), start=parse(start), end=END)


def test_a_window_is_named_by_objective_and_times() -> None:
    """Neither the source nor the instance is part of it: who computed the window does not matter."""
    signal = measured(SLIWindow(good_count=999, total_count=1000))

    assert json.loads(signal.key.text)[:6] == [
        "sli", "default", "checkout-availability", "2026-03-10T08:00:00Z", "2026-03-10T08:05:00Z", "-",
    ]  # fmt: skip
    assert (signal.began_at, signal.occurred_at) == (START, END)


def test_a_windows_state_is_its_measurement() -> None:
    """Computed again with other numbers it is another state; with the same numbers the same."""
    numbers = [(1, 2, 0, 0), (2, 2, 0, 0), (1, 3, 0, 0), (0, 0, 0.5, 0), (0, 0, 0, 0), (1, 2, 0, 1)]
    keys = [
        measured(SLIWindow(good_count=good, total_count=total, sli_value=value, partial=bool(partial))).key
        for good, total, value, partial in [*numbers, numbers[0]]
    ]

    assert len(set(keys)) == len(numbers)
    assert keys[-1] == keys[0]


@pytest.mark.parametrize(
    ("numbers", "path"),
    [
        (SLIWindow(good_count=2, total_count=1), "good_count"),
        (SLIWindow(good_count=-1, total_count=1), "good_count"),
        (SLIWindow(good_count=math.nan, total_count=1), "good_count"),
        (SLIWindow(total_count=math.inf), "total_count"),
        (SLIWindow(total_count=math.nan), "total_count"),
        (SLIWindow(total_count=-1), "total_count"),
        (SLIWindow(sli_value=1.5), "sli_value"),
        (SLIWindow(sli_value=math.nan), "sli_value"),
        (SLIWindow(sli_value=0.5, good_count=1, total_count=2), "sli_value"),
    ],
)
def test_impossible_numbers_cost_the_window(numbers: SLIWindow, path: str) -> None:
    """The reject names the first field that cannot be true."""
    with pytest.raises(BadItem) as caught:
        measured(numbers)

    assert (caught.value.reason, caught.value.path) == (ItemReason.BAD_WINDOW, path)


@pytest.mark.parametrize("start", ["2026-03-10T08:05:00Z", "2026-03-10T08:05:00.000000001Z"])
def test_a_window_ends_after_its_start(start: str) -> None:
    """An empty or backward stretch of time measures nothing."""
    with pytest.raises(BadItem) as caught:
        measured(SLIWindow(), start)

    assert (caught.value.reason, caught.value.path) == (ItemReason.BAD_WINDOW, "window_end")
