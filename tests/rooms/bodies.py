"""Short ways to an Alertmanager body, and to the reading of any body."""

import json
from dataclasses import replace
from typing import Any

from adapters.alertmanager import adapter
from ameide_core_proto.sre.core.v1.health_pb2 import HealthCheck
from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested, RecordHealthCheckRequested
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.signal import Reading, Signal


def item(**changes: Any) -> dict[str, Any]:
    """A firing alert with a few changes; `...` removes a field."""
    return changed(
        {
            "status": "firing",
            "labels": {"alertname": "QueueGrows", "severity": "warning", "queue": "invoices"},
            "annotations": {"summary": "The queue grows"},
            "startsAt": "2026-01-02T03:00:00Z",
            "endsAt": "0001-01-01T00:00:00Z",
            "generatorURL": "https://prometheus.example.org/graph",
            "fingerprint": "00f1e2d3c4b5a697",
        },
        changes,
    )


def document(*alerts: object, **changes: Any) -> dict[str, Any]:
    """An envelope around alerts with a few changes; `...` removes a field."""
    return changed({"version": "4", "status": "firing", "receiver": "sre", "alerts": list(alerts)}, changes)


def read(body: object, room: Adapter = adapter, **endpoint: Any) -> Reading:
    """The reading of a body, bytes or JSON, at a sample's endpoint with a few changes."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    delivery = samples.delivery(room, raw)
    return room.read(replace(delivery, endpoint=replace(delivery.endpoint, **endpoint)))


def one(**changes: Any) -> Signal:
    """The signal of a body with one changed alert."""
    return only(read(document(item(**changes))))


def only(reading: Reading) -> Signal:
    """The single signal of a reading without rejects."""
    assert not reading.rejects, reading.rejects
    (signal,) = reading.signals
    return signal


def alert(signal: Signal) -> IngestAlertRequested:
    """The alert that a signal carries."""
    assert isinstance(signal.message, IngestAlertRequested)
    return signal.message


def check(signal: Signal) -> HealthCheck:
    """The health check that a signal carries."""
    assert isinstance(signal.message, RecordHealthCheckRequested)
    return signal.message.health_check


def changed(base: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """A copy with a few changes; `...` removes a field."""
    return {name: value for name, value in {**base, **changes}.items() if value is not ...}
