"""The quarantine where intents go to Kafka and nothing but the quarantine needs the disk."""

import asyncio
import json
import shutil
from pathlib import Path

import httpx

from tests.journey.alerts import alert, group
from tests.journey.test_mappings_dir import metric, until
from tests.parts.gateway import Gateway
from tests.parts.ports import get
from tests.parts.topics import consume, create_topic


def on(kafka: str, topic: str, folder: Path, **more: str) -> Gateway:
    """A gateway without a spool."""
    return Gateway(
        folder, {"KAFKA__BOOTSTRAP_SERVERS": kafka, "KAFKA__TOPIC": topic, "SPOOL__ENABLED": "false", **more}
    )


def connected(gateway: Gateway) -> bool:
    """Whether it has found its brokers."""
    return metric(gateway, "kafka_connected") == 1


async def test_a_copy_goes_to_the_topic_of_dead_letters(kafka: str, topic: str, tmp_path: Path) -> None:
    """Each new entry once, as it was sent; what comes again is only counted."""
    letters = f"{topic}.dlq"
    with on(kafka, topic, tmp_path, QUARANTINE__TOPIC=letters) as gateway:
        gateway.command("topics", "ensure", "--partitions", "3", "--replication", "1", "--min-insync", "1")
        await asyncio.to_thread(until, lambda: connected(gateway))
        for _ in range(3):
            answer = await asyncio.to_thread(
                httpx.post,
                gateway.webhook,
                content=b"{nope",
                headers={"Content-Type": "application/json", "Cookie": "secret"},
                trust_env=False,
            )
        name = answer.json()["quarantine_id"]
        await asyncio.to_thread(until, lambda: metric(gateway, 'dead_letters_published_total{outcome="acked"}') == 1)
        (entry,) = [json.loads(line) for line in gateway.command("quarantine", "list", "--json").splitlines()]
    (copy,) = await consume(kafka, letters, 1)
    assert (copy.key, copy.value) == (name.encode(), b"{nope")
    assert {key: value.decode() for key, value in copy.headers} == {
        "quarantine_id": name,
        "reason": "malformed_json",
        "source": "alertmanager",
        "instance": "default",
        "tenant": "default",
        "first_seen": entry["first_seen"],
        "correlation_id": entry["correlation_id"],
    }
    assert entry["count"] == 3


async def test_an_alert_too_large_for_the_topic_is_kept(kafka: str, tmp_path: Path) -> None:
    """Its sibling is published; the receipt says under which id it is kept; a replay has it stay."""
    topic = await create_topic(kafka, settings={"max.message.bytes": "4000"})
    large = alert(instance="large") | {"annotations": {"summary": "x" * 8_000}}
    with on(kafka, topic, tmp_path) as gateway:
        await asyncio.to_thread(until, lambda: connected(gateway))
        body = group(alert(), large)
        first, again = [gateway.deliver(body).json()["items"] for _ in range(2)]
        assert (first[0]["outcome"], first[1]["reason"]) == ("accepted", "too_large")
        assert first[1]["quarantine_id"] == again[1]["quarantine_id"]
        (entry,) = [json.loads(line) for line in gateway.command("quarantine", "list", "--json").splitlines()]
        assert (entry["id"], entry["item"], entry["count"]) == (first[1]["quarantine_id"], 1, 2)
    assert len(await consume(kafka, topic, 1)) == 1


async def test_a_disk_that_is_gone_costs_only_what_was_refused(kafka: str, topic: str, tmp_path: Path) -> None:
    """503 for it and never a 500; its sibling is published, what is good is 200, and readiness stays."""
    with on(kafka, topic, tmp_path) as gateway:
        await asyncio.to_thread(until, lambda: connected(gateway))
        shutil.rmtree(tmp_path / "data")
        answer = gateway.deliver(group(alert(instance="a"), {"labels": {}}))
        assert (answer.status_code, answer.json()["reason"]) == (503, "unavailable")
        assert gateway.deliver(group(alert(instance="b"))).status_code == 200
        assert get(gateway.port, "/readyz")[0] == 200
        assert (metric(gateway, 'dead_letters_refused_total{why="disk"}') or 0) >= 1
    assert len(await consume(kafka, topic, 2)) == 2
