"""Bodies as Alertmanager sends them."""

from datetime import UTC, datetime, timedelta
from typing import Any

ZERO = "0001-01-01T00:00:00Z"


def now(ago: timedelta = timedelta()) -> str:
    """A time of the past in RFC 3339."""
    return (datetime.now(UTC) - ago).isoformat()


def alert(
    name: str = "DiskFull", status: str = "firing", starts_at: str | None = None, **labels: str
) -> dict[str, Any]:
    """One alert of a group; the fingerprint is left out, so that its labels decide who it is."""
    return {
        "status": status,
        "labels": {"alertname": name, "severity": "critical", **labels},
        "annotations": {"summary": "The disk is nearly full."},
        "startsAt": starts_at or now(),
        "endsAt": ZERO if status == "firing" else now(),
        "generatorURL": "http://prometheus.example.org/graph",
    }


def group(*alerts: dict[str, Any]) -> dict[str, Any]:
    """One delivery."""
    return {
        "version": "4",
        "groupKey": '{}:{alertname="DiskFull"}',
        "truncatedAlerts": 0,
        "receiver": "gateway",
        "status": "firing" if any(one["status"] == "firing" for one in alerts) else "resolved",
        "groupLabels": {"alertname": "DiskFull"},
        "commonLabels": {},
        "commonAnnotations": {},
        "externalURL": "http://alertmanager.example.org",
        "alerts": list(alerts),
    }
