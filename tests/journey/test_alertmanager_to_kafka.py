"""The whole line on real parts: Alertmanager, the gateway as a process, Kafka, and a consumer with the contract."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from ameide_core_proto.sre.core.v1.sre_pb2 import AlertStatus
from tests.journey.alerts import alert, group
from tests.journey.consumer import Received, consume
from tests.parts.alertmanager import Alertmanager
from tests.parts.gateway import Gateway

TOKEN = "journey-token"
SHOWN = {"Authorization": f"Bearer {TOKEN}"}


@pytest.fixture
async def gateway(tmp_path: Path, kafka: str, topic: str) -> AsyncIterator[Gateway]:
    """A gateway that publishes to the test's own topic and asks for a token."""
    token = tmp_path / "token"
    token.write_text(TOKEN)
    settings = {"KAFKA__BOOTSTRAP_SERVERS": kafka, "KAFKA__TOPIC": topic, "AUTH__BEARER_TOKEN_FILE": str(token)}
    gateway = Gateway(tmp_path, settings)
    await asyncio.to_thread(gateway.start)
    await asyncio.to_thread(gateway.wait_until_ready)
    yield gateway
    await asyncio.to_thread(gateway.stop)


async def _records(kafka: str, topic: str, count: int) -> list[Received]:
    """The records of the topic once there are `count` of them; bounded by the test's own time-out."""
    while len(records := await consume(kafka, topic)) < count:
        await asyncio.sleep(0.2)
    return records


def _half_a_minute_ago() -> datetime:
    # amtool cuts a time to milliseconds.
    return (datetime.now(UTC) - timedelta(seconds=30)).replace(microsecond=0)


async def test_an_alert_fires_resolves_and_fires_again(
    tmp_path: Path, gateway: Gateway, kafka: str, topic: str
) -> None:
    """Firing, resolved, firing again with the same startsAt: three records, three ids, in order on one partition."""
    labels = {"alertname": "DiskFull", "severity": "critical", "instance": "db-1"}
    starts_at = _half_a_minute_ago()
    with Alertmanager(tmp_path, gateway.webhook, bearer_token=TOKEN) as alertmanager:
        await asyncio.to_thread(alertmanager.fire, labels, {"summary": "db-1"}, starts_at)
        await _records(kafka, topic, 1)
        await asyncio.to_thread(alertmanager.resolve, labels)
        await _records(kafka, topic, 2)
        await asyncio.to_thread(alertmanager.fire, labels, {"summary": "db-1"}, starts_at)
        records = await _records(kafka, topic, 3)

    alerts = [record.intent.ingest_alert_requested for record in records]
    statuses = [AlertStatus.ALERT_STATUS_FIRING, AlertStatus.ALERT_STATUS_RESOLVED, AlertStatus.ALERT_STATUS_FIRING]
    assert [one.status for one in alerts] == statuses
    assert len({record.intent.meta.message_id for record in records}) == 3
    assert len({record.partition for record in records}) == 1
    assert {one.starts_at.ToDatetime(UTC) for one in alerts} == {starts_at}
    assert dict(alerts[0].labels) == labels


async def test_a_computed_fingerprint_is_the_one_alertmanager_would_have_sent(
    tmp_path: Path, gateway: Gateway, kafka: str, topic: str
) -> None:
    """The same labels with and without a fingerprint are one subject: the second delivery repeats the first."""
    labels = {"alertname": "Fingerprint", "severity": "warning", "unit": "µ", "empty": "", "quote": 'a"b'}
    starts_at = _half_a_minute_ago()
    with Alertmanager(tmp_path, gateway.webhook, bearer_token=TOKEN) as alertmanager:
        await asyncio.to_thread(alertmanager.fire, labels, None, starts_at)
        sent = (await _records(kafka, topic, 1))[0].intent.ingest_alert_requested
    body = group(alert(starts_at=sent.starts_at.ToJsonString()))
    body["alerts"][0]["labels"] = dict(sent.labels)
    answer = await asyncio.to_thread(gateway.deliver, body, SHOWN)
    assert (answer.status_code, answer.json()["duplicates"]) == (200, 1)


