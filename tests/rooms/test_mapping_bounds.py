"""No body, however hostile, makes more work of a mapping than its size allows."""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from adapters.generic.mapping import explanation
from sre_ingest.sdk.errors import ItemReason, WrongShape
from sre_ingest.sdk.signal import Reading
from tests.rooms import mappings
from tests.rooms.mappings import ALERT, BODY


def read(folder: Path, body: object, **shape: Any) -> Reading:
    """What a mapping makes of the records that a body lists."""
    return mappings.read(folder, body, {"each": "list", "alert": ALERT} | shape)


@pytest.mark.parametrize(
    "fields",
    [
        {"annotations": {"all": "body()"}},
        {"annotations": {"all": "body().text"}},
        {"annotations_from": ["body().map"]},
        {"annotations_from": ["body().tags"]},
        {"annotations_from": ["body().pairs"]},
        {"annotations_from": ["body().object"]},
        {"annotations_from": ["body().text"]},
        {"title": "join('', body().tags)"},
        {"labels": {"n": "sort(body().tags)[0]"}},
        {"identity": ["contains(body().tags, 'none')"]},
        {"group_key": "body().text == lower(body().text) && body().map"},
    ],
    ids=str,
)
def test_a_record_that_goes_through_the_body_is_stopped(tmp_path: Path, fields: dict[str, Any]) -> None:
    """The first ones are read, those that come after are refused by name, and no record takes long."""
    size = 2_000
    body = {
        "list": [BODY] * size,
        "text": "x" * 20_000,
        "tags": ["x" * 50] * 400,
        "pairs": [{"key": "k", "value": 1}] * 400,
        "object": {str(n): "v" for n in range(400)},
        "map": {"x": ["y" * 40] * 400},
    }
    started = time.process_time()
    reading = read(tmp_path, body, alert=ALERT | fields)
    assert 1 <= len(reading.signals) < size
    assert {one.reason for one in reading.rejects} == {ItemReason.TOO_LARGE}
    assert len(reading.signals) + len(reading.rejects) == size
    assert time.process_time() - started < 60


def test_what_is_left_of_records_that_are_the_body_is_stopped(tmp_path: Path) -> None:
    """`rest` of a thousand records, each of them all of the body."""
    body = BODY | {"list": list(range(2_000)), "text": "x" * 200_000}
    reading = read(tmp_path, body, each="list[*].body()", alert=ALERT | {"rest": "x_", "labels": {"l": "list"}})
    assert 1 <= len(reading.signals) < 2_000
    assert {one.reason for one in reading.rejects} == {ItemReason.TOO_LARGE}


@pytest.mark.parametrize("field", ["when", "ignore", "each"])
def test_a_body_whose_records_cannot_be_found_is_refused(tmp_path: Path, field: str) -> None:
    """With a sentence that says why; and so is its explanation."""
    body = {"list": list(range(5_000))}
    with pytest.raises(WrongShape, match="more work than a body of its size may cause"):
        read(tmp_path, body, **{field: "list[?contains(body().list, @)] && list"})
    with pytest.raises(WrongShape, match="more work than a body of its size may cause"):
        list(explanation.explain(tmp_path / "tool.yaml", json.dumps(body).encode()))


def test_many_honest_records_are_read(tmp_path: Path) -> None:
    """The bound is far from what a batch of plain records needs."""
    labels = {str(n): f"not_null(a{n}, rule)" for n in range(20)} | {"of": "length(body().list)"}
    fields = {"labels": labels, "rest": "x_"}
    assert len(read(tmp_path, {"list": [BODY | {"n": 1}] * 5_000}, alert=ALERT | fields).signals) == 5_000


def test_more_annotations_than_a_record_can_hold_cost_it(tmp_path: Path) -> None:
    """Those of `rest` have the bound of labels."""
    body = {"list": [BODY | {str(n): n for n in range(5_000)}]}
    reading = read(tmp_path, body, alert=ALERT | {"rest": "x_"})
    assert [one.reason for one in reading.rejects] == [ItemReason.TOO_LARGE]


@pytest.mark.parametrize("value", ["1e999", "1e400000000", {"a": 1}, [1], True])
def test_a_time_longer_than_memory_costs_the_record(tmp_path: Path, value: Any) -> None:
    """Nothing is made of its exponent, nor of a value that is no text and no number."""
    time_ = {"value": "at", "formats": ["epoch_s", "rfc3339"]}
    reading = read(tmp_path, {"list": [BODY | {"at": value}]}, alert=ALERT | {"starts_at": time_})
    assert [one.reason for one in reading.rejects] == [ItemReason.BAD_TIME]
