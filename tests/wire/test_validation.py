"""The validator: each rule of the contract is broken once, and named once."""

import math
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from hypothesis import given, settings
from hypothesis import strategies as st

from ameide_core_proto.sre.core.v1.alert_pb2 import Alert
from ameide_core_proto.sre.core.v1.runbook_pb2 import Runbook, RunbookStep
from ameide_core_proto.sre.core.v1.slo_pb2 import SLI_TYPE_LATENCY
from ameide_core_proto.sre.core.v1.sre_pb2 import (
    ALERT_STATUS_ACKNOWLEDGED,
    ALERT_STATUS_FIRING,
    ALERT_STATUS_RESOLVED,
    ALERT_STATUS_SILENCED,
    ALERT_STATUS_UNSPECIFIED,
)
from sre_ingest.contract import comments, fields, version
from sre_ingest.contract.catalogue import FACTS, INTENTS, PROCESS_FACTS, STREAMS, VARIANTS, Stream, Variant
from sre_ingest.contract.validation import Rule, Violation, validate, validate_record
from sre_ingest.contract.version import SCHEMA_VERSION
from tests.wire import catalogues, valid

each_variant = pytest.mark.parametrize("variant", valid.ALL, ids=lambda variant: variant.type)
each_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)

Change = Callable[[Any], object]


def variant(member: str, stream: Stream = INTENTS) -> Variant:
    """The variant of this name."""
    return next(one for one in valid.ALL if one.member == member and one.stream is stream)


def broken(change: Change, member: str = "ingest_alert_requested", stream: Stream = INTENTS) -> list[tuple[Rule, str]]:
    """What is said of a valid envelope after one change."""
    envelope = valid.envelope(variant(member, stream))
    change(envelope)
    return [(found.rule, found.path) for found in validate(envelope)]


def first(stream: Stream) -> Any:
    """A valid envelope of a stream."""
    return valid.envelope(next(one for one in valid.ALL if one.stream is stream))


@each_variant
def test_a_valid_envelope_has_no_violation(variant: Variant) -> None:
    """Every variant can be valid with every field set."""
    assert validate(valid.envelope(variant)) == ()


def test_check_37_the_aggregates_are_those_of_the_specification() -> None:
    """51 rows, copied from its tables, against what the validator goes by; eight names, and none beside them."""
    expected = {
        (catalogues.snake_case(message), int(number)): aggregate.partition(" (")[0]
        for catalogue in (catalogues.INTENTS, catalogues.FACTS)
        for message, number, aggregate in catalogue.table
    }
    assert {(one.member, one.number): one.aggregate for one in valid.ALL if one.aggregate} == expected
    assert len({*expected.values()}) == 8
    assert {one.aggregate for one in valid.ALL if one.stream is PROCESS_FACTS} == {""}


def test_the_workflows_are_those_of_the_specification() -> None:
    """Nine rows, copied from its table, and none for the members of the other two envelopes."""
    expected = {(catalogues.snake_case(row[0]), int(row[1])): row[2] for row in catalogues.PROCESS_FACTS.table}
    assert {(one.member, one.number): one.workflow for one in valid.ALL if one.workflow} == expected


@each_variant
def test_check_37_a_subject_of_another_aggregate_is_refused(variant: Variant) -> None:
    """Whatever the member is, every other of the eight names is wrong for it."""
    for name in {one.aggregate for one in valid.ALL} - {variant.aggregate, ""} if variant.aggregate else ():
        envelope: Any = valid.envelope(variant)
        envelope.subject.aggregate_type = name
        assert validate(envelope) == (Violation(Rule.AGGREGATE_TYPE, "subject.aggregate_type"),)


@each_variant
def test_the_subjects_id_is_that_of_the_payload(variant: Variant) -> None:
    """Wherever the payload tells the id of its aggregate, alone or inside, the subject tells the same."""
    envelope: Any = valid.envelope(variant)
    if not variant.aggregate:
        return
    envelope.subject.aggregate_id = "another"
    assert validate(envelope) == (Violation(Rule.AGGREGATE_ID, "subject.aggregate_id"),)


