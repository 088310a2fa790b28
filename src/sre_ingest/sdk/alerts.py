"""From the words of a group of alerts to ours: what is the same for Alertmanager and for all that speak like it."""

from collections.abc import Callable, Mapping, MutableMapping
from dataclasses import dataclass
from typing import TypeVar

from ameide_core_proto.sre.core.v1.alert_pb2 import AlertSource
from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested
from ameide_core_proto.sre.core.v1.sre_pb2 import (
    ALERT_STATUS_FIRING,
    ALERT_STATUS_RESOLVED,
    ALERT_STATUS_SILENCED,
)
from sre_ingest.sdk import fields, resources, signal, times
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.fingerprints import fingerprint
from sre_ingest.sdk.groups import Alert, Group
from sre_ingest.sdk.json import Value
from sre_ingest.sdk.signal import Reading, Reject, Repair, Signal
from sre_ingest.sdk.times import Instant

FIRING, RESOLVED, SUPPRESSED = "firing", "resolved", "suppressed"
_STATUS = {FIRING: ALERT_STATUS_FIRING, RESOLVED: ALERT_STATUS_RESOLVED, SUPPRESSED: ALERT_STATUS_SILENCED}
_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True)
class Context:
    """What all alerts of one body share."""

    delivery: Delivery
    group: Group
    message: IngestAlertRequested
    """The shared fields, set: copying them is cheaper than setting them again for each alert."""


def context(delivery: Delivery, group: Group, source: AlertSource.ValueType) -> Context:
    """Prepare what all alerts of a group share; `source` says what evaluated them."""
    message = IngestAlertRequested(
        source=source,
        group_key=group.group_key,
        group_labels=group.group_labels,
        receiver=group.receiver,
        external_url=group.external_url,
    )
    return Context(delivery, group, message)


def reading(shared: Context, translate: Callable[[int, Value, Context], Signal], *, place: str = "alerts") -> Reading:
    """Translate each alert of the group on its own: what raises BadItem becomes a reject with its path in the body.

    `place` is the path of the list; empty where the body is the list.
    """
    signals: list[Signal] = []
    rejects: list[Reject] = []
    for index, item in enumerate(shared.group.alerts):
        try:
            signals.append(translate(index, item, shared))
        except BadItem as bad:
            rejects.append(Reject(index, bad.reason, f"{place}[{index}].{bad.path}".rstrip(".")))
    return Reading(signals, rejects, truncated=shared.group.truncated, items=shared.group.alerts)


def state(word: str, states: Mapping[str, str]) -> str:
    """The state that a status word means, without regard to case. UNKNOWN_STATUS for others, NO_STATUS for none."""
    # The status alone decides: a firing alert can carry an end time, and a resolved one can lack it.
    known = states.get(word.lower())
    if known is None:
        raise BadItem(ItemReason.UNKNOWN_STATUS if word else ItemReason.NO_STATUS, "status")
    return known


def ingest(index: int, alert: Alert, state: str, shared: Context) -> Signal:
    """One alert as an alert; `state` is FIRING, RESOLVED or SUPPRESSED. BadItem if a time cannot be read."""
    delivery = shared.delivery
    started = fields.time(alert.starts_at, "startsAt")
    ended = fields.time(alert.ends_at, "endsAt") if state == RESOLVED else None
    word = alert.labels.get("severity", "")
    severity = delivery.endpoint.severity.find(word)
    message = _message(alert, shared)
    message.source_severity = word
    message.severity = delivery.endpoint.severity.default if severity is None else severity
    return signal.alert(
        index,
        message,
        delivery,
        state=state,
        began_at=started,
        occurred_at=place_in_time(message, state, started, ended, delivery.received_at),
        repairs=repairs(
            (Repair.STATUS_MISSING, not alert.status),
            (Repair.NAME_MISSING, not alert.labels.get("alertname")),
            (Repair.FINGERPRINT_MISSING, not alert.fingerprint),
            (Repair.SEVERITY_UNMAPPED, severity is None),
            (Repair.START_MISSING, started is None),
            (Repair.END_MISSING, state == RESOLVED and ended is None),
        ),
    )


def _message(alert: Alert, shared: Context) -> IngestAlertRequested:
    message = IngestAlertRequested()
    message.CopyFrom(shared.message)
    message.fingerprint = alert.fingerprint or fingerprint(alert.labels)
    message.name = name(alert, shared.group)
    message.generator_url = alert.generator_url
    fill(message.labels, alert.labels)
    fill(message.annotations, alert.annotations)
    message.runbook_url = alert.annotations.get("runbook_url", "")
    message.dashboard_url = alert.annotations.get("dashboard_url", "")
    message.affected_resources.extend(resources.affected(alert.labels, shared.delivery.endpoint.scope))
    return message


def fill(target: MutableMapping[str, _Value], source: Mapping[str, _Value]) -> None:
    """Copy texts or numbers into a message's map: half the time of the map's own `update`."""
    for key, value in source.items():
        target[key] = value


def name(alert: Alert, group: Group) -> str:
    """The name of the rule, from the best place that has one."""
    return (
        alert.labels.get("alertname")
        or group.group_labels.get("alertname")
        or group.common_labels.get("alertname")
        or alert.labels.get("rulename")
        or "(unnamed)"
    )


def place_in_time(
    message: IngestAlertRequested, state: str, started: Instant | None, ended: Instant | None, received_at: Instant
) -> Instant:
    """Set the status of FIRING, RESOLVED or SUPPRESSED and the times; the time of the observation."""
    # Times stay as the sender's clock has them, a start after the end and an end in the future included: `received_at`
    # travels beside them, and a consumer can tell, which it could not if they were bent here.
    starts_at = received_at if started is None else started
    times.write(starts_at, message.starts_at)
    message.status = _STATUS[state]
    if state != RESOLVED:
        return starts_at
    ends_at = received_at if ended is None else ended
    times.write(ends_at, message.ends_at)
    return ends_at


def repairs(*candidates: tuple[Repair, bool]) -> tuple[Repair, ...]:
    """The repairs that were made."""
    return tuple([repair for repair, made in candidates if made])
