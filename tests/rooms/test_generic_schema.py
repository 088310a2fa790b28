"""The published schema and the reading of the generic room say the same."""

import json
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator, FormatChecker

from adapters.generic import adapter
from sre_ingest import catalog
from sre_ingest.sdk import samples, times
from sre_ingest.sdk.errors import ItemReason, WrongShape
from sre_ingest.sdk.samples import Sample
from tests.rooms.generic import ALERT, CHECK, WINDOW
from tests.rooms.installed import samples_of
from tests.rooms.strategies import JSON, mutated

MUTATIONS = int(os.environ.get("MUTATIONS", "200"))
SCHEMA = json.loads((catalog.folder(adapter) / "generic.v1.schema.json").read_text())
FORMATS = FormatChecker(formats=())
FORMATS.checks("date-time", raises=ValueError)(lambda text: not isinstance(text, str) or times.parse(text) is not None)
DOCUMENTS = [sample for sample in samples_of(adapter) if sample.body.suffix == ".json"]
VALIDATOR = Draft202012Validator(SCHEMA, format_checker=FORMATS)

FULL_ALERT: dict[str, Any] = {
    **ALERT,
    "kind": "alert",
    "idempotency_key": "k",
    "ends_at": "2026-01-02T03:05:00Z",
    "annotations": {"summary": "late"},
    "fingerprint": "f",
    "group_labels": {"a": "b"},
    "values": {"A": 1.5},
    "resources": [{"type": "host", "id": "a", "namespace": "b", "cluster": "c", "environment": "d"}],
    **dict.fromkeys(
        ("generator_url", "runbook_url", "dashboard_url", "silence_url", "external_url", "group_key", "receiver"), "x"
    ),
}
FULL_CHECK: dict[str, Any] = {
    **CHECK,
    "kind": "health_check",
    "idempotency_key": "k",
    "message": "m",
    "latency_seconds": 0.5,
    "source": "probe",
    "conditions": [
        {"type": "a", "status": "true", "reason": "r", "message": "m", "last_transition_at": "2026-01-02T03:05:00Z"}
    ],
    "application_id": "a",
    "service_id": "s",
    "labels": {"a": "b"},
}
FULL_WINDOW: dict[str, Any] = {
    **WINDOW,
    "kind": "sli_window",
    "idempotency_key": "k",
    "sli_value": 0,
    "partial": False,
    "computed_at": "2026-01-02T03:05:00Z",
    "source": "s",
    "sli_spec_hash": "h",
}
FULL = [FULL_ALERT, FULL_CHECK, FULL_WINDOW]
RATIO = {name: value for name, value in FULL_WINDOW.items() if not name.endswith("_count")} | {"sli_value": 0.5}
BODIES = [*FULL, RATIO, FULL, {"alerts": [FULL_ALERT], "health_checks": [FULL_CHECK], "sli_windows": [FULL_WINDOW]}]


def assert_agreed(body: bytes) -> None:
    """What is read is valid, and what is valid is read, or is a window of which a schema cannot say that it is untrue:
    one that ends before it starts, or has more good events than events.
    """
    reasons, is_valid = refused(body), valid(json.loads(body))
    assert is_valid if not reasons else reasons == {ItemReason.BAD_WINDOW} or not is_valid


def refused(body: bytes) -> set[str]:
    """Why something of a body is not taken."""
    try:
        reading = adapter.read(samples.delivery(adapter, body))
    except WrongShape as error:
        return {error.reason}
    return {reject.reason for reject in reading.rejects}


def valid(body: object) -> bool:
    """Whether the schema takes a body; it shows the words in lower case and the room reads them in any."""
    return bool(VALIDATOR.is_valid(lowered(body)))


def lowered(value: Any) -> Any:
    """The document with its words in lower case."""
    if isinstance(value, list):
        return [lowered(one) for one in value]
    if not isinstance(value, dict):
        return value
    words = {name: one.lower() for name, one in value.items() if name in ("status", "source") and isinstance(one, str)}
    return {name: lowered(one) for name, one in value.items()} | words


def test_the_schema_is_a_schema() -> None:
    """Of the draft that it names, with a version in its name."""
    Draft202012Validator.check_schema(SCHEMA)
    assert SCHEMA["$id"].endswith("generic.v1")