@pytest.mark.parametrize(
    ("stream", "number", "accepted"),
    [
        (FACTS, 0, False),
        (FACTS, -1, False),
        (FACTS, 1, True),
        (INTENTS, 0, True),
        (INTENTS, 5, True),
        (INTENTS, -1, False),
    ],
)
def test_check_38_versions_of_aggregates(stream: Stream, number: int, accepted: bool) -> None:
    """A fact has a version of at least 1; an intent may expect none, which is 0; below that there is nothing."""
    envelope = first(stream)
    envelope.subject.aggregate_version = number
    expected = () if accepted else (Violation(Rule.AGGREGATE_VERSION, "subject.aggregate_version"),)
    assert validate(envelope) == expected


@each_stream
@pytest.mark.parametrize(
    "field",
    ["message_id", "schema_version", "tenant_id", "occurred_at", "producer", "correlation_id", "traceparent"],
)
def test_check_39_an_empty_field_of_the_meta_is_named(stream: Stream, field: str) -> None:
    """Each of the seven that the specification requires, emptied alone, is one violation that names it."""
    envelope = first(stream)
    envelope.meta.ClearField(field)
    assert validate(envelope) == (Violation(Rule.REQUIRED, f"meta.{field}"),)


@each_stream
def test_check_39_the_other_fields_of_the_meta_may_be_empty(stream: Stream) -> None:
    """What caused a message may be unknown, and so may the vendors' part of its trace, and its actor."""
    envelope = first(stream)
    for field in ("causation_id", "tracestate", "actor"):
        envelope.meta.ClearField(field)
    assert validate(envelope) == ()


@each_stream
def test_check_39_an_envelope_without_a_member_says_nothing(stream: Stream) -> None:
    """None of the oneof is set, also because only a later version knows the one that is."""
    envelope = first(stream)
    envelope.ClearField(stream.oneof)
    assert validate(envelope) == (Violation(Rule.NO_MEMBER, stream.oneof),)


@each_stream
def test_an_empty_envelope_lacks_everything(stream: Stream) -> None:
    """Meta and subject are required like any other field."""
    assert [(one.rule, one.path) for one in validate(stream.envelope())][:2] == [
        (Rule.REQUIRED, "meta"),
        (Rule.REQUIRED, "subject"),
    ]


@pytest.mark.parametrize("field", ["aggregate_type", "aggregate_id"])
def test_a_subject_that_says_nothing_contradicts_nothing(field: str) -> None:
    """What is empty is missing, and that is all that is said of it."""
    assert broken(lambda envelope: envelope.subject.ClearField(field)) == [(Rule.REQUIRED, f"subject.{field}")]


@each_variant
def test_a_process_is_named(variant: Variant) -> None:
    """A process fact says which workflow, which instance of it, and which incident."""
    for field in ("workflow_type", "workflow_id", "incident_id") if variant.workflow else ():
        envelope: Any = valid.envelope(variant)
        envelope.subject.ClearField(field)
        assert validate(envelope) == (Violation(Rule.REQUIRED, f"subject.{field}"),)


def test_a_correlation_of_no_alerts_has_no_subject_to_compare() -> None:
    """The list is missing; the subject cannot be held against it."""
    member = "correlate_alerts_to_incident_requested"
    assert broken(lambda envelope: getattr(envelope, member).ClearField("alert_ids"), member) == [
        (Rule.REQUIRED, f"{member}.alert_ids")
    ]


def test_a_required_field_deep_inside_is_named_by_its_place() -> None:
    """Repeated fields by index; an enumeration that was not set is as empty as a text."""

    def change(envelope: Any) -> None:
        envelope.create_incident_requested.affected_resources[1].id = ""
        envelope.create_incident_requested.severity = 0

    assert broken(change, "create_incident_requested") == [
        (Rule.REQUIRED, "create_incident_requested.severity"),
        (Rule.REQUIRED, "create_incident_requested.affected_resources[1].id"),
    ]


