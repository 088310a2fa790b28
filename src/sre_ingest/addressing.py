"""Addressing: from an envelope to the record that carries it.

Key and headers are those of the contract, and beside them what only the gateway knows: the natural key, the time of
receipt, and the trace context of this hop.
"""

from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent
from sre_ingest.contract import cloudevents
from sre_ingest.contract.catalogue import INTENTS, VARIANTS, variant_of
from sre_ingest.publishing import Record
from sre_ingest.sdk.times import Instant, rfc3339

EMITTED = ("ingest_alert_requested", "record_health_check_requested", "record_sli_window_requested")
"""The members of the envelope's oneof that the gateway publishes; the other 22 are other people's."""
_TYPES = frozenset(one.type for one in VARIANTS.values() if one.stream is INTENTS and one.member in EMITTED)


def address(intent: SreDomainIntent, dedup_key: str, received_at: Instant) -> Record:
    """The record of one intent. Equal arguments give equal bytes. ValueError for an envelope of another stream, and
    for an intent that is not ours to publish.
    """
    variant = variant_of(intent)
    if variant is None or variant.type not in _TYPES:
        raise ValueError(f"the gateway does not publish {variant.type if variant else 'an empty envelope'}")
    trace = intent.meta
    key, headers = cloudevents.project(
        variant,
        intent,
        ("ce_dedupkey", dedup_key),
        ("ce_receivedtime", rfc3339(received_at)),
        ("traceparent", trace.traceparent),
        ("tracestate", trace.tracestate),
    )
    return Record(key, headers, intent.SerializeToString(deterministic=True))
