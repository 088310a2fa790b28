"""From a ruler's words to ours. The field-by-field table is in the README beside this file."""

from adapters.prometheus import payload
from ameide_core_proto.sre.core.v1.alert_pb2 import ALERT_SOURCE_PROMETHEUS
from sre_ingest.sdk import alerts
from sre_ingest.sdk.alerts import Context
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.json import Value
from sre_ingest.sdk.recognition import Seen, observe
from sre_ingest.sdk.signal import Reading, Signal


def read(delivery: Delivery) -> Reading:
    """Translate one body, each alert on its own. Raises NotJson or WrongShape."""
    shared = alerts.context(delivery, payload.group(delivery.body), ALERT_SOURCE_PROMETHEUS)
    return alerts.reading(shared, _signal, place="")


def _signal(index: int, item: Value, shared: Context) -> Signal:
    alert = payload.alert(item, shared.delivery.received_at)
    return observe(Seen(index, alert, alert.status), shared)