def test_an_update_need_not_be_complete() -> None:
    """The update mask says which fields of the aggregate count, so none of the others is required; the mask is."""

    def change(envelope: Any) -> None:
        envelope.update_runbook_requested.runbook.CopyFrom(Runbook(runbook_id=valid.SUBJECT_ID))

    assert broken(change, "update_runbook_requested") == []


@pytest.mark.parametrize("change", [lambda one: one.ClearField("update_mask"), lambda one: one.update_mask.Clear()])
@pytest.mark.parametrize("kind", ["runbook", "slo", "service", "postmortem"])
def test_an_update_names_a_field(kind: str, change: Change) -> None:
    """A mask that is absent, or names nothing, asks for nothing."""
    member = f"update_{kind}_requested"
    found = broken(lambda envelope: change(getattr(envelope, member)), member)
    assert found == [(Rule.REQUIRED, f"{member}.update_mask")]


@pytest.mark.parametrize(
    ("member", "path"),
    [
        ("record_sli_window_requested", "window.good_count"),
        ("record_fleet_state_requested", "fleet_state.healthy_count"),
        ("create_runbook_requested", "runbook.approval_required"),
    ],
)
def test_zero_is_a_value(member: str, path: str) -> None:
    """A required number or boolean cannot be told from one that is 0 or false, and that means something."""
    inner, field = path.split(".")
    assert broken(lambda envelope: getattr(getattr(envelope, member), inner).ClearField(field), member) == []


@pytest.mark.parametrize("member", ["create_slo_requested", "slo_updated"])
def test_zero_is_no_target(member: str) -> None:
    """Where a bound excludes 0, 0 is as empty as a text; but an update may leave the field out."""
    stream = INTENTS if member.endswith("requested") else FACTS
    found = broken(lambda envelope: getattr(envelope, member).slo.ClearField("target_percent"), member, stream)
    assert found == [(Rule.REQUIRED, f"{member}.slo.target_percent")]
    member = "update_slo_requested"
    assert broken(lambda envelope: getattr(envelope, member).slo.ClearField("target_percent"), member) == []


@pytest.mark.parametrize(
    ("member", "path", "value", "rule"),
    [
        ("create_slo_requested", "slo.target_percent", 100, Rule.BOUNDS),
        ("create_slo_requested", "slo.target_percent", 99.999, None),
        ("update_slo_requested", "slo.target_percent", -1, Rule.BOUNDS),
        ("create_slo_requested", "slo.target_percent", math.nan, Rule.BOUNDS),
        ("create_slo_requested", "slo.window.seconds", 30 * 86_400, None),
        ("create_slo_requested", "slo.window.seconds", 31 * 86_400, Rule.BOUNDS),
        ("create_slo_requested", "slo.window.nanos", 1, Rule.BOUNDS),
        ("create_slo_requested", "slo.sli_spec.latency_threshold.nanos", 0, Rule.BOUNDS),
        ("create_slo_requested", "slo.sli_spec.aggregation_window.seconds", -60, Rule.BOUNDS),
        ("correlate_alerts_to_incident_requested", "confidence", 1, None),
        ("correlate_alerts_to_incident_requested", "confidence", 1.1, Rule.BOUNDS),
        ("alerts_correlated_to_incident", "confidence", -0.1, Rule.BOUNDS),
        ("slo_budget_exhausted", "budget_consumed_percent", 99.9, Rule.BOUNDS),
        ("slo_budget_exhausted", "budget_consumed_percent", 0, Rule.REQUIRED),
        ("slo_budget_exhausted", "target_percent", 100, Rule.BOUNDS),
        ("sli_window_recorded", "burn_rate", -1, Rule.BOUNDS),
        ("sli_window_recorded", "burn_rate", math.inf, Rule.BOUNDS),
        ("sli_window_recorded", "budget_remaining_percent", -250, None),
        ("record_health_check_requested", "health_check.latency.nanos", -1, Rule.BOUNDS),
        ("incident_resolved", "time_to_resolve.seconds", -1, Rule.BOUNDS),
        ("create_postmortem_requested", "postmortem.impact.duration.seconds", -1, Rule.BOUNDS),
        ("create_postmortem_requested", "postmortem.impact.ended_at.seconds", 1, Rule.ORDER),
        ("runbook_execution_completed", "execution.completed_at.seconds", 1, Rule.ORDER),
        ("incident_triage_completed", "duration.seconds", -1, Rule.BOUNDS),
    ],
)
def test_a_number_keeps_to_what_its_field_states(member: str, path: str, value: float, rule: Rule | None) -> None:
    """Ratios from 0 to 1, targets below 100, lengths that are some time, ends that follow their starts."""
    stream = next(one.stream for one in valid.ALL if one.member == member)
    *way, name = f"{member}.{path}".split(".")

    def change(envelope: Any) -> None:
        for step in way:
            envelope = getattr(envelope, step)
        setattr(envelope, name, value)

    field = f"{member}.{path}".removesuffix(".seconds").removesuffix(".nanos")
    assert broken(change, member, stream) == ([(rule, field)] if rule else [])


