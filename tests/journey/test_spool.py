"""What waits on the disk, and who sees it off: the gateway, or a command in its place."""

import asyncio
import json
from pathlib import Path

import pytest

from tests.faults.test_spool import deliver, ids
from tests.parts.broker import KafkaBroker
from tests.parts.gateway import Gateway
from tests.parts.processes import PartFailedError
from tests.parts.topics import create_topic


async def gateway_on(broker: KafkaBroker, folder: Path) -> tuple[Gateway, str]:
    """A gateway, not started, on a new topic."""
    topic = await create_topic(broker.bootstrap_servers)
    settings = {"KAFKA__BOOTSTRAP_SERVERS": broker.bootstrap_servers, "KAFKA__TOPIC": topic}
    return Gateway(folder, settings), topic


async def test_what_was_written_without_kafka_goes_there_first(kafka: str, tmp_path: Path) -> None:
    """The embedded log's records reach the topic as soon as there is one, before what comes later, and only once."""
    known: list[str] = []
    with Gateway(tmp_path) as gateway:
        for number in range(3):
            known += deliver(gateway, number)
    topic = await create_topic(kafka, partitions=1)
    settings = {"KAFKA__BOOTSTRAP_SERVERS": kafka, "KAFKA__TOPIC": topic}
    for number in (3, 4):
        with Gateway(tmp_path, settings) as gateway:
            known += deliver(gateway, number)
            await asyncio.to_thread(gateway.command, "spool", "drain")
    assert await ids(kafka, topic, len(known)) == known


async def test_a_spool_is_looked_at_and_drained_without_a_gateway(own_broker: KafkaBroker, tmp_path: Path) -> None:
    """`status` counts beside a gateway that runs; `drain` gives up in time, and later delivers by itself."""
    gateway, topic = await gateway_on(own_broker, tmp_path)
    await asyncio.to_thread(own_broker.stop)
    with gateway:
        known = deliver(gateway, 0)
        found = json.loads(gateway.command("spool", "status", "--json"))
        assert (found["records"], found["parked"]) == (2, 0)
        assert found["oldest"] is not None
        assert 0 < found["bytes"] < found["capacity_bytes"]
    with pytest.raises(PartFailedError, match="2 records still wait"):
        await asyncio.to_thread(gateway.command, "spool", "drain", "--timeout", "1")
    await asyncio.to_thread(own_broker.start)
    assert (await asyncio.to_thread(gateway.command, "spool", "drain")).endswith("nothing waits\n")
    assert sorted(await ids(own_broker.bootstrap_servers, topic, 2)) == sorted(known)
    assert "records  0" in gateway.command("spool", "status")
