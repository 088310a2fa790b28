"""The words of the three kinds of record: alerts, health checks and SLI windows.

Unknown fields are passed over. A null is as good as absent. `generic.v1.schema.json` beside this file says the same to
senders; a test holds the two together.
"""

from typing import NamedTuple

from adapters.generic.payload import Object
from sre_ingest.sdk import fields, json
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.fields import string
from sre_ingest.sdk.times import Instant

MAX_SECONDS = 315_576_000_000
"""Ten thousand years: the longest Duration of protobuf."""


class Resource(NamedTuple):
    """What an alert or a check is about."""

    type: str
    id: str
    namespace: str
    cluster: str
    environment: str


class Alert(NamedTuple):
    """One observation of an alert. Text that the sender left out is empty."""

    name: str
    status: str
    severity: str
    labels: dict[str, str]
    """At least one of them has a value."""
    annotations: dict[str, str]
    starts_at: Instant | None
    ends_at: Instant | None
    fingerprint: str
    group_labels: dict[str, str]
    values: dict[str, float]
    resources: list[Resource] | None
    """None: the labels tell."""


class Condition(NamedTuple):
    """One named aspect of a resource's health."""

    type: str
    status: str
    reason: str
    message: str
    last_transition_at: Instant | None


class Check(NamedTuple):
    """One assessment of one resource."""

    resource: Resource
    status: str
    source: str
    labels: dict[str, str]
    checked_at: Instant | None
    latency: float | None
    """Seconds."""
    conditions: list[Condition]


class Window(NamedTuple):
    """One measurement of an indicator: its counts, or its ratio."""

    slo_id: str
    start: Instant
    end: Instant
    good: float | None
    total: float | None
    ratio: float | None
    """None only if both counts are there, and they are None only if it is not."""
    computed_at: Instant | None
    partial: bool


def alert(item: Object) -> Alert:
    """Read an alert. BadItem with the path of the field."""
    labels = fields.texts(item.get("labels"), "labels")
    if not any(labels.values()):
        raise BadItem(ItemReason.NO_LABELS, "labels")
    return Alert(
        fields.required(item.get("name"), "name"),
        string(item.get("status"), "status"),
        string(item.get("severity"), "severity"),
        labels,
        fields.texts(item.get("annotations"), "annotations"),
        fields.time(item.get("starts_at"), "starts_at"),
        fields.time(item.get("ends_at"), "ends_at"),
        string(item.get("fingerprint"), "fingerprint"),
        fields.texts(item.get("group_labels"), "group_labels"),
        fields.numbers(item.get("values"), "values"),
        _resources(item.get("resources")),
    )


def check(item: Object) -> Check:
    """Read a health check. BadItem with the path of the field."""
    return Check(
        _resource(item.get("resource"), "resource"),
        string(item.get("status"), "status"),
        string(item.get("source"), "source"),
        fields.texts(item.get("labels"), "labels"),
        fields.time(item.get("checked_at"), "checked_at"),
        _seconds(item.get("latency_seconds"), "latency_seconds"),
        [
            _condition(one, f"conditions[{index}]")
            for index, one in enumerate(fields.members(item.get("conditions"), "conditions"))
        ],
    )


def window(item: Object) -> Window:
    """Read an SLI window; whether its numbers can be true, `signal.window` says. BadItem with the path of the field."""
    slo_id = fields.required(item.get("slo_id"), "slo_id")
    good, total = (fields.number(item.get(name), name) for name in ("good_count", "total_count"))
    ratio = fields.number(item.get("sli_value"), "sli_value")
    if good is None and (ratio is None or total is not None):
        raise BadItem(ItemReason.MISSING_FIELD, "good_count")
    if total is None and (ratio is None or good is not None):
        raise BadItem(ItemReason.MISSING_FIELD, "total_count")
    return Window(
        slo_id,
        _time(item.get("window_start"), "window_start"),
        _time(item.get("window_end"), "window_end"),
        good,
        total,
        ratio,
        fields.time(item.get("computed_at"), "computed_at"),
        fields.truth(item.get("partial"), "partial"),
    )


def text(item: Object, *names: str) -> dict[str, str]:
    """Texts that need no more than to be texts, by name. BAD_FIELD with the name of the field."""
    return {name: string(item.get(name), name) for name in names}


def _resources(value: json.Value) -> list[Resource] | None:
    if value is None:
        return None
    return [_resource(one, f"resources[{index}]") for index, one in enumerate(fields.members(value, "resources"))]


def _resource(value: json.Value, path: str) -> Resource:
    found = _object(value, path)
    return Resource(
        fields.required(found.get("type"), f"{path}.type"),
        fields.required(found.get("id"), f"{path}.id"),
        string(found.get("namespace"), f"{path}.namespace"),
        string(found.get("cluster"), f"{path}.cluster"),
        string(found.get("environment"), f"{path}.environment"),
    )


def _condition(value: json.Value, path: str) -> Condition:
    found = _object(value, path)
    return Condition(
        fields.required(found.get("type"), f"{path}.type"),
        string(found.get("status"), f"{path}.status"),
        string(found.get("reason"), f"{path}.reason"),
        string(found.get("message"), f"{path}.message"),
        fields.time(found.get("last_transition_at"), f"{path}.last_transition_at"),
    )


def _object(value: json.Value, path: str) -> Object:
    if isinstance(value, dict):
        return value
    raise BadItem(ItemReason.MISSING_FIELD if value is None else ItemReason.BAD_FIELD, path)


def _time(value: json.Value, path: str) -> Instant:
    found = fields.time(value, path)
    if found is None:
        raise BadItem(ItemReason.MISSING_FIELD, path)
    return found


def _seconds(value: json.Value, path: str) -> float | None:
    found = fields.number(value, path)
    if found is not None and not 0 <= found <= MAX_SECONDS:
        raise BadItem(ItemReason.BAD_FIELD, path)
    return found