STATED = re.compile(r"between 0 and 1\b|above 0|never negative|(at least|at most) \d|not before", re.IGNORECASE)
SPOIL: dict[str, Callable[[Any, str], object]] = {
    "": lambda message, name: setattr(message, name, -1),
    "Duration": lambda message, name: setattr(getattr(message, name), "seconds", -1),
    "Timestamp": lambda message, name: setattr(getattr(message, name), "seconds", 1),
}


@each_variant
def test_a_bound_that_a_comment_states_is_held(variant: Variant, image: FileDescriptorSet) -> None:
    """Numbers below 0, lengths below none, and ends before their start are breaches where a comment says so."""
    stated = {name for name, text in comments.read(image).items() if STATED.search(text)}
    for place, (path, kind) in enumerate(fields.messages(valid.envelope(variant))):
        for field in kind.DESCRIPTOR.fields:
            spoil = SPOIL.get(field.message_type.name if field.message_type else "")
            if spoil is not None and field.full_name in stated:
                envelope = valid.envelope(variant)
                spoil(list(fields.messages(envelope))[place][1], field.name)
                assert fields.join(path, field.name) in [found.path for found in validate(envelope)]


@pytest.mark.parametrize("field", ["started_at", "completed_at"])
def test_one_time_alone_has_no_order(field: str) -> None:
    """A step that never began has no start to lie behind, and one that goes on no end; not even before 1970."""

    def change(envelope: Any) -> None:
        step = envelope.runbook_execution_completed.execution.step_results[0]
        step.completed_at.seconds = -1
        step.ClearField(field)

    assert broken(change, "runbook_execution_completed", FACTS) == []


def test_a_score_is_a_ratio() -> None:
    """Wherever it stands in a list."""
    found = broken(
        lambda envelope: setattr(envelope.pattern_lookup_completed.matches[1], "score", 2),
        "pattern_lookup_completed",
        PROCESS_FACTS,
    )
    assert found == [(Rule.BOUNDS, "pattern_lookup_completed.matches[1].score")]


def test_speed_needs_a_threshold() -> None:
    """An indicator of latency says how fast is fast enough; any other need not."""

    def change(envelope: Any) -> None:
        envelope.create_slo_requested.slo.sli_spec.ClearField("latency_threshold")

    def to_latency(envelope: Any) -> None:
        change(envelope)
        envelope.create_slo_requested.slo.sli_spec.type = SLI_TYPE_LATENCY

    assert broken(change, "create_slo_requested") == []
    assert broken(to_latency, "create_slo_requested") == [
        (Rule.REQUIRED, "create_slo_requested.slo.sli_spec.latency_threshold")
    ]


@pytest.mark.parametrize("member", ["create_runbook_requested", "update_service_requested", "alert_ingested"])
def test_an_aggregate_belongs_to_the_tenant_of_its_envelope(member: str) -> None:
    """A request cannot smuggle another tenant in beside the meta; left empty, the meta's counts."""
    stream = INTENTS if member.endswith("requested") else FACTS
    kind = member.split("_")[stream is INTENTS]

    def change(tenant: str) -> Change:
        return lambda envelope: setattr(getattr(getattr(envelope, member), kind), "tenant_id", tenant)

    assert broken(change(""), member, stream) == []
    assert broken(change("other"), member, stream) == [(Rule.OTHER_TENANT, f"{member}.{kind}.tenant_id")]


