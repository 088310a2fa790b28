"""Each number, length of time and order of times is broken once, and named once."""

import math
import re
from collections.abc import Callable
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from ameide_core_proto.sre.core.v1.runbook_pb2 import RunbookStep
from sre_ingest.contract import comments, fields
from sre_ingest.contract.catalogue import FACTS, INTENTS, PROCESS_FACTS, Stream, Variant
from sre_ingest.contract.validation import Rule, validate
from tests.wire import valid
from tests.wire.breaches import broken, each_variant


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
