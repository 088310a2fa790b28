"""Sealing."""

from google.protobuf.json_format import MessageToDict

from ameide_core_proto.sre.core.v1.health_pb2 import HealthCheck
from ameide_core_proto.sre.core.v1.intents_pb2 import RecordHealthCheckRequested, RecordSLIWindowRequested
from ameide_core_proto.sre.core.v1.sre_pb2 import ResourceRef
from sre_ingest.envelope import seal
from sre_ingest.sdk.signal import NaturalKey, Signal, check
from tests.unit.deliveries import NOW, delivery, firing


def test_meta_says_who_when_and_in_which_trace() -> None:
    """Everything in meta comes from the delivery, the endpoint or the claim; nothing from the body."""
    given = delivery("A", tracestate="vendor=value")
    sealed = seal(firing(0, "A", given), "id-1", given)
    assert MessageToDict(sealed.meta) == {
        "messageId": "id-1",
        "correlationId": "correlation-1",
        "occurredAt": "2026-01-02T03:03:05.678Z",
        "producer": "sre-ingest",
        "schemaVersion": "v1.0.0",
        "traceparent": given.traceparent,
        "tracestate": "vendor=value",
        "tenantId": "default",
        "actor": {"type": "SRE_ACTOR_TYPE_INTEGRATION", "actorId": "toy/default"},
    }


def test_each_message_has_its_aggregate() -> None:
    """Alert, HealthCheck and SLO: the subject is the aggregate that the active member belongs to."""
    given = delivery("A")
    body = HealthCheck(resource_ref=ResourceRef(type="host", id="db-1"), check_name="ping")
    health = check(0, RecordHealthCheckRequested(health_check=body), given, state="healthy", checked_at=None)
    window = RecordSLIWindowRequested(slo_id="checkout")
    sli = Signal(0, window, NaturalKey(("sli", "default", "checkout", "a", "b"), "-", "digest"), NOW, None)
    subjects = [seal(signal, "id", given).subject for signal in (firing(0, "A", given), health, sli)]
    assert [(subject.aggregate_type, subject.aggregate_id) for subject in subjects] == [
        ("Alert", "toy:default:A"),
        ("HealthCheck", "aaa1075d-3f20-5839-bd1c-3955a58a0f9a"),
        ("SLO", "checkout"),
    ]
    assert [subject.aggregate_version for subject in subjects] == [0, 0, 0]
