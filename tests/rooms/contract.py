"""The contract's rules for what a room returns (section 1.11 of the contract), as assertions."""

import json

from google.protobuf.timestamp_pb2 import Timestamp

from ameide_core_proto.sre.core.v1.alert_pb2 import AlertSource
from ameide_core_proto.sre.core.v1.health_pb2 import HealthCheck, HealthCheckSource
from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested, RecordHealthCheckRequested
from ameide_core_proto.sre.core.v1.sre_pb2 import (
    ALERT_STATUS_FIRING,
    ALERT_STATUS_RESOLVED,
    HealthStatus,
    ResourceRef,
    Severity,
)
from sre_ingest.sdk.signal import Reading, Signal
from sre_ingest.sdk.times import MAX, MIN, SECOND


def assert_valid(reading: Reading, items: int | None = None) -> None:
    """Every item is in exactly one list, and every signal obeys the contract. Without `items` any number will do."""
    told = [*(s.index for s in reading.signals), *(r.index for r in reading.rejects), *reading.ignored]
    assert sorted(told) == list(range(len(told) if items is None else items))
    for signal in reading.signals:
        assert_signal(signal)


def assert_signal(signal: Signal) -> None:
    """The message is complete, survives the wire, and agrees with its key."""
    message = signal.message
    assert type(message).FromString(message.SerializeToString()) == message
    assert MIN <= signal.occurred_at <= MAX
    if isinstance(message, IngestAlertRequested):
        _assert_alert(message)
        assert message.dedup_key == signal.key.text
        assert json.loads(message.dedup_key)[4] == message.fingerprint
    else:
        assert isinstance(message, RecordHealthCheckRequested)
        _assert_check(message.health_check)


def _assert_alert(message: IngestAlertRequested) -> None:
    for field in ("alert_id", "fingerprint", "name", "source_instance", "dedup_key", "labels"):
        assert getattr(message, field), field
    assert message.severity in set(Severity.values()) - {Severity.SEVERITY_UNSPECIFIED}
    assert message.source in set(AlertSource.values()) - {AlertSource.ALERT_SOURCE_UNSPECIFIED}
    assert message.status in (ALERT_STATUS_FIRING, ALERT_STATUS_RESOLVED)
    assert message.HasField("ends_at") == (message.status == ALERT_STATUS_RESOLVED)
    assert message.HasField("starts_at")
    assert message.HasField("received_at")
    _assert_time(message.starts_at)
    _assert_time(message.ends_at)
    for resource in message.affected_resources:
        _assert_resource(resource)


def _assert_check(check: HealthCheck) -> None:
    assert check.healthcheck_id
    assert check.HasField("checked_at")
    assert check.status in set(HealthStatus.values()) - {HealthStatus.HEALTH_STATUS_UNSPECIFIED}
    assert check.source in set(HealthCheckSource.values()) - {HealthCheckSource.HEALTH_CHECK_SOURCE_UNSPECIFIED}
    _assert_resource(check.resource_ref)


def _assert_resource(resource: ResourceRef) -> None:
    assert resource.type
    assert resource.id


def _assert_time(time: Timestamp) -> None:
    assert MIN <= time.seconds * SECOND + time.nanos <= MAX
    assert 0 <= time.nanos < SECOND
