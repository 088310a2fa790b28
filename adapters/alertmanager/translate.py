"""From Alertmanager's words to ours. The field-by-field table is in the README beside this file."""

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass

from adapters.alertmanager import payload
from adapters.alertmanager.payload import Alert, Webhook
from ameide_core_proto.sre.core.v1.alert_pb2 import ALERT_SOURCE_PROMETHEUS
from ameide_core_proto.sre.core.v1.health_pb2 import HEALTH_CHECK_SOURCE_PROBE, HealthCheck
from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested, RecordHealthCheckRequested
from ameide_core_proto.sre.core.v1.sre_pb2 import (
    ALERT_STATUS_FIRING,
    ALERT_STATUS_RESOLVED,
    HEALTH_STATUS_HEALTHY,
    HEALTH_STATUS_UNHEALTHY,
    ResourceRef,
)
from sre_ingest.sdk import fields, resources, signal, times
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.fingerprints import fingerprint
from sre_ingest.sdk.json import Value
from sre_ingest.sdk.signal import Reading, Reject, Repair, Signal
from sre_ingest.sdk.times import Instant

_FIRING, _RESOLVED = "firing", "resolved"


@dataclass(frozen=True, slots=True)
class _Group:
    """What all alerts of one body share."""

    delivery: Delivery
    webhook: Webhook
    message: IngestAlertRequested
    """The shared fields, set: copying them is cheaper than setting them again for each alert."""


def read(delivery: Delivery) -> Reading:
    """Translate one webhook body, each alert on its own. Raises NotJson or WrongShape."""
    group = _group(delivery)
    signals: list[Signal] = []
    rejects: list[Reject] = []
    for index, item in enumerate(group.webhook.alerts):
        try:
            signals.append(_signal(index, item, group))
        except BadItem as bad:
            rejects.append(Reject(index, bad.reason, f"alerts[{index}].{bad.path}".rstrip(".")))
    return Reading(signals, rejects, truncated=group.webhook.truncated)


def _group(delivery: Delivery) -> _Group:
    webhook = payload.webhook(delivery.body)
    message = IngestAlertRequested(
        source=ALERT_SOURCE_PROMETHEUS,
        group_key=webhook.group_key,
        group_labels=webhook.group_labels,
        receiver=webhook.receiver,
        external_url=webhook.external_url,
    )
    return _Group(delivery, webhook, message)


def _signal(index: int, item: Value, group: _Group) -> Signal:
    alert = payload.alert(item)
    state = _state(alert.status or group.webhook.status)
    if _is_watchdog(alert.labels, group.delivery.endpoint.watchdog):
        return _health_check(index, alert, state, group)
    return _ingest(index, alert, state, group)


def _state(word: str) -> str:
    # The status alone decides: a firing alert can carry an end time, and a resolved one can lack it.
    state = word.lower()
    if state in (_FIRING, _RESOLVED):
        return state
    raise BadItem(ItemReason.UNKNOWN_STATUS if state else ItemReason.NO_STATUS, "status")


def _is_watchdog(labels: Mapping[str, str], watchdog: Mapping[str, str]) -> bool:
    return bool(watchdog) and watchdog.items() <= labels.items()


def _ingest(index: int, alert: Alert, state: str, group: _Group) -> Signal:
    delivery = group.delivery
    started = fields.time(alert.starts_at, "startsAt")
    ended = fields.time(alert.ends_at, "endsAt") if state == _RESOLVED else None
    word = alert.labels.get("severity", "")
    severity = delivery.endpoint.severity.find(word)
    message = _message(alert, group)
    message.source_severity = word
    message.severity = delivery.endpoint.severity.default if severity is None else severity
    return signal.alert(
        index,
        message,
        delivery,
        state=state,
        began_at=started,
        occurred_at=_place_in_time(message, state, started, ended, delivery.received_at),
        repairs=_repairs(
            (Repair.STATUS_MISSING, not alert.status),
            (Repair.NAME_MISSING, not alert.labels.get("alertname")),
            (Repair.FINGERPRINT_MISSING, not alert.fingerprint),
            (Repair.SEVERITY_UNMAPPED, severity is None),
            (Repair.START_MISSING, started is None),
            (Repair.END_MISSING, state == _RESOLVED and ended is None),
        ),
    )


def _message(alert: Alert, group: _Group) -> IngestAlertRequested:
    message = IngestAlertRequested()
    message.CopyFrom(group.message)
    message.fingerprint = alert.fingerprint or fingerprint(alert.labels)
    message.name = _name(alert, group.webhook)
    message.generator_url = alert.generator_url
    _fill(message.labels, alert.labels)
    _fill(message.annotations, alert.annotations)
    message.runbook_url = alert.annotations.get("runbook_url", "")
    message.dashboard_url = alert.annotations.get("dashboard_url", "")
    message.affected_resources.extend(resources.affected(alert.labels, group.delivery.endpoint.scope))
    return message


def _fill(target: MutableMapping[str, str], source: Mapping[str, str]) -> None:
    # Half the time of the map's own `update`.
    for name, value in source.items():
        target[name] = value


def _name(alert: Alert, webhook: Webhook) -> str:
    return (
        alert.labels.get("alertname")
        or webhook.group_labels.get("alertname")
        or webhook.common_labels.get("alertname")
        or alert.labels.get("rulename")
        or "(unnamed)"
    )


def _place_in_time(
    message: IngestAlertRequested, state: str, started: Instant | None, ended: Instant | None, received_at: Instant
) -> Instant:
    # Times stay as the sender's clock has them, a start after the end and an end in the future included: `received_at`
    # travels beside them, and a consumer can tell, which it could not if they were bent here.
    starts_at = received_at if started is None else started
    times.write(starts_at, message.starts_at)
    if state == _FIRING:
        message.status = ALERT_STATUS_FIRING
        return starts_at
    ends_at = received_at if ended is None else ended
    times.write(ends_at, message.ends_at)
    message.status = ALERT_STATUS_RESOLVED
    return ends_at


def _health_check(index: int, alert: Alert, state: str, group: _Group) -> Signal:
    # The alert that always fires says that rules are evaluated and notifications get through: its end is the bad news.
    endpoint = group.delivery.endpoint
    cluster, environment = resources.place(alert.labels, endpoint.scope)
    check = HealthCheck(
        resource_ref=ResourceRef(type="alertmanager", id=endpoint.instance, cluster=cluster, environment=environment),
        status=HEALTH_STATUS_HEALTHY if state == _FIRING else HEALTH_STATUS_UNHEALTHY,
        source=HEALTH_CHECK_SOURCE_PROBE,
        check_name=_name(alert, group.webhook),
        message=alert.annotations.get("summary") or alert.annotations.get("description", ""),
        labels=alert.labels,
    )
    return signal.check(
        index,
        RecordHealthCheckRequested(health_check=check),
        group.delivery,
        state="healthy" if state == _FIRING else "unhealthy",
        # startsAt tells when the rule began to fire, often weeks ago; when it was seen last, nobody says.
        checked_at=None,
        repairs=_repairs(
            (Repair.STATUS_MISSING, not alert.status),
            (Repair.NAME_MISSING, not alert.labels.get("alertname")),
        ),
    )


def _repairs(*candidates: tuple[Repair, bool]) -> tuple[Repair, ...]:
    return tuple([repair for repair, made in candidates if made])
