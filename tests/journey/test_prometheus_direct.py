"""A real Prometheus whose Alertmanagers are gateways: its rule fires, fires on, and is over.

It tells everything to three of them at once: one that keeps an embedded log, and two that share a topic.
"""

import asyncio
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from ameide_core_proto.sre.core.v1.sre_pb2 import ALERT_STATUS_FIRING, ALERT_STATUS_RESOLVED
from tests.journey.consumer import consume
from tests.journey.gateways import folder, following
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


def prometheus(home: Path, gateways: Sequence[Gateway]) -> Prometheus:
    """It evaluates the rule each second and says every time what it found, to us as to an Alertmanager."""
    rules = home / "rules.yml"
    rules.write_text(json.dumps({"groups": [{"name": "journey", "rules": [RULE]}]}))
    targets = [f"127.0.0.1:{gateway.port}" for gateway in gateways]
    receiver = {
        "api_version": "v2",
        "authorization": {"credentials": TOKEN},
        "static_configs": [{"targets": targets}],
    }
    extra = {"rule_files": [str(rules)], "alerting": {"alertmanagers": [receiver]}}
    return Prometheus(home, targets[0], interval="1s", extra=extra, flags=["--rules.alert.resend-delay=500ms"])


def with_token(home: Path) -> dict[str, str]:
    """The settings of a gateway that asks for the token."""
    token = home / "token"
    token.write_text(TOKEN)
    return {"AUTH__BEARER_TOKEN_FILE": str(token)}


def live_through(home: Path, gateways: Sequence[Gateway]) -> tuple[Line, Line]:
    """The only two records, at the first of the gateways, of a rule that fires for several deliveries, then is over.

    A repeat by hand of what Prometheus sent has, each time and at each gateway, the id of the record. Bounded by the
    test's own time-out.
    """
    with prometheus(home, gateways):
        wait_until(lambda: min(map(taken, gateways)) >= ENOUGH)
        (firing,) = gateways[0].tail()
        assert {repeated(gateway, firing) for gateway in gateways} == {firing["headers"]["ce_id"]}
        assert get(gateways[0].port, "/nowhere")[0] == 404
        wait_until(lambda: min(map(resolved, gateways)) >= ENOUGH)
        _, over = gateways[0].tail()
        assert {repeated(gateway, over) for gateway in gateways} == {over["headers"]["ce_id"]}
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


async def test_a_rule_that_fires_and_is_over_is_two_records_however_often_it_is_sent(
    tmp_path: Path, kafka: str, topic: str
) -> None:
    """One firing and one resolved in the embedded log, as Prometheus said them, and one id of each on the topic.

    The two gateways on the topic are told at the same moment, so each may take the first of a state before it can have
    read of the other's record: then that state has two records, under one id. No later delivery adds any.
    """
    token = with_token(tmp_path)
    shared = {**token, "KAFKA__BOOTSTRAP_SERVERS": kafka, "KAFKA__TOPIC": topic}
    async with following(tmp_path, shared) as pair:
        with Gateway(folder(tmp_path, "alone"), token) as alone:
            lines = await asyncio.to_thread(live_through, tmp_path, (alone, *pair))
        records = await consume(kafka, topic)
    _says_what_prometheus_said(lines)
    told = [(one.intent.ingest_alert_requested.status, one.intent.meta.message_id) for one in records]
    ids = [line["headers"]["ce_id"] for line in lines]
    # In order on one partition, whichever state has two.
    assert list(dict.fromkeys(told)) == list(zip((ALERT_STATUS_FIRING, ALERT_STATUS_RESOLVED), ids, strict=True))
    assert len({record.partition for record in records}) == 1
    assert all(told.count(one) <= len(pair) for one in told)


def _says_what_prometheus_said(lines: Sequence[Line]) -> None:
    firing, over = (one["intent"]["ingestAlertRequested"] for one in lines)
    assert (firing["status"], over["status"]) == ("ALERT_STATUS_FIRING", "ALERT_STATUS_RESOLVED")
    assert firing["labels"] == {"alertname": "NobodyAsked", "severity": "critical"}
    assert firing["runbookUrl"] == "https://runbooks.example.org/asked"
    assert firing["generatorUrl"].startswith("http")
    assert firing["startsAt"] == over["startsAt"] < over["endsAt"] <= over["receivedAt"]
    assert "endsAt" not in firing