async def test_the_same_body_twice_is_one_record(gateway: Gateway, kafka: str, topic: str) -> None:
    """A retry is answered 200 with the id of the first and writes nothing."""
    body = group(alert(), alert(instance="db-2"))
    first, second = [await asyncio.to_thread(gateway.deliver, body, SHOWN) for _ in range(2)]
    assert [first.status_code, second.status_code] == [200, 200]
    assert (first.json()["state"], first.json()["accepted"]) == ("published", 2)
    assert (second.json()["state"], second.json()["duplicates"]) == ("nothing", 2)
    ids = [item["message_id"] for item in first.json()["items"]]
    assert [item["message_id"] for item in second.json()["items"]] == ids
    records = await consume(kafka, topic)
    assert sorted(record.intent.meta.message_id for record in records) == sorted(ids)


async def test_headers_say_what_the_envelope_says(gateway: Gateway, kafka: str, topic: str) -> None:
    """Every CloudEvents header equals the envelope's meta; the sender's trace and request id are carried through."""
    trace = "4bf92f3577b34da6a3ce929d0e0e4736"
    headers = {
        **SHOWN,
        "traceparent": f"00-{trace}-00f067aa0ba902b7-01",
        "tracestate": "vendor=value",
        "x-request-id": "request-4711",
    }
    await asyncio.to_thread(gateway.deliver, group(alert()), headers)
    (record,) = await consume(kafka, topic)
    meta, subject = record.intent.meta, record.intent.subject
    assert meta.traceparent[3:35] == trace
    assert meta.traceparent[36:52] != "00f067aa0ba902b7"
    assert meta.correlation_id == "request-4711"
    assert record.key == f"{meta.tenant_id}:{subject.aggregate_id}"
    assert record.headers == {
        "content-type": "application/protobuf",
        "ce_specversion": "1.0",
        "ce_id": meta.message_id,
        "ce_source": f"urn:ameide:integration:{meta.producer}",
        "ce_type": "io.ameide.sre.intent.ingest_alert_requested.v1",
        "ce_subject": f"{subject.aggregate_type}/{subject.aggregate_id}",
        "ce_time": meta.occurred_at.ToJsonString(),
        "ce_dataschema": "buf://ameide/ameide-core/ameide_core_proto.sre.core.v1.SreDomainIntent",
        "ce_tenantid": meta.tenant_id,
        "ce_correlationid": meta.correlation_id,
        "ce_traceparent": meta.traceparent,
        "ce_tracestate": "vendor=value",
        "ce_partitionkey": record.key,
        "ce_schemaversion": meta.schema_version,
        "ce_envelopetype": "ameide.sre.domain.intent.v1",
        "ce_dedupkey": record.intent.ingest_alert_requested.dedup_key,
        "ce_receivedtime": record.intent.ingest_alert_requested.received_at.ToJsonString(),
        "traceparent": meta.traceparent,
        "tracestate": "vendor=value",
    }


async def test_one_bad_alert_does_not_cost_its_siblings(gateway: Gateway, kafka: str, topic: str) -> None:
    """The good ones are published, the bad one is named in the receipt and counted."""
    bad = alert() | {"labels": {}}
    answer = await asyncio.to_thread(gateway.deliver, group(alert(), bad, alert(instance="db-2")), SHOWN)
    assert answer.status_code == 200
    assert (answer.json()["accepted"], answer.json()["quarantined"]) == (2, 1)
    told = answer.json()["items"][1]
    assert gateway.command("quarantine", "list").startswith(told["quarantine_id"])
    assert told == {
        "quarantine_id": told["quarantine_id"],
        "index": 1,
        "outcome": "quarantined",
        "reason": "no_labels",
        "path": "alerts[1].labels",
    }
    assert len(await consume(kafka, topic)) == 2


async def test_the_watchdog_becomes_a_health_check(gateway: Gateway, kafka: str, topic: str) -> None:
    """The always-firing alert is recorded as the health of the alerting pipeline, not as an alert."""
    await asyncio.to_thread(gateway.deliver, group(alert("Watchdog", starts_at="2026-01-01T00:00:00Z")), SHOWN)
    (record,) = await consume(kafka, topic)
    assert record.intent.WhichOneof("intent") == "record_health_check_requested"
    assert record.intent.subject.aggregate_type == "HealthCheck"
    assert record.headers["ce_dedupkey"].startswith('["check","default","alertmanager","default",')


async def test_tail_reads_the_topic(gateway: Gateway) -> None:
    """`sre-ingest tail` prints from Kafka what was published there, one JSON object a record."""
    answer = await asyncio.to_thread(gateway.deliver, group(alert()), SHOWN)
    (line,) = await asyncio.to_thread(gateway.tail)
    assert line["intent"]["meta"]["messageId"] == answer.json()["items"][0]["message_id"]
    assert line["headers"]["ce_id"] == line["intent"]["meta"]["messageId"]
