"""The gateway alone: no Kafka, the embedded log, and the commands that README shows."""

from pathlib import Path

import pytest

from tests.journey.alerts import alert, group
from tests.parts.gateway import Gateway
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
    """Killed with -9 right after the 202: the record is there, and the same body gets the same id again."""
    gateway = Gateway(tmp_path)
    body = group(alert())
    gateway.start()
    first = gateway.deliver(body).json()["items"][0]["message_id"]
    gateway.kill()
    with gateway:
        second = gateway.deliver(body).json()["items"][0]["message_id"]
        lines = gateway.tail()
    assert first == second
    assert [line["headers"]["ce_id"] for line in lines] == [first, first]


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
