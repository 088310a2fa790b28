"""Short ways to a body in the generic words and its reading."""

import json
from dataclasses import replace
from typing import Any

from adapters.generic import adapter
from sre_ingest.sdk import samples
from sre_ingest.sdk.signal import Reading, Reject, Signal

ALERT: dict[str, Any] = {
    "name": "BackupLate",
    "status": "firing",
    "severity": "high",
    "labels": {"host": "vault-3"},
    "starts_at": "2026-01-02T03:00:00Z",
}
CHECK: dict[str, Any] = {
    "check_name": "front-page",
    "resource": {"type": "service", "id": "storefront"},
    "status": "healthy",
    "checked_at": "2026-01-02T03:00:00Z",
}
WINDOW: dict[str, Any] = {
    "slo_id": "storefront-availability",
    "window_start": "2026-01-02T03:00:00Z",
    "window_end": "2026-01-02T03:05:00Z",
    "good_count": 9981,
    "total_count": 10000,
}


def changed(record: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A record with a few changes; `...` removes a field."""
    return {name: value for name, value in {**record, **changes}.items() if value is not ...}


def read(body: object, **endpoint: Any) -> Reading:
    """The reading of a body, bytes or JSON, at a sample's endpoint with a few changes."""
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    delivery = samples.delivery(adapter, raw)
    return adapter.read(replace(delivery, endpoint=replace(delivery.endpoint, **endpoint)))


def one(body: object, **endpoint: Any) -> Signal:
    """The only signal of a body, nothing of which is rejected."""
    reading = read(body, **endpoint)
    assert not reading.rejects, reading.rejects
    (signal,) = reading.signals
    return signal


def reject(body: object) -> Reject:
    """The only reject of a body, nothing of which is read."""
    reading = read(body)
    assert not reading.signals
    (found,) = reading.rejects
    return found
