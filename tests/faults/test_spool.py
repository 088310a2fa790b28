"""The gateway with its spool while Kafka is away: it goes on taking, and what it took arrives."""

import asyncio
import sqlite3
from collections import defaultdict
from contextlib import closing
from pathlib import Path

from sre_ingest.store.files import FILE
from tests.journey.alerts import alert, group
from tests.journey.test_mappings_dir import metric, until
from tests.parts.broker import KafkaBroker
from tests.parts.gateway import Gateway
from tests.parts.topics import consume, create_topic


async def gateway_on(broker: KafkaBroker, folder: Path) -> tuple[Gateway, str]:
    """A gateway, not started, on a new topic."""
    topic = await create_topic(broker.bootstrap_servers)
    settings = {"KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap_servers, "KAFKA__TOPIC": topic}
    return Gateway(folder, settings), topic


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


async def test_an_outage_is_answered_202_and_drained(own_broker: KafkaBroker, tmp_path: Path) -> None:
    """Killed and back: every delivery is acknowledged, every acknowledged one arrives, and then it is 200 again."""
    gateway, topic = await gateway_on(own_broker, tmp_path)
    with gateway:
        gateway.wait_until_ready()
        await asyncio.to_thread(until, lambda: metric(gateway, "kafka_connected") == 1)
        known = deliver(gateway, 0)
        await asyncio.to_thread(own_broker.kill)
        for number in range(1, 20):
            known += deliver(gateway, number)
        assert (metric(gateway, "spool_records") or 0) > 0
        await asyncio.to_thread(own_broker.start)
        await asyncio.to_thread(until, lambda: drained(gateway))
        assert gateway.deliver(group(alert(instance="late"))).status_code == 200
    assert set(known) <= set(await ids(own_broker.bootstrap_servers, topic, len(known) + 1))


async def test_a_gateway_killed_in_an_outage_delivers_what_it_had_acknowledged(
    own_broker: KafkaBroker, tmp_path: Path
) -> None:
    """`kill -9` with everything in the spool and Kafka away: the next start delivers it, each record once."""
    gateway, topic = await gateway_on(own_broker, tmp_path)
    await asyncio.to_thread(own_broker.stop)
    known = []
    gateway.start()
    for number in range(10):
        known += deliver(gateway, number)
    gateway.kill()
    await asyncio.to_thread(own_broker.start)
    with gateway:
        await asyncio.to_thread(until, lambda: drained(gateway))
        assert metric(gateway, "spool_acked_records_total") == len(known)
    assert sorted(await ids(own_broker.bootstrap_servers, topic, len(known))) == sorted(known)


async def test_the_order_of_a_key_survives_an_outage(own_broker: KafkaBroker, tmp_path: Path) -> None:
    """Firing and resolved in turn, the broker frozen in between: first occurrences are in the order of delivery."""
    gateway, topic = await gateway_on(own_broker, tmp_path)
    known: dict[str, list[str]] = defaultdict(list)
    with gateway:
        gateway.wait_until_ready()
        await asyncio.to_thread(until, lambda: metric(gateway, "kafka_connected") == 1)
        for number in range(24):
            if number == 8:
                own_broker.pause()
            if number == 16:
                own_broker.resume()
            for instance in ("a", "b", "c"):
                state = "firing" if number % 2 == 0 else "resolved"
                answer = gateway.deliver(group(alert(instance=instance, status=state)))
                assert answer.status_code in (200, 202)
                known[instance] += [item["message_id"] for item in answer.json()["items"]]
        await asyncio.to_thread(until, lambda: drained(gateway))
    arrived = list(dict.fromkeys(await ids(own_broker.bootstrap_servers, topic, 72)))
    for order in known.values():
        assert [one for one in arrived if one in order] == order


async def test_without_a_spool_an_outage_is_503(own_broker: KafkaBroker, tmp_path: Path) -> None:
    """A deployment without a disk: nothing is acknowledged that is not in Kafka, and readiness says so."""
    settings = {
        "KAFKA__BOOTSTRAP_SERVERS": own_broker.bootstrap_servers,
        "SPOOL__ENABLED": "false",
        "QUARANTINE__ENABLED": "false",
    }
    await asyncio.to_thread(own_broker.stop)
    with Gateway(tmp_path, settings) as gateway:
        assert gateway.deliver(group(alert())).status_code == 503
        assert not (tmp_path / "data").exists()


async def test_a_record_that_somebody_took_away_is_missed(own_broker: KafkaBroker, tmp_path: Path) -> None:
    """Deleted behind the gateway's back: once the others are delivered, the books say that one is nowhere."""
    gateway, topic = await gateway_on(own_broker, tmp_path)
    with gateway:
        gateway.wait_until_ready()
        await asyncio.to_thread(until, lambda: metric(gateway, "kafka_connected") == 1)
        await asyncio.to_thread(own_broker.kill)
        known = deliver(gateway, 0) + deliver(gateway, 1)
        assert metric(gateway, "intent_ledger_imbalance") == 0
        with closing(sqlite3.connect(tmp_path / "data" / FILE)) as database, database:
            database.execute("DELETE FROM spool WHERE number = 2")
        await asyncio.to_thread(own_broker.start)
        await asyncio.to_thread(until, lambda: metric(gateway, "intent_ledger_imbalance") == 1)
        await asyncio.to_thread(until, lambda: drained(gateway))
        gateway.kill()
    assert len(set(known) - set(await ids(own_broker.bootstrap_servers, topic, len(known) - 1))) == 1
