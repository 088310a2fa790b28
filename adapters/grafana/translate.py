"""From Grafana's words to ours. The field-by-field table is in the README beside this file."""

from collections import Counter
from collections.abc import Mapping
from functools import partial

from adapters.grafana import payload
from adapters.grafana.payload import Extras, Legacy, Match, Unified
from ameide_core_proto.sre.core.v1.alert_pb2 import ALERT_SOURCE_GRAFANA
from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested
from sre_ingest.sdk import alerts
from sre_ingest.sdk.alerts import FIRING, RESOLVED, SUPPRESSED, Context
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.fingerprints import fingerprint
from sre_ingest.sdk.groups import Alert, Group
from sre_ingest.sdk.json import Value
from sre_ingest.sdk.recognition import Seen, observe
from sre_ingest.sdk.signal import Reading, Reject, Signal

_STATES = {
    **dict.fromkeys(("firing", "alerting"), FIRING),
    **dict.fromkeys(("resolved", "ok"), RESOLVED),
    **dict.fromkeys(("suppressed", "silenced"), SUPPRESSED),
}
_RULE_STATES = {"alerting": FIRING, "no_data": FIRING, "ok": RESOLVED}
_OF_DATA_SOURCES = {"DatasourceNoData", "DatasourceError"}
_NOT_DECIDED = {"pending", "paused"}
TEST_FINGERPRINT = "57c6d9296de2ad39"
"""What the button that tests a contact point has always sent: the fingerprint of the labels that it sends unless its
user writes others."""
PREFIX = "grafana."
"""Of the annotations that keep what the contract has no field for; the rest of the name is Grafana's field."""


def read(delivery: Delivery) -> Reading:
    """Translate one body of either kind, each alert on its own. Raises NotJson or WrongShape."""
    body = payload.body(delivery.body)
    if isinstance(body, Legacy):
        return _rule(body, delivery)
    return alerts.reading(alerts.context(delivery, body.group, ALERT_SOURCE_GRAFANA), partial(_signal, body))


def _signal(body: Unified, index: int, item: Value, shared: Context) -> Signal:
    alert, extras = payload.alert(item)
    state = alerts.state(alert.status or body.group.status or body.state, _STATES)
    signal = _observe(Seen(index, _identified(alert), state, extras.values, _reason(alert)), shared)
    if isinstance(signal.message, IngestAlertRequested):
        _extend(signal.message, extras, body)
    return signal


def _observe(seen: Seen, shared: Context) -> Signal:
    # What Grafana says of a data source with a rule's labels is no finding of that rule.
    if seen.alert.labels.get("alertname") in _OF_DATA_SOURCES:
        return alerts.ingest(seen.position, seen.alert, seen.state, shared)
    return observe(seen, shared)


def _reason(alert: Alert) -> str:
    return alert.annotations.get("grafana_state_reason", "")


def _identified(alert: Alert) -> Alert:
    # With other labels than the button's own the constant would make one alert of them all.
    if alert.fingerprint == TEST_FINGERPRINT and fingerprint(alert.labels) != TEST_FINGERPRINT:
        return alert._replace(fingerprint="")
    return alert


def _extend(message: IngestAlertRequested, extras: Extras, body: Unified) -> None:
    message.silence_url = extras.silence_url
    message.dashboard_url = extras.dashboard_url or extras.panel_url or message.dashboard_url
    alerts.fill(message.values, extras.values)
    _keep(
        message,
        orgId=extras.org_id or body.org_id,
        ruleUID=extras.rule_uid,
        panelURL=extras.panel_url,
        imageURL=extras.image_url,
        valueString=extras.value_string,
    )


def _keep(message: IngestAlertRequested, **texts: str) -> None:
    for field, text in texts.items():
        if text and PREFIX + field not in message.annotations:
            message.annotations[PREFIX + field] = text


def _rule(rule: Legacy, delivery: Delivery) -> Reading:
    # A rule that was paused, or whose condition has not held for long enough, says nothing about the condition.
    if rule.state.lower() in _NOT_DECIDED:
        return Reading((), ignored=[0])
    if not rule.rule_id and not rule.rule_name:
        return Reading((), [Reject(0, ItemReason.NO_LABELS, "ruleName")])
    try:
        state = alerts.state(rule.state, _RULE_STATES)
    except BadItem as bad:
        return Reading((), [Reject(0, bad.reason, "state")])
    shared = alerts.context(delivery, Group([]), ALERT_SOURCE_GRAFANA)
    values = _values(rule.matches)
    signal = observe(Seen(0, _rule_alert(rule), state, values), shared)
    if isinstance(signal.message, IngestAlertRequested):
        _extend_rule(signal.message, rule, values)
    return Reading([signal])


def _rule_alert(rule: Legacy) -> Alert:
    texts = {"summary": rule.title, "description": rule.message}
    return Alert(
        status=rule.state,
        labels={**_common_tags(rule.matches), **rule.tags, "alertname": _rule_name(rule)},
        annotations={name: text for name, text in texts.items() if text},
        starts_at=None,
        ends_at=None,
        generator_url=rule.rule_url,
        fingerprint=_rule_fingerprint(rule),
    )


def _rule_name(rule: Legacy) -> str:
    return rule.rule_name or rule.title or f"rule {rule.rule_id}"


def _rule_fingerprint(rule: Legacy) -> str:
    # The series that matched are no part of it: "ok" comes without them, and the state is the rule's as a whole.
    name = rule.rule_name if rule.rule_id in ("", "0") else ""
    return fingerprint({"orgId": rule.org_id, "ruleId": rule.rule_id, "ruleName": name})


def _common_tags(matches: list[Match]) -> dict[str, str]:
    first, *others = matches or [Match("", None, {})]
    return {name: tag for name, tag in first.tags.items() if all(one.tags.get(name) == tag for one in others)}


def _values(matches: list[Match]) -> dict[str, float]:
    # Series of one metric differ in their tags alone.
    seen: Counter[str] = Counter()
    values: dict[str, float] = {}
    for match in matches:
        if match.value is not None:
            seen[match.metric] += 1
            number = seen[match.metric]
            values[match.metric if number == 1 else f"{match.metric} #{number}"] = match.value
    return values


def _extend_rule(message: IngestAlertRequested, rule: Legacy, values: Mapping[str, float]) -> None:
    message.dashboard_url = rule.rule_url
    alerts.fill(message.values, values)
    _keep(
        message,
        state=rule.state,
        orgId=rule.org_id,
        ruleId=rule.rule_id,
        dashboardId=rule.dashboard_id,
        panelId=rule.panel_id,
        imageUrl=rule.image_url,
    )
