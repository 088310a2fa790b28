"""The gateway alone: no Kafka, the embedded log, and the commands that README shows."""

import json
import shutil
import socket
import time
from pathlib import Path

import pytest

from tests.journey.alerts import alert, group
from tests.parts.gateway import Gateway
from tests.parts.ports import get
from tests.parts.processes import PartFailedError


def test_a_delivery_is_on_disk_and_tail_prints_it(tmp_path: Path) -> None:
    """202, and `sre-ingest tail` shows the intent beside the running gateway."""
    with Gateway(tmp_path) as gateway:
        answer = gateway.deliver(group(alert()))
        (line,) = gateway.tail()
    assert answer.status_code == 202
    assert line["headers"]["ce_id"] == answer.json()["items"][0]["message_id"]
    assert line["intent"]["ingestAlertRequested"]["name"] == "DiskFull"


def test_what_was_acknowledged_survives_a_kill(tmp_path: Path) -> None:
    """Killed with -9 right after the 202: the record is there, and once it was read back the same body is a repeat."""
    gateway = Gateway(tmp_path)
    body = group(alert())
    gateway.start()
    first = gateway.deliver(body).json()["items"][0]["message_id"]
    gateway.kill()
    with gateway:
        gateway.wait_until_ready()
        second = gateway.deliver(body).json()["items"][0]
        lines = gateway.tail()
    assert (second["outcome"], second["message_id"]) == ("duplicate", first)
    assert [line["headers"]["ce_id"] for line in lines] == [first]


def test_a_bundled_sample_can_be_sent(tmp_path: Path) -> None:
    """`sre-ingest send` delivers it and prints the receipt."""
    with Gateway(tmp_path) as gateway:
        printed = gateway.command("send", "alertmanager", "firing", "--url", gateway.webhook)
        assert printed.startswith("202 ")
        assert len(gateway.tail("--output", "json")) == 1


def test_a_second_gateway_on_the_same_data_is_refused(tmp_path: Path) -> None:
    """One writer a folder: the second ends with the reason."""
    with Gateway(tmp_path) as gateway:
        second = Gateway(tmp_path / "second", {"DATA_DIR": str(tmp_path / "data")})
        second.log.parent.mkdir()
        with pytest.raises(PartFailedError, match="Another gateway"), second:
            pass
        assert gateway.deliver(group(alert())).status_code == 202


def test_stopping_is_clean(tmp_path: Path) -> None:
    """SIGTERM ends the process with status 0 within its bound."""
    gateway = Gateway(tmp_path)
    gateway.start()
    assert gateway.stop() == 0


def test_a_data_folder_taken_away_is_noticed(tmp_path: Path) -> None:
    """What nobody could ever read again is not acknowledged: 503, and not ready."""
    with Gateway(tmp_path) as gateway:
        assert gateway.deliver(group(alert())).status_code == 202
        shutil.rmtree(tmp_path / "data")
        assert gateway.deliver(group(alert(instance="db-2"))).status_code == 503
        assert get(gateway.port, "/readyz")[0] == 503


def test_a_large_delivery_is_taken_whole(tmp_path: Path) -> None:
    """Thousands of alerts in one body are answered 202 and are in the log once; the answer lists a bounded number."""
    alerts = [alert(instance=f"db-{number}") for number in range(3_000)]
    with Gateway(tmp_path) as gateway:
        answer = gateway.deliver(group(*alerts))
        assert answer.status_code == 202
        assert (answer.json()["accepted"], len(answer.json()["items"])) == (3_000, 1_000)
        assert len({line["headers"]["ce_id"] for line in gateway.tail()}) == 3_000


@pytest.mark.parametrize("together", [True, False], ids=["in one segment", "body in a segment of its own"])
def test_a_request_that_offers_an_upgrade_keeps_its_body(tmp_path: Path, together: bool) -> None:
    """Some clients offer HTTP/2 on every request; the offer is passed over, and the delivery is taken as it is."""
    body = json.dumps(group(alert())).encode()
    head = (
        "POST /webhooks/alertmanager HTTP/1.1\r\nHost: gateway\r\nContent-Type: application/json\r\n"
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQAAP__\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    ).encode()
    with Gateway(tmp_path) as gateway, socket.create_connection(("127.0.0.1", gateway.port), timeout=30) as client:
        for part in (head + body,) if together else (head, body):
            client.sendall(part)
            time.sleep(0.1)
        assert client.recv(65_536).startswith(b"HTTP/1.1 202 ")
