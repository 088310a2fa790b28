"""One bad alert never costs its siblings."""

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from sre_ingest.sdk.signal import Reading
from tests.rooms.bodies import document, item, read
from tests.rooms.strategies import JSON


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
