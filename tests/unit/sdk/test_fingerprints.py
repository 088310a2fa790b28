"""Fingerprints: what Prometheus and Alertmanager would have computed."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_ingest.sdk.fingerprints import fingerprint
from tests.rooms.corpus import CORPUS, cases

TEXT = st.text(st.characters(exclude_categories=["Cs"]), min_size=1)
LABELS = st.dictionaries(TEXT, TEXT)

CAPTURED = {
    "01-goalert-am-docs-two-alerts.json": 2,
    "19-oncall-two-alerts-numfiring.json": 2,
    "20-oncall-three-alerts.json": 3,
    "48-unicode-ping-mixed-group-v0.25.json": 5,
    "54-alert-webhooks-four-mixed.json": 4,
}
"""Published captures whose labels nobody edited after Alertmanager had computed the fingerprints, and their alerts."""


@pytest.mark.parametrize(
    ("labels", "expected"),
    [
        ({}, "cbf29ce484222325"),
        ({"alertname": "CheckoutLatencyHigh"}, "6eadfa91023aa9c8"),
        (
            {"alertname": "DiskFillsSoon", "instance": "db-3.example.org:9100", "severity": "warning"},
            "f91c034d69377f7c",
        ),
        ({"alertname": "磁盘已满", "rechenzentrum": "Köln 🚀"}, "dbe98087ac37e8ae"),
    ],
)
def test_golden_fingerprints(labels: dict[str, str], expected: str) -> None:
    """Computed once by the function that agrees with the captures below; the first is FNV-1a's own starting value."""
    assert fingerprint(labels) == expected


@pytest.mark.parametrize("path", cases([CORPUS / "alertmanager" / name for name in CAPTURED]))
def test_it_computes_what_alertmanager_sent(path: Path) -> None:
    """Labels and fingerprints of real notifications, names in Chinese among them."""
    alerts = json.loads(path.read_bytes())["alerts"]

    assert len(alerts) == CAPTURED[path.name]
    assert [fingerprint(alert["labels"]) for alert in alerts] == [alert["fingerprint"] for alert in alerts]


@given(LABELS)
def test_the_order_of_labels_does_not_matter(labels: dict[str, str]) -> None:
    """A label set has no order; the result is 16 lower-case hexadecimal digits."""
    backwards = dict(reversed(labels.items()))

    assert fingerprint(backwards) == fingerprint(labels)
    assert len(fingerprint(labels)) == 16
    assert set(fingerprint(labels)) <= set("0123456789abcdef")


@given(LABELS, TEXT)
def test_an_empty_label_does_not_count(labels: dict[str, str], name: str) -> None:
    """To Prometheus it is absent, and Alertmanager removes it first."""
    without = {key: value for key, value in labels.items() if key != name}

    assert fingerprint({**without, name: ""}) == fingerprint(without)


def test_names_and_values_do_not_run_together() -> None:
    """A separator stands behind each."""
    assert fingerprint({"ab": "c"}) != fingerprint({"a": "bc"})
    assert fingerprint({"a": "b", "c": "d"}) != fingerprint({"a": "bcd"})


def test_names_are_sorted_by_their_bytes() -> None:
    """As Go sorts strings: by UTF-8, where a capital comes before a small letter and an umlaut after both."""
    assert sorted(["ä", "a", "Z"]) == ["Z", "a", "ä"]
    assert fingerprint({"ä": "1", "a": "2", "Z": "3"}) == fingerprint({"Z": "3", "a": "2", "ä": "1"})
