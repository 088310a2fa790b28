"""Addressing: from an envelope to the record that carries it.

Key and headers are a projection of the envelope and never contradict it: the CloudEvents binding for Kafka in binary
mode, with the extensions of the contract. Envelope-wide words come from the `eventing` option that the contract
itself carries.
"""

from ameide_core_proto.common.v1 import eventing_pb2
from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent
from sre_ingest.publishing import Record
from sre_ingest.sdk.times import SECOND, Instant, rfc3339

EMITTED = ("ingest_alert_requested", "record_health_check_requested", "record_sli_window_requested")
"""The members of the envelope's oneof that the gateway publishes; the other 22 are other people's."""

_DESCRIPTOR = SreDomainIntent.DESCRIPTOR
_OPTION = _DESCRIPTOR.GetOptions().Extensions[eventing_pb2.eventing]

_CONSTANT = (
    ("content-type", b"application/protobuf"),
    ("ce_specversion", b"1.0"),
    ("ce_dataschema", f"buf://ameide/ameide-core/{_DESCRIPTOR.full_name}".encode()),
    ("ce_envelopetype", _OPTION.type.encode()),
)


def address(intent: SreDomainIntent, dedup_key: str, received_at: Instant) -> Record:
    """The record of one intent. Equal arguments give equal bytes. ValueError for an intent that is not ours to
    publish.
    """
    member = intent.WhichOneof("intent")
    if member not in EMITTED:
        raise ValueError(f"the gateway does not publish {member or 'an empty envelope'}")
    meta, subject = intent.meta, intent.subject
    key = f"{meta.tenant_id}:{subject.aggregate_id}"
    occurred_at = Instant(meta.occurred_at.seconds * SECOND + meta.occurred_at.nanos)
    varying = (
        ("ce_id", meta.message_id),
        ("ce_source", f"urn:ameide:integration:{meta.producer}"),
        ("ce_type", f"io.ameide.sre.intent.{member}.v1"),
        ("ce_subject", f"{subject.aggregate_type}/{subject.aggregate_id}"),
        ("ce_time", rfc3339(occurred_at)),
        ("ce_tenantid", meta.tenant_id),
        ("ce_correlationid", meta.correlation_id),
        ("ce_causationid", meta.causation_id),
        ("ce_traceparent", meta.traceparent),
        ("ce_tracestate", meta.tracestate),
        ("ce_partitionkey", key),
        ("ce_schemaversion", meta.schema_version),
        ("ce_dedupkey", dedup_key),
        ("ce_receivedtime", rfc3339(received_at)),
        ("traceparent", meta.traceparent),
        ("tracestate", meta.tracestate),
    )
    headers = _CONSTANT + tuple([(name, value.encode()) for name, value in varying if value])
    return Record(key.encode(), headers, intent.SerializeToString(deterministic=True))