@pytest.mark.parametrize(
    ("text", "written", "read"),
    [
        (SCHEMA_VERSION, True, True),
        ("v1.9.0", True, True),
        ("v1.10.23", True, True),
        ("1.0.0", False, True),
        ("v2.0.0", False, False),
        ("2.0.0", False, False),
        ("v1.0", False, False),
        ("v1.0.0-rc1", False, False),
        ("v1.00.0", False, False),
        ("V1.0.0", False, False),
        ("v1.0.0\n", False, False),
        ("v1.1٣.0", False, False),
        ("", False, False),
    ],
)
def test_check_40_versions_of_the_schema(text: str, written: bool, read: bool) -> None:
    """Producers write one form of one major; consumers read every version of it, also bare, and no other."""
    assert (version.is_written(text), version.is_read(text)) == (written, read)
    found = broken(lambda envelope: setattr(envelope.meta, "schema_version", text))
    assert found == ([] if written else [(Rule.SCHEMA_VERSION if text else Rule.REQUIRED, "meta.schema_version")])


def test_check_40_the_constant_is_a_version() -> None:
    """What every envelope of this build carries; the lock of the descriptors is compared with it elsewhere."""
    assert re.fullmatch(r"v1\.\d+\.\d+", SCHEMA_VERSION)
    assert SCHEMA_VERSION == "v1.0.0"


TRACE, SPAN = "4bf92f3577b34da6a3ce929d0e0e4736", "00f067aa0ba902b7"


@pytest.mark.parametrize(
    ("value", "accepted"),
    [
        (f"00-{TRACE}-{SPAN}-01", True),
        (f"00-{TRACE}-{SPAN}-00", True),
        (f"cc-{TRACE}-{SPAN}-01-what-the-future-will-be-like", True),
        (f"cc-{TRACE}-{SPAN}-01", True),
        (f"00-{TRACE.upper()}-{SPAN}-01", False),
        (f"ff-{TRACE}-{SPAN}-01", False),
        (f"00-{'0' * 32}-{SPAN}-01", False),
        (f"00-{TRACE}-{'0' * 16}-01", False),
        (f"00-{TRACE[:-1]}-{SPAN}-01", False),
        (f"00-{TRACE}-{SPAN}-1", False),
        (f"00-{TRACE}-{SPAN}-01-more", False),
        (f"cc-{TRACE}-{SPAN}-01more", False),
        (f"00-{TRACE}-{SPAN}-01 ", False),
        (f"00-{TRACE}-{SPAN}-01\n", False),
        (f" 00-{TRACE}-{SPAN}-01", False),
        ("garbage", False),
    ],
)
def test_check_41_trace_contexts(value: str, accepted: bool) -> None:
    """Valid by the W3C recommendation: version 00 exactly, a later one with more behind it, never ff, never zeros."""
    found = broken(lambda envelope: setattr(envelope.meta, "traceparent", value))
    assert found == ([] if accepted else [(Rule.TRACEPARENT, "meta.traceparent")])


def test_a_tenant_has_no_colon() -> None:
    """It would make two different keys look alike."""
    assert broken(lambda envelope: setattr(envelope.meta, "tenant_id", "a:b")) == [(Rule.TENANT_ID, "meta.tenant_id")]


@pytest.mark.parametrize(
    ("status", "ended", "expected"),
    [
        (ALERT_STATUS_FIRING, False, []),
        (ALERT_STATUS_FIRING, True, [Rule.ALERT_END]),
        (ALERT_STATUS_RESOLVED, True, []),
        (ALERT_STATUS_RESOLVED, False, [Rule.ALERT_END]),
        (ALERT_STATUS_SILENCED, False, []),
        (ALERT_STATUS_ACKNOWLEDGED, False, [Rule.ALERT_STATUS]),
        (ALERT_STATUS_UNSPECIFIED, False, [Rule.REQUIRED]),
    ],
)
def test_check_42_the_end_of_an_alert(status: int, ended: bool, expected: list[Rule]) -> None:
    """It is there if, and only if, the alert is resolved; and nobody acknowledges an alert by sending it."""

    def change(envelope: Any) -> None:
        alert = envelope.ingest_alert_requested
        alert.status = status
        if not ended:
            alert.ClearField("ends_at")

    assert [rule for rule, _ in broken(change)] == expected


