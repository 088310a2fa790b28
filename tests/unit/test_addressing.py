"""Records: what the topic sees of an intent."""

from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent
from sre_ingest.addressing import address
from sre_ingest.envelope import seal
from tests.unit.deliveries import delivery, firing

ID = "2f0b4d0c-5f0e-5a53-9f5e-0c6f8f0f1f2a"


def test_key_and_headers_are_a_projection_of_the_envelope() -> None:
    """The whole record of one alert, to the letter; empty values make no header."""
    given = delivery("A")
    signal = firing(0, "A", given)
    record = address(seal(signal, ID, given), signal.key.text, given.received_at)
    assert record.key == b"default:toy:default:A"
    assert record.headers == (
        ("content-type", b"application/protobuf"),
        ("ce_specversion", b"1.0"),
        ("ce_dataschema", b"buf://ameide/ameide-core/ameide_core_proto.sre.core.v1.SreDomainIntent"),
        ("ce_envelopetype", b"ameide.sre.domain.intent.v1"),
        ("ce_id", ID.encode()),
        ("ce_source", b"urn:ameide:integration:sre-ingest"),
        ("ce_type", b"io.ameide.sre.intent.ingest_alert_requested.v1"),
        ("ce_subject", b"Alert/toy:default:A"),
        ("ce_time", b"2026-01-02T03:03:05.678Z"),
        ("ce_tenantid", b"default"),
        ("ce_correlationid", b"correlation-1"),
        ("ce_traceparent", given.traceparent.encode()),
        ("ce_partitionkey", b"default:toy:default:A"),
        ("ce_schemaversion", b"v1.0.0"),
        ("ce_dedupkey", b'["alert","default","toy","default","A","2026-01-02T03:03:05.678Z","firing"]'),
        ("ce_receivedtime", b"2026-01-02T03:04:05.678Z"),
        ("traceparent", given.traceparent.encode()),
    )
    assert SreDomainIntent.FromString(record.value) == seal(signal, ID, given)
