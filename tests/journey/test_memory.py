"""The log is the memory: it outlives a process, and several gateways share it."""

import asyncio
from functools import partial
from pathlib import Path
from typing import Any

from tests.faults.test_spool import drained, ids
from tests.journey.alerts import alert, group, now
from tests.journey.gateways import folder, following, follows, others
from tests.journey.test_mappings_dir import metric, until
from tests.parts.broker import KafkaBroker
from tests.parts.gateway import Gateway
from tests.parts.relay import Door
from tests.parts.topics import create_topic


def settings(kafka: str, topic: str, **more: str) -> dict[str, str]:
    """A gateway on this topic."""
    return {"KAFKA__BOOTSTRAP_SERVERS": kafka, "KAFKA__TOPIC": topic, **more}


def told(gateway: Gateway, *alerts: dict[str, Any]) -> list[tuple[str, str]]:
    """Outcome and id of each alert of one delivery."""
    answer = gateway.deliver(group(*alerts))
    assert answer.status_code in (200, 202), answer.text
    return [(item["outcome"], item["message_id"]) for item in answer.json()["items"]]


async def test_a_restart_remembers_what_is_on_the_topic(kafka: str, tmp_path: Path) -> None:
    """Also for a gateway with another disk: the same delivery again is a duplicate, its resolve is news."""
    topic = await create_topic(kafka)
    firing, other = alert(instance="a"), alert(instance="b")
    with Gateway(folder(tmp_path, "one"), settings(kafka, topic)) as gateway:
        gateway.wait_until_ready()
        before = told(gateway, firing, other)
    with Gateway(folder(tmp_path, "two"), settings(kafka, topic)) as gateway:
        gateway.wait_until_ready()
        assert told(gateway, firing, other) == [("duplicate", one) for _, one in before]
        assert told(gateway, firing | {"status": "resolved", "endsAt": now()})[0][0] == "accepted"
    assert len(await ids(kafka, topic, 3)) == 3


def _seen(count: int, *gateways: Gateway) -> bool:
    return others(*gateways) >= count


async def test_two_gateways_on_one_topic_know_what_either_published(kafka: str, tmp_path: Path) -> None:
    """What either was sent is a duplicate at the other, once that has read of it: one record an alert and state."""
    topic = await create_topic(kafka)
    async with following(tmp_path, settings(kafka, topic)) as (one, two):
        known = []
        for number in range(10):
            here, there = (one, two) if number % 2 else (two, one)
            firing = alert(instance=str(number))
            for one_state in (firing, firing | {"status": "resolved", "endsAt": now()}):
                [(outcome, message_id)] = told(here, one_state)
                assert outcome == "accepted"
                known.append(message_id)
                await asyncio.to_thread(until, partial(_seen, len(known), one, two))
                assert told(there, one_state) == [("duplicate", message_id)]
    assert sorted(await ids(kafka, topic, 20)) == sorted(known)


async def test_an_old_resolve_that_drains_late_is_not_the_last_word(kafka: str, tmp_path: Path) -> None:
    """R waits in the spool of a gateway that finds no Kafka, while another takes a newer F: the topic ends firing."""
    topic = await create_topic(kafka)
    firing = alert()
    with (
        Door(kafka) as door,
        Gateway(folder(tmp_path, "one"), settings(kafka, topic)) as one,
        Gateway(folder(tmp_path, "two"), {**settings(kafka, topic), **door.settings}) as two,
    ):
        await asyncio.to_thread(until, partial(follows, one))
        [(_, resolve)] = told(two, firing | {"status": "resolved", "endsAt": now()})
        [(_, first)] = told(one, firing)
        door.open()
        await asyncio.to_thread(until, lambda: drained(two))
        await asyncio.to_thread(until, partial(_restated, one))
        before, late, last, *others = await asyncio.to_thread(one.tail)
        assert [line["headers"]["ce_id"] for line in (before, late)] == [first, resolve]
        assert last["intent"]["ingestAlertRequested"]["status"] == "ALERT_STATUS_FIRING"
        assert last["headers"]["ce_receivedtime"] > late["headers"]["ce_receivedtime"]
        # The other may have said it at the same time, and under the same id.
        assert {line["headers"]["ce_id"] for line in others} <= {last["headers"]["ce_id"]}
        assert told(one, firing) == [("duplicate", last["headers"]["ce_id"])]


def _restated(gateway: Gateway) -> bool:
    return metric(gateway, 'dedup_restatements_total{outcome="published"}') == 1


async def test_what_waits_in_the_spool_is_remembered(own_broker: KafkaBroker, tmp_path: Path) -> None:
    """Taken in an outage, the gateway killed in it: after the start the retry is a duplicate of what waits."""
    topic = await create_topic(own_broker.bootstrap_servers)
    await asyncio.to_thread(own_broker.stop)
    gateway = Gateway(tmp_path, settings(own_broker.bootstrap_servers, topic))
    firing = alert()
    gateway.start()
    [(_, message_id)] = told(gateway, firing)
    gateway.kill()
    with gateway:
        await asyncio.to_thread(until, lambda: metric(gateway, "dedup_entries") == 1)
        assert told(gateway, firing) == [("duplicate", message_id)]
        await asyncio.to_thread(own_broker.start)
        await asyncio.to_thread(until, lambda: drained(gateway))
    assert await ids(own_broker.bootstrap_servers, topic, 1) == [message_id]


def test_the_embedded_log_is_read_back(tmp_path: Path) -> None:
    """A restart without Kafka: still 202, for the record is on this disk alone."""
    firing = alert()
    with Gateway(tmp_path) as gateway:
        [(_, message_id)] = told(gateway, firing)
    with Gateway(tmp_path) as gateway:
        gateway.wait_until_ready()
        until(lambda: metric(gateway, "dedup_entries") == 1)
        answer = gateway.deliver(group(firing))
        assert (answer.status_code, answer.json()["items"][0]["outcome"]) == (202, "duplicate")
        assert answer.json()["items"][0]["message_id"] == message_id
