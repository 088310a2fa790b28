"""Random JSON, and bodies that are nearly right."""

from typing import Any

from hypothesis import strategies as st

from sre_ingest.conformance import mutations

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


def mutated(documents: list[Any]) -> st.SearchStrategy[Any]:
    """One of the documents with other JSON at up to three random places, as the conformance kit changes them."""
    return st.randoms(use_true_random=False).map(lambda random: mutations.mutated(random, documents))
