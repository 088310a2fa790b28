"""Deliveries, signals and adapters for tests of what comes after admission."""

import json
from typing import Any

from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested
from ameide_core_proto.sre.core.v1.sre_pb2 import AlertStatus, Severity
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Delivery, Endpoint
from sre_ingest.sdk.errors import ItemReason
from sre_ingest.sdk.severity import SeverityTable
from sre_ingest.sdk.signal import Reading, Reject, Signal, alert
from sre_ingest.sdk.times import SECOND, Instant, timestamp

NOW = Instant(1_767_323_045 * SECOND + 678_000_000)
TRACEPARENT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
ENDPOINT = Endpoint(
    path="/webhooks/toy",
    source="toy",
    instance="default",
    tenant="default",
    severity=SeverityTable({}, Severity.SEVERITY_MEDIUM),
)


def delivery(*names: str, received_at: Instant = NOW, **changed: Any) -> Delivery:
    """A delivery of the toy source: one alert a name; the name `bad` is refused, the name `paused` ignored."""
    fields: dict[str, Any] = {
        "endpoint": ENDPOINT,
        "body": json.dumps(names).encode(),
        "received_at": received_at,
        "receipt_id": "receipt-1",
        "correlation_id": "correlation-1",
        "traceparent": TRACEPARENT,
    }
    return Delivery(**(fields | changed))


def firing(index: int, name: str, given: Delivery) -> Signal:
    """An alert of that name, firing since a minute before the delivery."""
    began_at = Instant(given.received_at - 60 * SECOND)
    message = IngestAlertRequested(
        fingerprint=name,
        name=name,
        labels={"alertname": name},
        severity=Severity.SEVERITY_HIGH,
        status=AlertStatus.ALERT_STATUS_FIRING,
        starts_at=timestamp(began_at),
    )
    return alert(index, message, given, state="firing", began_at=began_at, occurred_at=began_at)


def _read(given: Delivery) -> Reading:
    names = list(enumerate(json.loads(given.body)))
    return Reading(
        signals=[firing(index, name, given) for index, name in names if name not in ("bad", "paused")],
        rejects=[Reject(index, ItemReason.BAD_FIELD, f"[{index}]") for index, name in names if name == "bad"],
        ignored=[index for index, name in names if name == "paused"],
    )


TOY = Adapter("toy", _read)
