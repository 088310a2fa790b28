"""From Alertmanager's words to ours. The field-by-field table is in the README beside this file."""

from adapters.alertmanager import payload
from ameide_core_proto.sre.core.v1.alert_pb2 import ALERT_SOURCE_PROMETHEUS
from sre_ingest.sdk import alerts
from sre_ingest.sdk.alerts import FIRING, RESOLVED, Context
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.json import Value
from sre_ingest.sdk.recognition import Seen, observe
from sre_ingest.sdk.signal import Reading, Signal

_STATES = {FIRING: FIRING, RESOLVED: RESOLVED}


def read(delivery: Delivery) -> Reading:
    """Translate one webhook body, each alert on its own. Raises NotJson or WrongShape."""
    group = payload.webhook(delivery.body)
    return alerts.reading(alerts.context(delivery, group, ALERT_SOURCE_PROMETHEUS), _signal)


def _signal(index: int, item: Value, shared: Context) -> Signal:
    alert = payload.alert(item)
    state = alerts.state(alert.status or shared.group.status, _STATES)
    return observe(Seen(index, alert, state), shared)
