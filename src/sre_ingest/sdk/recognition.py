"""What an alert turns out to be: a sign of life, a measurement, a probe, or simply an alert."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import NamedTuple

from ameide_core_proto.sre.core.v1.alert_pb2 import AlertSource
from ameide_core_proto.sre.core.v1.health_pb2 import HEALTH_CHECK_SOURCE_PROBE, HealthCheck
from ameide_core_proto.sre.core.v1.intents_pb2 import RecordHealthCheckRequested, RecordSLIWindowRequested
from ameide_core_proto.sre.core.v1.slo_pb2 import SLIWindow
from ameide_core_proto.sre.core.v1.sre_pb2 import (
    HEALTH_STATUS_HEALTHY,
    HEALTH_STATUS_UNHEALTHY,
    HEALTH_STATUS_UNKNOWN,
    ResourceRef,
)
from sre_ingest.sdk import fields, resources, rules, signal
from sre_ingest.sdk.alerts import RESOLVED, Context, ingest, name, repairs
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.groups import Alert
from sre_ingest.sdk.rules import Objective, Probe, fits
from sre_ingest.sdk.signal import Repair, Signal
from sre_ingest.sdk.times import SECOND, Instant, checked

_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?", re.ASCII)
_BEYOND_TIME = 1e12
"""Seconds: more than 20,000 years, so no instant."""
_HEALTH = {"healthy": HEALTH_STATUS_HEALTHY, "unhealthy": HEALTH_STATUS_UNHEALTHY, "unknown": HEALTH_STATUS_UNKNOWN}
_NO_VALUES: Mapping[str, float] = MappingProxyType({})


class Seen(NamedTuple):
    """One alert as it was read."""

    position: int
    """Of the item in the delivery, from 0."""
    alert: Alert
    state: str
    """FIRING, RESOLVED or SUPPRESSED of `sdk.alerts`."""
    values: Mapping[str, float] = _NO_VALUES
    """Numbers that the sender evaluated, by name."""
    reason: str = ""
    """Why the sender ended the alert although nothing got well, such as missing data; empty if it measured."""


def observe(seen: Seen, shared: Context) -> Signal:
    """The signal of one alert, by the endpoint's watchdog and rules. BadItem for unreadable times, untrue counts."""
    labels, endpoint = seen.alert.labels, shared.delivery.endpoint
    if endpoint.watchdog and fits(endpoint.watchdog, labels):
        return _watchdog(seen, shared)
    known = rules.of(endpoint)
    for objective in known.slo:
        if labels.get(objective.label) and fits(objective.match, labels) and (counts := _counts(objective, seen)):
            return _window(objective, counts, seen, shared)
    for probe in known.probes:
        if labels.get(probe.resource_label) and fits(probe.match, labels):
            return _probe(probe, seen, shared)
    return ingest(seen.position, seen.alert, seen.state, shared)


def _counts(objective: Objective, seen: Seen) -> tuple[float, float] | None:
    good, total = _number(objective.good, seen), _number(objective.total, seen)
    return None if good is None or total is None else (good, total)


def _number(name: str, seen: Seen) -> float | None:
    if name in seen.values:
        return seen.values[name]
    text = seen.alert.annotations.get(name, "").strip()
    return float(text) if len(text) <= 40 and _DECIMAL.fullmatch(text) else None


def _window(objective: Objective, counts: tuple[float, float], seen: Seen, shared: Context) -> Signal:
    length = round(objective.window.total_seconds() * SECOND)
    told = _told_end(objective, seen)
    ends_at = shared.delivery.received_at // length * length if told is None else told
    try:
        start, end = checked(ends_at - length), checked(ends_at)
    except ValueError:
        raise BadItem(ItemReason.BAD_WINDOW, objective.end or "startsAt") from None
    good, total = counts
    missing = Repair.END_MISSING if seen.state == RESOLVED else Repair.START_MISSING
    return signal.window(
        seen.position,
        RecordSLIWindowRequested(
            slo_id=seen.alert.labels[objective.label],
            window=SLIWindow(good_count=good, total_count=total, source=_evaluator(shared)),
        ),
        shared.delivery,
        start=start,
        end=end,
        repairs=repairs((missing, told is None)),
    )


def _evaluator(shared: Context) -> str:
    return AlertSource.Name(shared.message.source).removeprefix("ALERT_SOURCE_").lower()


def _told_end(objective: Objective, seen: Seen) -> int | None:
    # From the body alone: the same body must name the same window whenever it arrives.
    if objective.end and (seconds := _number(objective.end, seen)) is not None:
        return int(min(max(seconds, -_BEYOND_TIME), _BEYOND_TIME)) * SECOND
    return _changed_at(seen)


def _changed_at(seen: Seen) -> Instant | None:
    if seen.state == RESOLVED:
        return fields.time(seen.alert.ends_at, "endsAt")
    return fields.time(seen.alert.starts_at, "startsAt")


def _probe(probe: Probe, seen: Seen, shared: Context) -> Signal:
    labels = seen.alert.labels
    word = "unhealthy" if seen.state != RESOLVED else "unknown" if seen.reason else "healthy"
    check = _check(seen, shared, word, probe.resource_type, labels[probe.resource_label])
    check.check_name = labels.get(probe.check_label) or check.check_name
    return _checked(check, seen, shared, word, _changed_at(seen))


def _watchdog(seen: Seen, shared: Context) -> Signal:
    # The alert that always fires says that rules are evaluated and notifications get through: its end is the bad news.
    endpoint = shared.delivery.endpoint
    word = "unhealthy" if seen.state == RESOLVED else "healthy"
    check = _check(seen, shared, word, endpoint.source, endpoint.instance)
    # startsAt tells when the rule began to fire, often weeks ago; when it was seen last, nobody says.
    return _checked(check, seen, shared, word, None)


def _check(seen: Seen, shared: Context, word: str, kind: str, resource: str) -> HealthCheck:
    labels, annotations = seen.alert.labels, seen.alert.annotations
    cluster, environment = resources.place(labels, shared.delivery.endpoint.scope)
    return HealthCheck(
        resource_ref=ResourceRef(type=kind, id=resource, cluster=cluster, environment=environment),
        status=_HEALTH[word],
        source=HEALTH_CHECK_SOURCE_PROBE,
        check_name=name(seen.alert, shared.group),
        message=annotations.get("summary") or annotations.get("description", ""),
        labels=labels,
    )


def _checked(check: HealthCheck, seen: Seen, shared: Context, word: str, at: Instant | None) -> Signal:
    return signal.check(
        seen.position,
        RecordHealthCheckRequested(health_check=check),
        shared.delivery,
        state=word,
        checked_at=at,
        repairs=repairs(
            (Repair.STATUS_MISSING, not seen.alert.status),
            (Repair.NAME_MISSING, not seen.alert.labels.get("alertname")),
        ),
    )
