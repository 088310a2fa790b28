"""The words of `POST /api/v2/alerts`: an array of alerts, each with labels and up to four other fields.

Unknown fields are passed over, `status` and `fingerprint` among them. Source of the shape: `postableAlerts` in
`api/v2/openapi.yaml` of prometheus/alertmanager, `notifier/alert.go` in prometheus/prometheus, `app/vmalert/notifier`
in VictoriaMetrics/VictoriaMetrics.
"""

from sre_ingest.sdk import fields, json
from sre_ingest.sdk.alerts import FIRING, RESOLVED
from sre_ingest.sdk.errors import BadItem, ItemReason, WrongShape
from sre_ingest.sdk.fingerprints import fingerprint
from sre_ingest.sdk.groups import Alert, Group
from sre_ingest.sdk.times import Instant


def group(body: bytes) -> Group:
    """Read the array, as a group of which nothing is known but its alerts.

    NotJson if the body is no strict JSON, WrongShape if it is no array.
    """
    document = json.parse(body)
    if not isinstance(document, list):
        raise WrongShape("The body is not a JSON array of alerts, as POST /api/v2/alerts takes it.")
    return Group(document)


def alert(item: json.Value, received_at: Instant) -> Alert:
    """Read one alert. BadItem with the path below the alert, empty for the alert itself."""
    if not isinstance(item, dict):
        raise BadItem(ItemReason.NOT_AN_OBJECT, "")
    # Read back from an Alertmanager: silenced alerts would be among them, and what was resolved would be missing.
    if isinstance(item.get("status"), dict):
        raise BadItem(ItemReason.GETTABLE_ALERT, "status")
    labels = fields.texts(item.get("labels"), "labels")
    if not any(labels.values()):
        raise BadItem(ItemReason.NO_LABELS, "labels")
    return Alert(
        _status(item.get("endsAt"), received_at),
        labels,
        fields.texts(item.get("annotations"), "annotations"),
        item.get("startsAt"),
        item.get("endsAt"),
        fields.string(item.get("generatorURL"), "generatorURL"),
        # No sender of this shape gives one. An Alertmanager in between would have sent just this.
        fingerprint(labels),
    )


def _status(ends_at: json.Value, received_at: Instant) -> str:
    # While an alert fires, its end is when the receiver may forget it: a few resends from now. Where there is none, an
    # Alertmanager would set a time-out of its own; whatever is over has one.
    ended = fields.time(ends_at, "endsAt")
    return RESOLVED if ended is not None and ended <= received_at else FIRING
