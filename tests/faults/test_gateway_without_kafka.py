"""The gateway without a spool while Kafka is away."""

import time
from pathlib import Path

import pytest

from tests.journey.alerts import alert, group
from tests.parts.broker import KafkaBroker
from tests.parts.gateway import Gateway
from tests.parts.ports import get
from tests.parts.topics import create_topic

STATELESS = {"SPOOL__ENABLED": "false"}
GENEROUS = 10.0
"""Seconds: the promise is two, the machine that runs the tests promises nothing."""


@pytest.fixture
async def topic_of_own(own_broker: KafkaBroker) -> str:
    """A topic on the broker that the test breaks."""
    return await create_topic(own_broker.bootstrap_servers)


def test_down_and_back_again(tmp_path: Path, own_broker: KafkaBroker, topic_of_own: str) -> None:
    """503 and not ready while the broker is down, the process stays up, and the next delivery after that is 200."""
    settings = {**STATELESS, "KAFKA__BOOTSTRAP_SERVERS": own_broker.bootstrap_servers, "KAFKA__TOPIC": topic_of_own}
    with Gateway(tmp_path, settings) as gateway:
        gateway.wait_until_ready()
        assert gateway.deliver(group(alert())).status_code == 200
        own_broker.kill()
        refused = alert(instance="db-2")
        started = time.monotonic()
        answer = gateway.deliver(group(refused))
        assert time.monotonic() - started < GENEROUS
        assert (answer.status_code, answer.json()["reason"]) == (503, "unavailable")
        assert answer.headers["retry-after"] == "5"
        _wait_until_unready(gateway)
        assert gateway.running
        own_broker.start()
        gateway.wait_until_ready(60)
        again = gateway.deliver(group(refused))
        assert again.status_code == 200
        assert again.json()["items"][0]["message_id"] in {line["headers"]["ce_id"] for line in gateway.tail()}


def test_it_starts_without_kafka(tmp_path: Path, own_broker: KafkaBroker, topic_of_own: str) -> None:
    """It serves before there is a broker: alive, not ready with the reason, 503; ready by itself once there is one."""
    own_broker.stop()
    settings = {**STATELESS, "KAFKA__BOOTSTRAP_SERVERS": own_broker.bootstrap_servers, "KAFKA__TOPIC": topic_of_own}
    with Gateway(tmp_path, settings) as gateway:
        status, body = get(gateway.port, "/readyz")
        assert status == 503
        assert b"detail" in body
        assert gateway.deliver(group(alert())).status_code == 503
        own_broker.start()
        gateway.wait_until_ready(60)
        assert gateway.deliver(group(alert())).status_code == 200


def _wait_until_unready(gateway: Gateway) -> None:
    while get(gateway.port, "/readyz")[0] != 503:
        time.sleep(0.1)
