"""The words that Alertmanager's webhook and its descendants share: an envelope around a list of alerts.

Only `alerts` is needed. Unknown fields are passed over, and nothing in the envelope can cost an alert: what has the
wrong type there, or is longer than MAX_ENVELOPE, counts as absent. The version is not looked at: old and foreign
senders write 4, 3, 1, 0 or nothing and mean the same. Source of the shape: `notify/webhook` and `template` in
prometheus/alertmanager, up to 0.34; Grafana embeds the same fields (`templates` in grafana/alerting).
"""

from dataclasses import dataclass, field
from typing import NamedTuple

from sre_ingest.sdk import fields, json
from sre_ingest.sdk.errors import BadItem, ItemReason, WrongShape

MAX_ENVELOPE = 8_192
"""Characters of one field of the envelope: each is copied into every alert of the body."""
_UINT64 = 1 << 64


@dataclass(frozen=True, slots=True)
class Group:
    """The envelope. What the sender left out is empty."""

    alerts: list[json.Value]
    """Not read yet, so that a bad one costs only itself."""
    status: str = ""
    receiver: str = ""
    """Quoted as a regular expression by the sender: a receiver `web.hook` arrives as `web\\.hook`."""
    group_key: str = ""
    group_labels: dict[str, str] = field(default_factory=dict)
    common_labels: dict[str, str] = field(default_factory=dict)
    external_url: str = ""
    truncated: int = 0
    """Alerts that the sender dropped from the body (`max_alerts`)."""


class Alert(NamedTuple):
    """One alert of the body. A tuple: one is made for each alert, and a frozen dataclass takes thrice as long."""

    status: str
    labels: dict[str, str]
    """At least one of them has a value."""
    annotations: dict[str, str]
    starts_at: json.Value
    ends_at: json.Value
    """Both times as sent: whether they are read depends on what the alert turns out to be."""
    generator_url: str
    fingerprint: str


def group(document: json.Value) -> Group:
    """Read the envelope. WrongShape if the document is no object with a list `alerts`."""
    if not isinstance(document, dict):
        raise WrongShape("The body is not a JSON object.")
    alerts = document.get("alerts")
    if not isinstance(alerts, list):
        raise WrongShape("The body has no list of alerts.")
    return Group(
        alerts=alerts,
        status=word(document.get("status")),
        receiver=word(document.get("receiver")),
        group_key=word(document.get("groupKey")),
        group_labels=_labels(document.get("groupLabels")),
        common_labels=_labels(document.get("commonLabels")),
        external_url=word(document.get("externalURL")),
        truncated=count(document.get("truncatedAlerts")),
    )


def alert(item: json.Value) -> Alert:
    """Read one alert. BadItem with the path below the alert, empty for the alert itself."""
    if not isinstance(item, dict):
        raise BadItem(ItemReason.NOT_AN_OBJECT, "")
    labels = fields.texts(item.get("labels"), "labels")
    if not any(labels.values()):
        raise BadItem(ItemReason.NO_LABELS, "labels")
    return Alert(
        fields.string(item.get("status"), "status"),
        labels,
        fields.texts(item.get("annotations"), "annotations"),
        item.get("startsAt"),
        item.get("endsAt"),
        fields.string(item.get("generatorURL"), "generatorURL"),
        fields.string(item.get("fingerprint"), "fingerprint"),
    )


def word(value: json.Value) -> str:
    """A text that is nice to have, or the digits of a number; empty for all else and beyond MAX_ENVELOPE."""
    # Version 3 sent its group key as a number: the digits are kept. A bool is a number to Python alone.
    if isinstance(value, bool) or not isinstance(value, str | int | json.LosslessFloat):
        return ""
    text = json.text(value)
    return text if len(text) <= MAX_ENVELOPE else ""


def count(value: json.Value) -> int:
    """A whole number from 0 to 2**64 - 1; 0 for all else."""
    # A float where the body went through a protobuf Struct on its way to us.
    if isinstance(value, json.LosslessFloat):
        number = float(value)
        value = int(number) if number.is_integer() else 0
    return value if type(value) is int and 0 <= value < _UINT64 else 0


def _labels(value: json.Value) -> dict[str, str]:
    if not isinstance(value, dict) or len(value) > fields.MAX_TEXTS:
        return {}
    labels = fields.texts(value, "")
    return labels if sum(map(len, labels.values())) + sum(map(len, labels)) <= MAX_ENVELOPE else {}
