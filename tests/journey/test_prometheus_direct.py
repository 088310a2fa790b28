"""A real Prometheus whose Alertmanager is the gateway: its rule fires, fires on, and is over."""

import asyncio
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from ameide_core_proto.sre.core.v1.sre_pb2 import ALERT_STATUS_FIRING, ALERT_STATUS_RESOLVED
from tests.journey.consumer import consume
from tests.parts.gateway import Gateway
from tests.parts.ports import get
from tests.parts.prometheus import Prometheus

Line = dict[str, Any]
"""What `sre-ingest tail` prints of a record."""

ALERTS = "/api/v2/alerts"
TOKEN = "direct-token"
ENOUGH = 4
"""Deliveries that say the same thing, in which a record too many would show."""

# True until somebody asks the gateway for a page that it does not have, and Prometheus scrapes that it was asked.
CONDITION = 'vector(1) unless on() (sum(sre_ingest_http_requests_total{code="404"}) > 0)'
RULE = {
    "alert": "NobodyAsked",
    "expr": CONDITION,
    "labels": {"severity": "critical", "empty": ""},
    "annotations": {"summary": "Nobody asked yet", "runbook_url": "https://runbooks.example.org/asked"},
}


def prometheus(folder: Path, gateway: Gateway) -> Prometheus:
    """It evaluates the rule each second and says every time what it found, to us as to an Alertmanager."""
    rules = folder / "rules.yml"
    rules.write_text(json.dumps({"groups": [{"name": "journey", "rules": [RULE]}]}))
    target = f"127.0.0.1:{gateway.port}"
    receiver = {
        "api_version": "v2",
        "authorization": {"credentials": TOKEN},
        "static_configs": [{"targets": [target]}],
    }
    extra = {"rule_files": [str(rules)], "alerting": {"alertmanagers": [receiver]}}
    return Prometheus(folder, target, interval="1s", extra=extra, flags=["--rules.alert.resend-delay=500ms"])


def with_token(folder: Path, settings: Mapping[str, str] | None = None) -> Gateway:
    """A gateway that asks for the token."""
    token = folder / "token"
    token.write_text(TOKEN)
    return Gateway(folder, {"AUTH__BEARER_TOKEN_FILE": str(token), **(settings or {})})


def live_through(folder: Path, gateway: Gateway) -> tuple[Line, Line]:
    """The only two records of a rule that fires for several deliveries, then is over for several.

    A repeat by hand of what Prometheus sent has, each time, the id of the record. Bounded by the test's own time-out.
    """
    with prometheus(folder, gateway):
        wait_until(lambda: taken(gateway) >= ENOUGH)
        (firing,) = gateway.tail()
        assert repeated(gateway, firing) == firing["headers"]["ce_id"]
        assert get(gateway.port, "/nowhere")[0] == 404
        wait_until(lambda: resolved(gateway) >= ENOUGH)
        _, over = gateway.tail()
        assert repeated(gateway, over) == over["headers"]["ce_id"]
    return firing, over


def taken(gateway: Gateway) -> float:
    """Deliveries that Prometheus was answered with a 2xx."""
    return metric(gateway, "http_requests_total", f'route="{ALERTS}"', 'code="20')


def resolved(gateway: Gateway) -> float:
    """How many of them said that the alert is over."""
    return metric(gateway, "alerts_received_total", 'source="prometheus"', 'status="resolved"')


def metric(gateway: Gateway, name: str, *labels: str) -> float:
    """The sum of a metric's series with these labels."""
    lines = get(gateway.port, "/metrics")[1].decode().splitlines()
    chosen = [line for line in lines if line.startswith(f"sre_ingest_{name}{{") and all(one in line for one in labels)]
    return sum(float(line.rpartition(" ")[2]) for line in chosen)


def wait_until(holds: Callable[[], bool]) -> None:
    """Return once it holds."""
    while not holds():
        time.sleep(0.2)


def repeated(gateway: Gateway, record: Line) -> str:
    """Post by hand what Prometheus sent; the id of the record that this repeats."""
    alert = record["intent"]["ingestAlertRequested"]
    names = ("labels", "annotations", "startsAt", "endsAt")
    body = [{name: alert[name] for name in names if name in alert}]
    receipt = gateway.post(ALERTS, body, {"Authorization": f"Bearer {TOKEN}"}).json()
    assert receipt["duplicates"] == 1, receipt
    message_id: str = receipt["items"][0]["message_id"]
    return message_id


def test_a_rule_that_fires_and_is_over_is_two_records_however_often_it_is_sent(tmp_path: Path) -> None:
    """One firing and one resolved in the embedded log, as Prometheus said them."""
    with with_token(tmp_path) as gateway:
        firing, over = (one["intent"]["ingestAlertRequested"] for one in live_through(tmp_path, gateway))
    assert (firing["status"], over["status"]) == ("ALERT_STATUS_FIRING", "ALERT_STATUS_RESOLVED")
    assert firing["labels"] == {"alertname": "NobodyAsked", "severity": "critical"}
    assert firing["runbookUrl"] == "https://runbooks.example.org/asked"
    assert firing["generatorUrl"].startswith("http")
    assert firing["startsAt"] == over["startsAt"] < over["endsAt"] <= over["receivedAt"]
    assert "endsAt" not in firing


async def test_the_same_on_kafka(tmp_path: Path, kafka: str, topic: str) -> None:
    """Two records under two ids, in order on one partition."""
    with with_token(tmp_path, {"KAFKA__BOOTSTRAP_SERVERS": kafka, "KAFKA__TOPIC": topic}) as gateway:
        gateway.wait_until_ready()
        lines = await asyncio.to_thread(live_through, tmp_path, gateway)
        records = await consume(kafka, topic)
    statuses = [record.intent.ingest_alert_requested.status for record in records]
    assert statuses == [ALERT_STATUS_FIRING, ALERT_STATUS_RESOLVED]
    assert len({record.partition for record in records}) == 1
    assert [record.intent.meta.message_id for record in records] == [line["headers"]["ce_id"] for line in lines]
