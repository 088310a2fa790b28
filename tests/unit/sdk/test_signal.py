"""Signals: how a natural key is spelled, and when seeing it again can only be a repeat."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_ingest.sdk.signal import TIMELESS, NaturalKey

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
    ],
)
def test_what_can_be_seen_only_once(kind: str, episode: str, once: bool) -> None:
    """An SLI window, and a health check that brings its own time."""
    assert NaturalKey((kind, "t"), episode, "s").once is once
