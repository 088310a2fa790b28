"""One bad alert never costs its siblings."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sre_ingest.sdk.signal import Reading
from tests.rooms.bodies import document, item, read
from tests.rooms.contract import assert_valid
from tests.rooms.strategies import JSON, mutated


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


@settings(max_examples=200, deadline=None)
@given(mutated([document(item(), item(status="resolved"), item(fingerprint=""))]))
def test_a_body_with_alerts_is_never_refused_whole(body: Any) -> None:
    """Wherever junk stands, as long as there is a list of alerts each of them is read or rejected."""
    if isinstance(body, dict) and isinstance(body.get("alerts"), list):
        assert_valid(read(body), len(body["alerts"]))
