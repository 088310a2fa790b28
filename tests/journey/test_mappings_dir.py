"""Mappings of one's own beside a running gateway: put there, changed, broken and taken away without a restart."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.parts.gateway import Gateway
from tests.parts.ports import get
from tests.parts.processes import PartFailedError
from tests.unit.test_reloading import mapping

BODY = {"rule": "Disk full", "other": "Disk nearly full", "state": "open", "host": "db-1"}


def until(holds: Callable[[], bool]) -> None:
    """Wait for what a gateway does by itself."""
    for _ in range(300):
        if holds():
            return
        time.sleep(0.1)
    raise PartFailedError("it did not come about within 30 s")


def metric(gateway: Gateway, line: str) -> float | None:
    """The value of one line of the metrics; None if it is not there."""
    found = re.search(rf"^sre_ingest_{re.escape(line)} (\S+)$", get(gateway.port, "/metrics")[1].decode(), re.MULTILINE)
    return float(found[1]) if found else None


def test_a_mapping_lives_without_a_restart(tmp_path: Path) -> None:
    """From its file to the log; a mistake keeps the last good one; without the file the path is unknown."""
    folder = tmp_path / "mappings"
    folder.mkdir()
    file = folder / "acme.yaml"
    settings = {"MAPPINGS_DIR": str(folder), "MAPPINGS_INTERVAL": "100ms", "DEDUP__WINDOW": "1ms"}

    def status() -> int:
        return gateway.post("/webhooks/generic/acme", BODY).status_code

    with Gateway(tmp_path, settings) as gateway:
        assert status() == 404
        file.write_text(mapping())
        until(lambda: status() == 202)
        assert metric(gateway, 'http_requests_total{code="202",method="POST",route="/webhooks/generic/{mapping}"}') == 1
        assert metric(gateway, 'intents_total{outcome="quarantined",source="acme"}') == 0
        assert gateway.tail()[-1]["intent"]["ingestAlertRequested"]["name"] == "Disk full"

        file.write_text(mapping("]["))
        until(lambda: metric(gateway, "config_last_reload_successful") == 0)
        assert status() == 202

        file.write_text(mapping("other"))
        until(lambda: metric(gateway, "config_last_reload_successful") == 1)
        assert status() == 202
        assert gateway.tail()[-1]["intent"]["ingestAlertRequested"]["name"] == "Disk nearly full"

        file.unlink()
        until(lambda: status() == 404)
    printed = gateway.log.read_text()
    assert "acme.yaml:5: shapes" in printed
    assert "Disk" not in printed


def test_a_broken_mapping_ends_the_start_with_its_line(tmp_path: Path) -> None:
    """Nothing else says it as early and as plainly."""
    (tmp_path / "acme.yaml").write_text(mapping("]["))
    gateway = Gateway(tmp_path, {"MAPPINGS_DIR": str(tmp_path)})
    with pytest.raises(PartFailedError, match=r"acme\.yaml:5: shapes"), gateway:
        pass