def test_check_42_an_alert_has_labels() -> None:
    """Nothing else says what it is about."""
    found = broken(lambda envelope: envelope.ingest_alert_requested.ClearField("labels"))
    assert found == [(Rule.REQUIRED, "ingest_alert_requested.labels")]


def test_check_42_a_stored_alert_obeys_too() -> None:
    """The alert inside a fact has an end only when it is resolved, and may have been acknowledged."""

    def change(envelope: Any) -> None:
        alert: Alert = envelope.alert_ingested.alert
        alert.status = ALERT_STATUS_ACKNOWLEDGED

    assert broken(change, "alert_ingested", FACTS) == [(Rule.ALERT_END, "alert_ingested.alert.ends_at")]


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({"good_count": 2, "total_count": 2}, []),
        ({"good_count": 0, "total_count": 0, "sli_value": 0.5}, []),
        ({"good_count": 0, "total_count": 0}, []),
        ({"good_count": 0, "total_count": 0, "sli_value": 1}, []),
        ({"good_count": 0, "total_count": 0, "sli_value": -0.1}, [(Rule.WINDOW_RATIO, "sli_value")]),
        (
            {"good_count": 0, "total_count": -1},
            [(Rule.WINDOW_COUNTS, "total_count"), (Rule.WINDOW_COUNTS, "good_count")],
        ),
        ({"good_count": 2.5, "total_count": 2}, [(Rule.WINDOW_COUNTS, "good_count")]),
        ({"good_count": -1}, [(Rule.WINDOW_COUNTS, "good_count")]),
        ({"good_count": math.nan}, [(Rule.WINDOW_COUNTS, "good_count")]),
        ({"total_count": math.inf}, [(Rule.WINDOW_COUNTS, "total_count")]),
        ({"good_count": 0, "total_count": 0, "sli_value": 1.01}, [(Rule.WINDOW_RATIO, "sli_value")]),
        ({"good_count": 0, "total_count": 0, "sli_value": math.nan}, [(Rule.WINDOW_RATIO, "sli_value")]),
        ({"sli_value": 0.5}, [(Rule.WINDOW_RATIO, "sli_value")]),
    ],
)
@pytest.mark.parametrize(
    ("member", "stream"), [("record_sli_window_requested", INTENTS), ("sli_window_recorded", FACTS)]
)
def test_check_43_the_numbers_of_a_window(
    member: str, stream: Stream, numbers: dict[str, float], expected: list[tuple[Rule, str]]
) -> None:
    """Finite, good within total, and a ratio only in place of the counts; asked for and recorded alike."""

    def change(envelope: Any) -> None:
        for name, value in numbers.items():
            setattr(getattr(envelope, member).window, name, value)

    assert broken(change, member, stream) == [(rule, f"{member}.window.{name}") for rule, name in expected]


@pytest.mark.parametrize(("nanos", "accepted"), [(-1, False), (0, False), (1, True)])
def test_check_43_a_window_ends_after_its_start(nanos: int, accepted: bool) -> None:
    """By a nanosecond at least."""

    def change(envelope: Any) -> None:
        window = envelope.record_sli_window_requested.window
        window.window_end.CopyFrom(window.window_start)
        window.window_end.nanos += nanos

    expected = [] if accepted else [(Rule.WINDOW_TIMES, "record_sli_window_requested.window.window_end")]
    assert broken(change, "record_sli_window_requested") == expected


@pytest.mark.parametrize("field", ["window_start", "window_end"])
def test_a_window_without_a_time_is_incomplete(field: str) -> None:
    """And that is all that is said: there is no order of one time."""
    member = "record_sli_window_requested"
    found = broken(lambda envelope: getattr(envelope, member).window.ClearField(field), member)
    assert found == [(Rule.REQUIRED, f"{member}.window.{field}")]


