"""Sealing: from a claimed signal to the envelope that leaves the house."""

from ameide_core_proto.sre.core.v1.intents_pb2 import (
    IngestAlertRequested,
    RecordHealthCheckRequested,
    SreDomainIntent,
)
from ameide_core_proto.sre.core.v1.sre_pb2 import SRE_ACTOR_TYPE_INTEGRATION
from sre_ingest.contract.version import SCHEMA_VERSION
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.signal import Signal
from sre_ingest.sdk.times import write

PRODUCER = "sre-ingest"


def seal(signal: Signal, message_id: str, delivery: Delivery) -> SreDomainIntent:
    """Wrap a signal's message in its envelope. Total; `causation_id` stays empty because what caused it has no id of
    ours.
    """
    intent = SreDomainIntent()
    _write_meta(intent, signal, message_id, delivery)
    message, subject = signal.message, intent.subject
    if isinstance(message, IngestAlertRequested):
        subject.aggregate_type, subject.aggregate_id = "Alert", message.alert_id
        intent.ingest_alert_requested.CopyFrom(message)
    elif isinstance(message, RecordHealthCheckRequested):
        subject.aggregate_type, subject.aggregate_id = "HealthCheck", message.health_check.healthcheck_id
        intent.record_health_check_requested.CopyFrom(message)
    else:
        subject.aggregate_type, subject.aggregate_id = "SLO", message.slo_id
        intent.record_sli_window_requested.CopyFrom(message)
    return intent


def _write_meta(intent: SreDomainIntent, signal: Signal, message_id: str, delivery: Delivery) -> None:
    # Set in place: to make parts and hand them over takes twice as long.
    endpoint, meta = delivery.endpoint, intent.meta
    meta.message_id = message_id
    meta.schema_version = SCHEMA_VERSION
    meta.tenant_id = endpoint.tenant
    write(signal.occurred_at, meta.occurred_at)
    meta.producer = PRODUCER
    meta.correlation_id = delivery.correlation_id
    meta.traceparent = delivery.traceparent
    meta.tracestate = delivery.tracestate
    meta.actor.type = SRE_ACTOR_TYPE_INTEGRATION
    meta.actor.actor_id = f"{endpoint.source}/{endpoint.instance}"
