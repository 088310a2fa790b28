"""The end of a gateway: told in its log, and without a loss however it comes."""

import json
import signal
from pathlib import Path

from tests.journey.alerts import alert, group
from tests.parts.gateway import Gateway
from tests.parts.ports import get

LONG = "600s"
"""A pause that no test waits for."""


def events(gateway: Gateway) -> list[str]:
    """What its log tells of the end."""
    lines = [json.loads(line) for line in gateway.log.read_text(encoding="utf-8").splitlines()]
    told = [line["event"] for line in lines if line.get("logger", "").startswith("sre_ingest")]
    # The log may just have been read back.
    return [event for event in told[told.index("draining") :] if event != "log_read_back"]


def test_it_serves_while_it_drains(tmp_path: Path) -> None:
    """After SIGTERM it is not ready and says why, still takes what comes, and ends by itself with status 0."""
    gateway = Gateway(tmp_path, {"HTTP__DRAIN_PAUSE": "3s"})
    with gateway:
        gateway.process.send(signal.SIGTERM)
        gateway.process.wait_until(lambda: get(gateway.port, "/readyz")[0] == 503)
        assert b"about to stop" in get(gateway.port, "/readyz")[1]
        assert b"sre_ingest_draining 1.0" in get(gateway.port, "/metrics")[1]
        assert gateway.deliver(group(alert())).status_code == 202
        assert gateway.process.wait(60) == 0
    assert len(gateway.tail()) == 1
    assert events(gateway)[0] == "draining"
    assert events(gateway)[-2:] == ["closing", "stopped"]


def test_a_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    """Whoever cannot wait loses nothing that was acknowledged."""
    gateway = Gateway(tmp_path, {"HTTP__DRAIN_PAUSE": LONG})
    with gateway:
        assert gateway.deliver(group(alert())).status_code == 202
        gateway.process.send(signal.SIGTERM)
        gateway.process.wait_until(lambda: get(gateway.port, "/readyz")[0] == 503)
        gateway.process.send(signal.SIGTERM)
        assert gateway.process.wait(60) == 128 + signal.SIGTERM
    assert events(gateway)[-1] == "ended_at_once"
    assert len(gateway.tail()) == 1


def test_ctrl_c_does_not_pause(tmp_path: Path) -> None:
    """At a terminal there is no balancer to wait for."""
    gateway = Gateway(tmp_path, {"HTTP__DRAIN_PAUSE": LONG})
    with gateway:
        gateway.process.send(signal.SIGINT)
        assert gateway.process.wait(60) == 0
    assert events(gateway) == ["draining", "closing", "stopped"]
