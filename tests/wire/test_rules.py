"""Each rule about the fields of one message is broken once, and named once."""

import math
import re
from typing import Any

import pytest

from ameide_core_proto.sre.core.v1.alert_pb2 import Alert
from ameide_core_proto.sre.core.v1.slo_pb2 import SLI_TYPE_LATENCY
from ameide_core_proto.sre.core.v1.sre_pb2 import (
    ALERT_STATUS_ACKNOWLEDGED,
    ALERT_STATUS_FIRING,
    ALERT_STATUS_RESOLVED,
    ALERT_STATUS_SILENCED,
    ALERT_STATUS_UNSPECIFIED,
)
from sre_ingest.contract import version
from sre_ingest.contract.catalogue import FACTS, INTENTS, Stream
from sre_ingest.contract.validation import Rule
from sre_ingest.contract.version import SCHEMA_VERSION
from tests.wire.breaches import broken


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


@pytest.mark.parametrize(("seconds", "nanos"), [(-62_135_596_801, 0), (253_402_300_800, 0), (0, -1), (0, 10**9)])
def test_a_time_that_cannot_be_written_is_named(seconds: int, nanos: int) -> None:
    """Outside the years 1 to 9999, or with nanoseconds that are no fraction."""

    def change(envelope: Any) -> None:
        envelope.meta.occurred_at.seconds, envelope.meta.occurred_at.nanos = seconds, nanos

    assert broken(change) == [(Rule.TIME, "meta.occurred_at")]
