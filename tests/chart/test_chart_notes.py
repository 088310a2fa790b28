"""The notes after an install: what to paste, filled in, and what to know."""

import json
from collections.abc import Callable
from typing import Any

import yaml

Render = Callable[..., dict[str, str]]
ValueSet = Callable[[str], dict[str, Any]]


def test_notes_hold_a_receiver(render: Render, values: dict[str, Any]) -> None:
    """The receiver in the notes is YAML for Alertmanager, filled with the release's names."""
    notes = render(values)["NOTES.txt"]
    service = yaml.safe_load(render(values)["service.yaml"])
    address = f"{service['metadata']['name']}.alerting.svc:{service['spec']['ports'][0]['port']}"
    secret = f"{values['auth']['existingSecret']}/{values['auth'].get('tokenKey', 'token')}"
    authorization = {"type": "Bearer", "credentials_file": f"/etc/alertmanager/secrets/{secret}"}
    snippet = yaml.safe_load(notes[notes.index("receivers:") : notes.index("   max_alerts 0 ")])
    assert snippet["receivers"][0]["webhook_configs"] == [
        {
            "url": f"http://{address}/webhooks/alertmanager",
            "send_resolved": True,
            "max_alerts": 0,
            "http_config": {"authorization": authorization},
        }
    ]


def test_notes_hold_what_prometheus_needs(render: Render, values: dict[str, Any]) -> None:
    """The gateway as an Alertmanager of Prometheus: YAML for its configuration, filled with the release's names."""
    notes = render(values)["NOTES.txt"]
    service = yaml.safe_load(render(values)["service.yaml"])
    secret = f"{values['auth']['existingSecret']}/{values['auth'].get('tokenKey', 'token')}"
    target = f"{service['metadata']['name']}.alerting.svc:{service['spec']['ports'][0]['port']}"
    snippet = yaml.safe_load(notes[notes.index("alerting:\n  alertmanagers:") : notes.index("2. Try it")])
    assert snippet["alerting"]["alertmanagers"] == [
        {
            "api_version": "v2",
            "authorization": {"credentials_file": f"/etc/prometheus/secrets/{secret}"},
            "static_configs": [{"targets": [target]}],
        }
    ]


def test_notes_hold_a_delivery_to_try(render: Render, value_set: ValueSet) -> None:
    """The body after `--data` is a delivery of Alertmanager's, version 4, with one firing alert."""
    notes = render(value_set("minimal"))["NOTES.txt"]
    delivery = json.loads(notes.split("--data '")[1].split("'")[0])
    assert delivery["version"] == "4"
    assert [alert["status"] for alert in delivery["alerts"]] == ["firing"]