@pytest.mark.parametrize(
    ("name", "count", "expected"),
    [
        ("healthy_count", 2, "total_applications"),
        ("missing_count", 2, "total_applications"),
        ("out_of_sync_count", 5, None),
        ("out_of_sync_count", 6, "total_applications"),
        ("degraded_count", -1, "degraded_count"),
        ("out_of_sync_count", -1, "out_of_sync_count"),
        ("total_applications", 4, "total_applications"),
        ("total_applications", 6, None),
    ],
)
@pytest.mark.parametrize(
    ("member", "stream"), [("record_fleet_state_requested", INTENTS), ("fleet_state_recorded", FACTS)]
)
def test_check_44_the_counts_of_a_fleet(
    member: str, stream: Stream, name: str, count: int, expected: str | None
) -> None:
    """Five states add up to no more than the whole; out of sync is counted beside them; nothing is negative."""
    found = broken(lambda envelope: setattr(getattr(envelope, member).fleet_state, name, count), member, stream)
    assert found == ([(Rule.FLEET_COUNTS, f"{member}.fleet_state.{expected}")] if expected else [])


@pytest.mark.parametrize(
    ("seconds", "nanos", "accepted"),
    [(300, 0, True), (300, 1, False), (301, 0, False), (0, 1, True), (0, 0, False), (-1, 0, False)],
)
@pytest.mark.parametrize(
    ("member", "stream"),
    [("create_runbook_requested", INTENTS), ("update_runbook_requested", INTENTS), ("runbook_updated", FACTS)],
)
def test_check_45_the_timeout_of_a_step(member: str, stream: Stream, seconds: int, nanos: int, accepted: bool) -> None:
    """Five minutes at the most, wherever a runbook is carried, an update included."""

    def change(envelope: Any) -> None:
        step: RunbookStep = getattr(envelope, member).runbook.steps[1]
        step.timeout.seconds, step.timeout.nanos = seconds, nanos

    expected = [] if accepted else [(Rule.STEP_TIMEOUT, f"{member}.runbook.steps[1].timeout")]
    assert broken(change, member, stream) == expected


@pytest.mark.parametrize(("seconds", "nanos"), [(-62_135_596_801, 0), (253_402_300_800, 0), (0, -1), (0, 10**9)])
def test_a_time_that_cannot_be_written_is_named(seconds: int, nanos: int) -> None:
    """Outside the years 1 to 9999, or with nanoseconds that are no fraction."""

    def change(envelope: Any) -> None:
        envelope.meta.occurred_at.seconds, envelope.meta.occurred_at.nanos = seconds, nanos

    assert broken(change) == [(Rule.TIME, "meta.occurred_at")]


def test_every_rule_can_be_broken() -> None:
    """No word stands in the list that no test of this file asks for."""
    source = Path(__file__).read_text(encoding="utf-8")
    assert [rule for rule in Rule if f"Rule.{rule.name}" not in source and rule is not Rule.HEADER] == []


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(STREAMS), st.binary(max_size=200), st.data())
def test_any_envelope_that_can_be_parsed_is_judged(stream: Stream, noise: bytes, data: st.DataObject) -> None:
    """Whatever bytes parse: the validator says something, and never raises."""
    one = valid.envelope(data.draw(st.sampled_from([one for one in valid.ALL if one.stream is stream])))
    value = one.SerializeToString(deterministic=True)
    at = data.draw(st.integers(0, len(value)))
    try:
        envelope = stream.envelope.FromString(value[:at] + noise + value[at + len(noise) :])
    except Exception:
        return
    assert all(isinstance(found, Violation) and str(found) for found in validate(envelope))
    assert set(validate(envelope)) <= set(validate_record(b"", (), envelope))


def test_there_are_sixty_types() -> None:
    """25 intents, 26 facts and 9 process facts, and no two of them share a type."""
    assert [sum(one.stream is stream for one in VARIANTS.values()) for stream in STREAMS] == [25, 26, 9]
