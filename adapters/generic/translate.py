"""From the generic words to the contract's. The field-by-field table is in the README beside this file."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from google.protobuf.message import Message

from adapters.generic import payload, records
from adapters.generic.payload import Item, Kind, Object
from adapters.generic.records import Alert, Condition, Resource
from ameide_core_proto.sre.core.v1.alert_pb2 import ALERT_SOURCE_CUSTOM
from ameide_core_proto.sre.core.v1.health_pb2 import (
    CONDITION_STATUS_FALSE,
    CONDITION_STATUS_TRUE,
    CONDITION_STATUS_UNKNOWN,
    HEALTH_CHECK_SOURCE_AGENT,
    HEALTH_CHECK_SOURCE_ARGOCD,
    HEALTH_CHECK_SOURCE_KUBERNETES,
    HEALTH_CHECK_SOURCE_PROBE,
    HealthCheck,
    HealthCheckSource,
    HealthCondition,
)
from ameide_core_proto.sre.core.v1.intents_pb2 import (
    IngestAlertRequested,
    RecordHealthCheckRequested,
    RecordSLIWindowRequested,
)
from ameide_core_proto.sre.core.v1.slo_pb2 import SLIWindow
from ameide_core_proto.sre.core.v1.sre_pb2 import (
    HEALTH_STATUS_DEGRADED,
    HEALTH_STATUS_HEALTHY,
    HEALTH_STATUS_UNHEALTHY,
    HEALTH_STATUS_UNKNOWN,
    ResourceRef,
)
from sre_ingest.sdk import idempotency, resources, signal, times
from sre_ingest.sdk.alerts import FIRING, RESOLVED, SUPPRESSED, fill, place_in_time, repairs, state
from sre_ingest.sdk.delivery import Delivery, Scope
from sre_ingest.sdk.errors import BadIdempotencyKey, BadItem, ItemReason
from sre_ingest.sdk.fingerprints import fingerprint
from sre_ingest.sdk.idempotency import OwnKey
from sre_ingest.sdk.signal import SMALLEST_RATIO, Reading, Reject, Repair, Signal
from sre_ingest.sdk.times import SECOND

Meaning = TypeVar("Meaning")

_STATES = {FIRING: FIRING, RESOLVED: RESOLVED, "silenced": SUPPRESSED}
_HEALTH = {
    "healthy": HEALTH_STATUS_HEALTHY,
    "degraded": HEALTH_STATUS_DEGRADED,
    "unhealthy": HEALTH_STATUS_UNHEALTHY,
    "unknown": HEALTH_STATUS_UNKNOWN,
}
_CHECKED_BY = {
    "": HEALTH_CHECK_SOURCE_PROBE,
    "probe": HEALTH_CHECK_SOURCE_PROBE,
    "agent": HEALTH_CHECK_SOURCE_AGENT,
    "argocd": HEALTH_CHECK_SOURCE_ARGOCD,
    "kubernetes": HEALTH_CHECK_SOURCE_KUBERNETES,
}
_HOLDS = {"true": CONDITION_STATUS_TRUE, "false": CONDITION_STATUS_FALSE, "unknown": CONDITION_STATUS_UNKNOWN}


def read(delivery: Delivery) -> Reading:
    """Translate one body, each record on its own. Raises NotJson, WrongShape or BadIdempotencyKey."""
    signals: list[Signal] = []
    rejects: list[Reject] = []
    items = payload.items(delivery.body)
    header = _header(delivery, items)
    for index, item in enumerate(items):
        try:
            signals.append(_signal(index, item, delivery, header))
        except BadItem as bad:
            rejects.append(Reject(index, bad.reason, f"{item.place}.{bad.path}".strip(".")))
    return Reading(signals, rejects, items=[item.value for item in items])


def _header(delivery: Delivery, items: Sequence[Item]) -> str | None:
    if delivery.idempotency_key is None:
        return None
    if len(items) != 1:
        raise BadIdempotencyKey("One Idempotency-Key can name one record only: send one, or a key in each record.")
    return idempotency.of_header(delivery.idempotency_key)


def _signal(index: int, item: Item, delivery: Delivery, header: str | None) -> Signal:
    kind, record = payload.record(item)
    return _TRANSLATE[kind](index, record, delivery, _own_key(record, header))


def _own_key(record: Object, header: str | None) -> OwnKey | None:
    told = idempotency.of_field(record.get("idempotency_key"), "idempotency_key")
    if None not in (told, header) and told != header:
        raise BadIdempotencyKey("The record's own idempotency_key is not the Idempotency-Key of the request.")
    if (key := told or header) is None:
        return None
    said = {name: value for name, value in record.items() if name not in ("idempotency_key", "kind")}
    return OwnKey(key, idempotency.content(said))


def _alert(index: int, item: Object, delivery: Delivery, own: OwnKey | None) -> Signal:
    alert = records.alert(item)
    now = state(alert.status, _STATES)
    severity = delivery.endpoint.severity.find(alert.severity)
    message = _message(alert, item, delivery.endpoint.scope)
    message.severity = delivery.endpoint.severity.default if severity is None else severity
    ended = alert.ends_at if now == RESOLVED else None
    return signal.alert(
        index,
        message,
        delivery,
        state=now,
        began_at=alert.starts_at,
        occurred_at=place_in_time(message, now, alert.starts_at, ended, delivery.received_at),
        repairs=repairs(
            (Repair.SEVERITY_UNMAPPED, severity is None),
            (Repair.START_MISSING, alert.starts_at is None),
            (Repair.END_MISSING, now == RESOLVED and ended is None),
        ),
        own=own,
    )


def _message(alert: Alert, item: Object, scope: Scope) -> IngestAlertRequested:
    message = IngestAlertRequested(
        source=ALERT_SOURCE_CUSTOM,
        name=alert.name,
        source_severity=alert.severity,
        fingerprint=alert.fingerprint or _fingerprint(alert),
    )
    _say(message, records.text(item, "generator_url", "silence_url", "external_url", "group_key", "receiver"))
    for name, url in records.text(item, "runbook_url", "dashboard_url").items():
        _say(message, {name: url or alert.annotations.get(name, "")})
    fill(message.labels, alert.labels)
    fill(message.annotations, alert.annotations)
    fill(message.group_labels, alert.group_labels)
    message.values.update(alert.values)
    told = None if alert.resources is None else [_reference(one, scope) for one in alert.resources]
    message.affected_resources.extend(resources.affected(alert.labels, scope) if told is None else told)
    return message


def _say(message: Message, texts: Mapping[str, str]) -> None:
    for name, text in texts.items():
        if text:
            setattr(message, name, text)


def _fingerprint(alert: Alert) -> str:
    # Prometheus' alerts have their name among their labels; where it is not, two alerts on one host would be one.
    named = alert.labels if alert.labels.get("alertname") else alert.labels | {"alertname": alert.name}
    return fingerprint(named)


def _reference(resource: Resource, scope: Scope) -> ResourceRef:
    return ResourceRef(
        type=resource.type,
        id=resource.id,
        namespace=resource.namespace,
        cluster=resource.cluster or scope.cluster,
        environment=resource.environment or scope.environment,
    )


def _health_check(index: int, item: Object, delivery: Delivery, own: OwnKey | None) -> Signal:
    check = records.check(item)
    word = check.status.lower()
    body = HealthCheck(
        resource_ref=_reference(check.resource, delivery.endpoint.scope),
        status=_known(word, _HEALTH, "status"),
        source=_checked_by(check.source),
        conditions=[_condition(index, one) for index, one in enumerate(check.conditions)],
    )
    _say(body, records.text(item, "check_name", "message", "application_id", "service_id"))
    fill(body.labels, check.labels)
    if check.latency is not None:
        body.latency.FromNanoseconds(round(check.latency * SECOND))
    return signal.check(
        index, RecordHealthCheckRequested(health_check=body), delivery, state=word, checked_at=check.checked_at, own=own
    )


def _condition(index: int, condition: Condition) -> HealthCondition:
    made = HealthCondition(
        type=condition.type,
        status=_known(condition.status.lower(), _HOLDS, f"conditions[{index}].status"),
        reason=condition.reason,
        message=condition.message,
    )
    if condition.last_transition_at is not None:
        times.write(condition.last_transition_at, made.last_transition_at)
    return made


def _known(word: str, meanings: Mapping[str, Meaning], path: str) -> Meaning:
    meaning = meanings.get(word)
    if meaning is None:
        raise BadItem(ItemReason.UNKNOWN_STATUS if word else ItemReason.NO_STATUS, path)
    return meaning


def _checked_by(word: str) -> HealthCheckSource.ValueType:
    source = _CHECKED_BY.get(word.lower())
    if source is None:
        raise BadItem(ItemReason.BAD_FIELD, "source")
    return source


def _sli_window(index: int, item: Object, delivery: Delivery, own: OwnKey | None) -> Signal:
    window = records.window(item)
    lost = window.total is None and window.ratio == 0
    texts = records.text(item, "source", "sli_spec_hash")
    body = SLIWindow(
        good_count=window.good or 0.0,
        total_count=window.total or 0.0,
        sli_value=SMALLEST_RATIO if lost else window.ratio or 0.0,
        source=texts["source"] or delivery.endpoint.source,
        partial=window.partial,
    )
    if window.computed_at is not None:
        times.write(window.computed_at, body.computed_at)
    return signal.window(
        index,
        RecordSLIWindowRequested(slo_id=window.slo_id, window=body, sli_spec_hash=texts["sli_spec_hash"]),
        delivery,
        start=window.start,
        end=window.end,
        repairs=repairs((Repair.RATIO_ZERO, lost)),
        own=own,
    )


_TRANSLATE: Mapping[Kind, Callable[[int, Object, Delivery, OwnKey | None], Signal]] = {
    Kind.ALERT: _alert,
    Kind.HEALTH_CHECK: _health_check,
    Kind.SLI_WINDOW: _sli_window,
}
