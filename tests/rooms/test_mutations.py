"""What no sample can show: nothing a sender can send makes the room raise anything but a DeliveryError."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapters.alertmanager import adapter
from sre_ingest.sdk.errors import DeliveryError, NotJson, WrongShape
from sre_ingest.sdk.signal import Reading
from tests.rooms.bodies import document, item, read
from tests.rooms.contract import assert_valid
from tests.rooms.installed import samples_of

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
WORDS = st.sampled_from(
    ["", "firing", "resolved", "0001-01-01T00:00:00Z", "2026-01-02T03:04:05Z", "Watchdog", "alertname", "labels"]
)
NUMBERS = st.integers() | st.floats(allow_nan=False, allow_infinity=False)
JSON = st.recursive(
    st.none() | st.booleans() | NUMBERS | TEXT | WORDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT | WORDS, inner, max_size=3),
    max_leaves=6,
)
BODIES = [json.loads(sample.body.read_bytes()) for sample in samples_of(adapter) if sample.expected.exists()]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value inside a JSON document."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [path, *(place for key in keys for place in places(value[key], (*path, key)))]


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    """The document with another value at one place."""
    if not path:
        return by
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], by)
    return copy


@st.composite
def mutated(draw: st.DrawFn) -> Any:
    """A sample with random JSON at up to three random places."""
    body = draw(st.sampled_from(BODIES))
    for _ in range(draw(st.integers(1, 3))):
        body = replaced(body, draw(st.sampled_from(places(body))), draw(JSON))
    return body


@settings(max_examples=400, deadline=None)
@given(mutated())
def test_a_mutated_body_is_read_or_refused(body: Any) -> None:
    """Whatever stands where, the outcome is a valid reading or one of the errors that have an answer."""
    try:
        reading = read(body)
    except DeliveryError:
        assert not isinstance(body, dict) or not isinstance(body.get("alerts"), list)
    else:
        assert_valid(reading, len(body["alerts"]))


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=40) | TEXT.map(str.encode))
def test_bytes_that_are_no_webhook_are_refused(body: bytes) -> None:
    """Noise is refused with a reason: forty bytes are too few for a list of alerts."""
    with pytest.raises((NotJson, WrongShape)):
        read(body)


@settings(max_examples=200, deadline=None)
@given(JSON | st.builds(lambda name, value: item(**{name: value}), st.sampled_from(sorted(item())), JSON))
def test_a_sibling_changes_nothing(sibling: Any) -> None:
    """Two good alerts are read in the same way whatever stands between them."""
    good, other = item(), item(status="resolved", fingerprint="11f1e2d3c4b5a697")
    alone, together = read(document(good, good, other)), read(document(good, sibling, other))

    assert said(together, 0) == said(alone, 0)
    assert said(together, 2) == said(alone, 2)


def said(reading: Reading, index: int) -> list[tuple[Any, ...]]:
    """All that a reading says of one item."""
    return [(s.message, s.key, s.occurred_at, s.began_at, s.repairs) for s in reading.signals if s.index == index]