@pytest.mark.parametrize("sample", DOCUMENTS, ids=lambda sample: sample.name)
def test_a_sample_is_valid_if_it_is_read(sample: Sample) -> None:
    """And invalid if one of its records is not."""
    assert_agreed(sample.body.read_bytes())


def test_every_field_is_described_and_tried() -> None:
    """The three full records have every field of the schema, so that mutations reach each."""
    for record, kind in zip(FULL, ("alert", "health_check", "sli_window"), strict=True):
        properties = SCHEMA["$defs"][kind]["properties"]
        assert set(properties) == set(record)
        assert all("description" in text or "$ref" in text for text in properties.values())
        assert valid(record)
        assert not refused(json.dumps(record).encode())


@settings(max_examples=MUTATIONS, deadline=None)
@given(mutated(BODIES))
def test_a_body_is_valid_if_and_only_if_it_is_understood(body: Any) -> None:
    """With anything anywhere in a body."""
    assert_agreed(json.dumps(body).encode())


@settings(max_examples=MUTATIONS, deadline=None)
@given(
    st.sampled_from([*FULL, RATIO]).flatmap(
        lambda record: st.tuples(st.just(record), st.sampled_from(sorted(record)), JSON | st.just(...))
    )
)
def test_a_record_is_valid_if_and_only_if_it_is_understood(case: tuple[dict[str, Any], str, Any]) -> None:
    """With anything, or nothing, in each of its fields."""
    record, name, value = case
    body = {**record, name: value}
    if value is ...:
        del body[name]
    assert_agreed(json.dumps(body).encode())


UNTRUE = [
    {**WINDOW, "window_end": WINDOW["window_start"]},
    {**WINDOW, "good_count": 10_001},
]
FALSE = [
    {**WINDOW, "good_count": -1},
    {**WINDOW, "sli_value": 0.5},
    {**RATIO, "sli_value": 1.1},
    {**RATIO, "sli_value": -0.1},
]


@pytest.mark.parametrize(("body", "said"), [(body, True) for body in UNTRUE] + [(body, False) for body in FALSE])
def test_what_a_schema_can_say_of_a_window_it_says(body: Any, said: bool) -> None:
    """The gateway refuses all of these; the schema all that stands by itself."""
    assert refused(json.dumps(body).encode()) == {ItemReason.BAD_WINDOW}
    assert valid(body) is said


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        [[]],
        {"alerts": None},
        {"alerts": [None]},
        {"alerts": [], "kind": None},
        {**ALERT, "resource": None},
        {**ALERT, "resource": {}},
        {**ALERT, "resource": {}, "kind": "alert"},
        {**ALERT, "kind": ""},
        {**ALERT, "idempotency_key": ""},
        {**ALERT, "idempotency_key": None},
        {**ALERT, "idempotency_key": "k" * 255},
        {**ALERT, "idempotency_key": "k" * 256},
        {**ALERT, "idempotency_key": "two words"},
        {**ALERT, "idempotency_key": "line\n"},
        {**ALERT, "idempotency_key": "schl\u00fcssel"},
        {**ALERT, "labels": {"a": "", "b": None}},
        {**ALERT, "labels": {"a": 0}},
        {**ALERT, "labels": {"a": "", "b": []}},
        {**ALERT, "values": {"a": True}},
        {**ALERT, "values": {"a": 10**400}},
        {**ALERT, "starts_at": "2026-02-30T00:00:00Z"},
        {**CHECK, "latency_seconds": True},
        {**CHECK, "latency_seconds": 315_576_000_001},
        {**CHECK, "source": ""},
        {**CHECK, "resource": {"type": "", "id": "a"}},
        {**WINDOW, "good_count": None},
        {**WINDOW, "total_count": None, "sli_value": 0.5},
        {**WINDOW, "good_count": None, "total_count": None, "sli_value": 0.5},
        {**WINDOW, "window_start": ""},
        {**WINDOW, "window_start": "0001-01-01T00:00:00Z"},
    ],
    ids=lambda body: json.dumps(body)[:60],
)
def test_the_two_agree_at_the_edges(body: Any) -> None:
    """Cases that chance might miss."""
    assert_agreed(json.dumps(body).encode())
