"""The validator on whole envelopes: members, subjects, tenants, and what is required of them."""

from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ameide_core_proto.sre.core.v1.runbook_pb2 import Runbook
from sre_ingest.contract.catalogue import FACTS, INTENTS, PROCESS_FACTS, STREAMS, VARIANTS, Stream, Variant
from sre_ingest.contract.validation import Rule, Violation, validate, validate_record
from tests.wire import catalogues, valid
from tests.wire.breaches import Change, broken, each_stream, each_variant, first


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


@pytest.mark.parametrize("member", ["create_runbook_requested", "update_service_requested", "alert_ingested"])
def test_an_aggregate_belongs_to_the_tenant_of_its_envelope(member: str) -> None:
    """A request cannot smuggle another tenant in beside the meta; left empty, the meta's counts."""
    stream = INTENTS if member.endswith("requested") else FACTS
    kind = member.split("_")[stream is INTENTS]

    def change(tenant: str) -> Change:
        return lambda envelope: setattr(getattr(getattr(envelope, member), kind), "tenant_id", tenant)

    assert broken(change(""), member, stream) == []
    assert broken(change("other"), member, stream) == [(Rule.OTHER_TENANT, f"{member}.{kind}.tenant_id")]


def test_every_rule_can_be_broken() -> None:
    """No word stands in the list that no test of this file and the two beside it asks for."""
    names = ("test_validation.py", "test_bounds.py", "test_rules.py")
    source = "".join(Path(__file__).with_name(name).read_text(encoding="utf-8") for name in names)
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
