"""Samples: which files are samples, and which golden belongs to each."""

import json
from pathlib import Path

import pytest

from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import ItemReason, NotJson
from sre_ingest.sdk.signal import Reading, Reject
from sre_ingest.sdk.times import rfc3339


def read(delivery: Delivery) -> Reading:
    """A room of one line."""
    if delivery.body != b"{}":
        raise NotJson("The body is not strict JSON.")
    return Reading((), (Reject(0, ItemReason.BAD_FIELD, "a.b"),), (1,), truncated=2)


ADAPTER = Adapter(name="tiny", read=read)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two samples with their goldens."""
    for name in ("a.json", "a.expected.json", "b.txt", "b.rejected.json"):
        (tmp_path / name).write_text("{}" if name == "a.json" else "?")
    return tmp_path


def test_samples_are_all_files_that_are_no_goldens(folder: Path) -> None:
    """In the order of their names."""
    assert [(one.name, one.body.name) for one in samples.find(folder)] == [("a", "a.json"), ("b", "b.txt")]
    assert samples.strays(folder) == []


@pytest.mark.parametrize("name", ["c.expected.json", "c.rejected.json"])
def test_a_golden_without_a_sample_is_a_stray(folder: Path, name: str) -> None:
    """It would prove nothing."""
    (folder / name).touch()

    assert samples.strays(folder) == [folder / name]


def test_two_samples_of_one_name_are_strays(folder: Path) -> None:
    """They would share a golden."""
    (folder / "a.txt").touch()

    assert samples.strays(folder) == [folder / "a.json", folder / "a.txt"]


def test_the_golden_follows_from_what_the_room_does(folder: Path) -> None:
    """A reading is spelled out in canonical JSON, a refusal by its reason."""
    read_one, refused = (samples.outcome(ADAPTER, sample) for sample in samples.find(folder))

    assert read_one[0] == folder / "a.expected.json"
    assert json.loads(read_one[1]) == {
        "signals": [],
        "rejects": [{"index": 0, "reason": "bad_field", "path": "a.b"}],
        "ignored": [1],
        "truncated": 2,
    }
    assert refused == (folder / "b.rejected.json", '{\n  "reason": "malformed_json"\n}\n')


def test_a_sample_arrives_at_a_fixed_time_at_a_fixed_endpoint() -> None:
    """So that every golden is the same tomorrow and elsewhere."""
    delivery = samples.delivery(ADAPTER, b"{}")

    assert delivery == samples.delivery(ADAPTER, b"{}")
    assert rfc3339(delivery.received_at) == "2026-01-02T03:04:05.678Z"
    assert (delivery.endpoint.source, delivery.endpoint.path) == ("tiny", "/webhooks/tiny")
