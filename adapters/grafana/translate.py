"""From Grafana's words to ours. The field-by-field table is in the README beside this file."""

from functools import partial

from adapters.grafana import payload
from adapters.grafana.payload import Extras, Unified
from ameide_core_proto.sre.core.v1.alert_pb2 import ALERT_SOURCE_GRAFANA
from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested
from sre_ingest.sdk import alerts
from sre_ingest.sdk.alerts import FIRING, RESOLVED, SUPPRESSED, Context
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.fingerprints import fingerprint
from sre_ingest.sdk.groups import Alert
from sre_ingest.sdk.json import Value
from sre_ingest.sdk.signal import Reading, Signal

_STATES = {
    **dict.fromkeys(("firing", "alerting"), FIRING),
    **dict.fromkeys(("resolved", "ok"), RESOLVED),
    **dict.fromkeys(("suppressed", "silenced"), SUPPRESSED),
}
TEST_FINGERPRINT = "57c6d9296de2ad39"
"""What the button that tests a contact point has always sent: the fingerprint of the labels that it sends unless its
user writes others."""
PREFIX = "grafana."
"""Of the annotations that keep what the contract has no field for; the rest of the name is Grafana's field."""


def read(delivery: Delivery) -> Reading:
    """Translate one webhook body, each alert on its own. Raises NotJson or WrongShape."""
    body = payload.unified(delivery.body)
    return alerts.reading(alerts.context(delivery, body.group, ALERT_SOURCE_GRAFANA), partial(_signal, body))


def _signal(body: Unified, index: int, item: Value, shared: Context) -> Signal:
    alert, extras = payload.alert(item)
    state = alerts.state(alert.status or body.group.status or body.state, _STATES)
    if alerts.is_watchdog(alert, shared.delivery):
        return alerts.watchdog(index, alert, state, shared)
    signal = alerts.ingest(index, _identified(alert), state, shared)
    if isinstance(signal.message, IngestAlertRequested):
        _extend(signal.message, extras, body)
    return signal


def _identified(alert: Alert) -> Alert:
    # With other labels than the button's own the constant would make one alert of them all.
    if alert.fingerprint == TEST_FINGERPRINT and fingerprint(alert.labels) != TEST_FINGERPRINT:
        return alert._replace(fingerprint="")
    return alert


def _extend(message: IngestAlertRequested, extras: Extras, body: Unified) -> None:
    message.silence_url = extras.silence_url
    message.dashboard_url = extras.dashboard_url or extras.panel_url or message.dashboard_url
    for name, number in extras.values.items():
        message.values[name] = number
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
