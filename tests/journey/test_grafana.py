"""Grafana's two webhooks, from HTTP to the embedded log."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from adapters.grafana import adapter
from sre_ingest import catalog
from tests.parts.gateway import Gateway

SAMPLES = catalog.folder(adapter) / "samples"


def deliver(gateway: Gateway, method: str, sample: str) -> dict[str, Any]:
    """The receipt of a sample body."""
    body = json.loads((SAMPLES / f"{sample}.json").read_bytes())
    answer = httpx.request(method, f"{gateway.url}/webhooks/grafana", json=body, timeout=30, trust_env=False)
    assert answer.is_success, answer.text
    receipt: dict[str, Any] = answer.json()
    return receipt


@pytest.mark.parametrize(("first", "second"), [("POST", "PUT"), ("PUT", "POST")])
def test_both_kinds_of_grafana_reach_the_log_by_post_and_put(tmp_path: Path, first: str, second: str) -> None:
    """A firing and a resolved alert of each kind, and the same body by the other method is a duplicate."""
    with Gateway(tmp_path) as gateway:
        for sample in ("firing-v13", "resolved-v13", "legacy-alerting", "legacy-ok"):
            assert deliver(gateway, first, sample)["accepted"] == 1
        assert deliver(gateway, second, "legacy-ok")["duplicates"] == 1
        assert deliver(gateway, second, "legacy-paused")["ignored"] == 1
        lines = [line["intent"]["ingestAlertRequested"] for line in gateway.tail("--output", "json")]

    assert [(line["source"], line["status"]) for line in lines] == [
        ("ALERT_SOURCE_GRAFANA", status) for status in ("ALERT_STATUS_FIRING", "ALERT_STATUS_RESOLVED") * 2
    ]
    assert [line["alertId"] for line in lines[::2]] == [line["alertId"] for line in lines[1::2]]
