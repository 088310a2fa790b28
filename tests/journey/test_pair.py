"""A real pair of Alertmanagers before two gateways on one topic: one record of each alert and state.

Each member sends to a gateway of its own. While the pair gossips, the second member waits, hears that the first has
sent, and is silent. Cut apart, both send; then it is the gateways that know of each other, by the topic.
"""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import pytest

from ameide_core_proto.sre.core.v1.sre_pb2 import ALERT_STATUS_FIRING, ALERT_STATUS_RESOLVED
from tests.journey.consumer import consume
from tests.journey.gateways import Pair, folder, following, others
from tests.journey.test_mappings_dir import metric, until
from tests.parts.alertmanager import Alertmanager, Gossip, Labels
from tests.parts.gateway import Gateway
from tests.parts.ports import free_port

Members = tuple[Alertmanager, Alertmanager]
Record = tuple[str, int, str]
"""The instance that the alert is of, its status and the id of the record."""


@pytest.fixture
async def gateways(tmp_path: Path, kafka: str, topic: str) -> AsyncIterator[Pair]:
    """Two that follow the test's own topic."""
    async with following(tmp_path, {"KAFKA__BOOTSTRAP_SERVERS": kafka, "KAFKA__TOPIC": topic}) as pair:
        yield pair


def members(
    above: Path, gateways: Pair, gossip: tuple[Gossip | None, Gossip | None], group_interval: str = "500ms"
) -> Members:
    """The two Alertmanagers, not started, each with a gateway of its own; each instance is a group."""
    by = ["alertname", "instance"]
    first, second = (
        Alertmanager(folder(above, name), gateway.webhook, gossip=one, group_by=by, group_interval=group_interval)
        for name, gateway, one in zip(("first", "second"), gateways, gossip, strict=True)
    )
    return first, second


def labels(instance: str) -> Labels:
    """An alert, in a group of its own."""
    return {"alertname": "DiskFull", "severity": "critical", "instance": instance}


def sent(gateway: Gateway) -> float:
    """Deliveries that the gateway was sent."""
    return metric(gateway, 'http_requests_total{code="200",method="POST",route="/webhooks/alertmanager"}') or 0


def sent_each(gateways: Pair, count: int) -> bool:
    """Whether each of them was sent so many."""
    return all(sent(one) == count for one in gateways)


def read_each(gateways: Pair, count: int) -> bool:
    """Whether each of them has read so many records of the topic."""
    return all((metric(one, "dedup_seen_records_total") or 0) >= count for one in gateways)


async def come(holds: Callable[[], bool]) -> None:
    """Wait for what the parts do by themselves."""
    await asyncio.to_thread(until, holds)


async def both(say: Callable[[Alertmanager], None], pair: Members) -> None:
    """Tell both members the same at once, as each Prometheus of a pair does."""
    await asyncio.gather(*(asyncio.to_thread(say, one) for one in pair))


async def found(kafka: str, topic: str) -> list[Record]:
    """What is on the topic, in order for each instance."""
    records = [one.intent for one in await consume(kafka, topic)]
    alerts = [(one.ingest_alert_requested, one.meta.message_id) for one in records]
    return [(alert.labels["instance"], alert.status, message_id) for alert, message_id in alerts]


def at_rest(member: Alertmanager, state: str) -> bool:
    """Whether it has come to the alert in this state, has waited for its turn, and has looked who had sent it."""
    rounds = [line for line in member.log.read_text().splitlines() if "msg=flushing" in line]
    return any(f"[{state}]" in line for line in rounds) and member.metric("nflog_queries_total") == len(rounds)


async def test_a_pair_that_gossips(tmp_path: Path, gateways: Pair, kafka: str, topic: str) -> None:
    """Two deliveries in all, though both members were told both times, and both have looked whether to send.

    The alert is resolved while neither waits: a member that waits sends what it knew when it began to, so it would say
    that the alert fires after the other has said that it is over. Nobody can tell that from firing again.
    """
    ports = free_port(), free_port()
    pair = members(tmp_path, gateways, (Gossip(*ports), Gossip(*ports[::-1])), group_interval="4s")
    began_at = datetime.now(UTC)
    with pair[0], pair[1]:
        await come(lambda: all(one.metric("cluster_members") == 2 for one in pair))
        await both(lambda one: one.fire(labels("a"), starts_at=began_at), pair)
        await come(lambda: all(at_rest(one, "active") for one in pair))
        await both(lambda one: one.resolve(labels("a")), pair)
        await come(lambda: all(at_rest(one, "resolved") for one in pair))
    assert sum(map(sent, gateways)) == 2
    assert [status for _, status, _ in await found(kafka, topic)] == [ALERT_STATUS_FIRING, ALERT_STATUS_RESOLVED]


async def test_a_pair_cut_apart(tmp_path: Path, gateways: Pair, kafka: str, topic: str) -> None:
    """Both members send everything. Where the second gateway has read of the first one's record it makes none.

    Where both members send at once, each gateway may take the alert before it can have read of the other's record:
    then there may be two, and both have one id, for the alert has just begun and its id is a function of what is said.
    """
    pair = members(tmp_path, gateways, (None, None))
    began_at = datetime.now(UTC)

    async def tell(say: Callable[[Alertmanager, str], None], turn: int) -> None:
        before = others(*gateways)
        await asyncio.to_thread(say, pair[turn % 2], "in turn")
        await come(lambda: others(*gateways) > before)
        await asyncio.to_thread(say, pair[1 - turn % 2], "in turn")
        await both(lambda one: say(one, "at once"), pair)

    def fire(member: Alertmanager, instance: str) -> None:
        member.fire(labels(instance), starts_at=began_at)

    def resolve(member: Alertmanager, instance: str) -> None:
        member.resolve(labels(instance))

    with ExitStack() as stack:
        await asyncio.gather(*(asyncio.to_thread(stack.enter_context, one) for one in pair))
        for turn, say in enumerate((fire, resolve)):
            await tell(say, turn)
            await come(partial(sent_each, gateways, 2 * (turn + 1)))
            await come(partial(read_each, gateways, len(await found(kafka, topic))))
    records = await found(kafka, topic)
    states = {
        (instance, status)
        for instance in ("in turn", "at once")
        for status in (ALERT_STATUS_FIRING, ALERT_STATUS_RESOLVED)
    }
    assert {(instance, status) for instance, status, _ in records} == states
    assert len({message_id for *_, message_id in records}) == len(states)
    assert len([one for one in records if one[0] == "in turn"]) == 2
