"""The gateway with its spool while Kafka is away: it goes on taking, and what it took arrives."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path

from sre_ingest.store.files import FILE
from tests.journey.alerts import alert, group
from tests.journey.test_mappings_dir import metric, until
from tests.parts.gateway import Gateway
from tests.parts.ports import free_port
from tests.parts.relay import Door
from tests.parts.topics import consume, create_topic, delete_topic


def gateway_behind(door: Door, topic: str, folder: Path) -> Gateway:
    """A gateway, not started, that finds Kafka once the door is open."""
    return Gateway(folder, {**door.settings, "KAFKA__TOPIC": topic})


def drained(gateway: Gateway) -> bool:
    """Whether nothing waits on the disk any more."""
    return metric(gateway, "spool_records") == 0


def deliver(gateway: Gateway, number: int) -> list[str]:
    """Fire one alert of its own and resolve another; the ids that were acknowledged."""
    answer = gateway.deliver(group(alert(instance=f"db-{number}"), alert(instance=f"web-{number}")))
    assert answer.status_code in (200, 202), answer.text
    return [item["message_id"] for item in answer.json()["items"]]


async def ids(kafka: str, topic: str, count: int) -> list[str]:
    """The ids on the topic, partition by partition."""
    messages = await consume(kafka, topic, count)
    return [dict(message.headers)["ce_id"].decode() for message in messages]


async def test_a_gateway_killed_in_an_outage_delivers_what_it_had_acknowledged(
    kafka: str, topic: str, tmp_path: Path
) -> None:
    """`kill -9` with everything in the spool and Kafka away: the next start delivers it, each record once."""
    known = []
    with Door(kafka) as door:
        gateway = gateway_behind(door, topic, tmp_path)
        gateway.start()
        for number in range(10):
            known += deliver(gateway, number)
        gateway.kill()
        door.open()
        with gateway:
            await asyncio.to_thread(until, lambda: drained(gateway))
            assert metric(gateway, "spool_acked_records_total") == len(known)
    assert sorted(await ids(kafka, topic, len(known))) == sorted(known)


def test_without_a_spool_an_outage_is_503(tmp_path: Path) -> None:
    """A deployment without a disk: nothing is acknowledged that is not in Kafka, and readiness says so."""
    settings = {
        "KAFKA__BOOTSTRAP_SERVERS": f"127.0.0.1:{free_port()}",
        "SPOOL__ENABLED": "false",
        "QUARANTINE__ENABLED": "false",
    }
    with Gateway(tmp_path, settings) as gateway:
        assert gateway.deliver(group(alert())).status_code == 503
        assert not (tmp_path / "data").exists()


async def test_a_record_that_somebody_took_away_is_missed(kafka: str, topic: str, tmp_path: Path) -> None:
    """Deleted behind the gateway's back: once the others are delivered, the books say that one is nowhere."""
    with Door(kafka) as door:
        gateway = gateway_behind(door, topic, tmp_path)
        gateway.start()
        known = deliver(gateway, 0) + deliver(gateway, 1)
        assert metric(gateway, "intent_ledger_imbalance") == 0
        with closing(sqlite3.connect(tmp_path / "data" / FILE)) as database, database:
            database.execute("DELETE FROM spool WHERE number = 2")
        door.open()
        await asyncio.to_thread(until, lambda: metric(gateway, "intent_ledger_imbalance") == 1)
        await asyncio.to_thread(until, lambda: drained(gateway))
        gateway.kill()
    assert len(set(known) - set(await ids(kafka, topic, len(known) - 1))) == 1


async def test_a_topic_that_is_deleted_and_made_again(kafka: str, tmp_path: Path) -> None:
    """In between everything is answered 202 and waits; the new topic gets it."""
    topic = await create_topic(kafka)
    with Gateway(tmp_path, {"KAFKA__BOOTSTRAP_SERVERS": kafka, "KAFKA__TOPIC": topic}) as gateway:
        gateway.wait_until_ready()
        await asyncio.to_thread(until, lambda: metric(gateway, "kafka_connected") == 1)
        await delete_topic(kafka, topic)
        # A broker may still take a little for the old one.
        probes = (gateway.deliver(group(alert(instance=f"probe-{number}"))) for number in range(1_000))
        waits = await asyncio.to_thread(next, (answer for answer in probes if answer.status_code == 202))
        known = [waits.json()["items"][0]["message_id"]]
        known += [one for number in range(1, 8) for one in deliver(gateway, number)]
        await create_topic(kafka, name=topic)
        await asyncio.to_thread(until, lambda: drained(gateway))
        known += deliver(gateway, 8)
        assert metric(gateway, "spool_parked_records_total") == 0
    assert set(known) <= set(await ids(kafka, topic, len(known)))
