"""Sealing: from a claimed signal to the envelope that leaves the house."""

from ameide_core_proto.sre.core.v1.intents_pb2 import (
    IngestAlertRequested,
    RecordHealthCheckRequested,
    SreDomainIntent,
)
from ameide_core_proto.sre.core.v1.sre_pb2 import SreActor, SreActorType, SreMessageMeta, SreSubject
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.signal import Signal
from sre_ingest.sdk.times import timestamp

PRODUCER = "sre-ingest"
SCHEMA_VERSION = "v1.0.0"
"""Version of the contract pack; the same for everything this build emits."""


def seal(signal: Signal, message_id: str, delivery: Delivery) -> SreDomainIntent:
    """Wrap a signal's message in its envelope. Total; `causation_id` stays empty because what caused it has no id of
    ours.
    """
    endpoint = delivery.endpoint
    intent = SreDomainIntent(
        meta=SreMessageMeta(
            message_id=message_id,
            schema_version=SCHEMA_VERSION,
            tenant_id=endpoint.tenant,
            occurred_at=timestamp(signal.occurred_at),
            producer=PRODUCER,
            correlation_id=delivery.correlation_id,
            traceparent=delivery.traceparent,
            tracestate=delivery.tracestate,
            actor=SreActor(
                type=SreActorType.SRE_ACTOR_TYPE_INTEGRATION, actor_id=f"{endpoint.source}/{endpoint.instance}"
            ),
        )
    )
    message = signal.message
    if isinstance(message, IngestAlertRequested):
        intent.subject.CopyFrom(SreSubject(aggregate_type="Alert", aggregate_id=message.alert_id))
        intent.ingest_alert_requested.CopyFrom(message)
    elif isinstance(message, RecordHealthCheckRequested):
        check_id = message.health_check.healthcheck_id
        intent.subject.CopyFrom(SreSubject(aggregate_type="HealthCheck", aggregate_id=check_id))
        intent.record_health_check_requested.CopyFrom(message)
    else:
        intent.subject.CopyFrom(SreSubject(aggregate_type="SLO", aggregate_id=message.slo_id))
        intent.record_sli_window_requested.CopyFrom(message)
    return intent
