"""A record as an alert."""

from adapters.generic.mapping import words
from adapters.generic.mapping.format import Alert
from adapters.generic.mapping.record import Record
from ameide_core_proto.sre.core.v1.alert_pb2 import ALERT_SOURCE_CUSTOM
from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested
from sre_ingest.sdk import resources, signal
from sre_ingest.sdk.alerts import RESOLVED, place_in_time, repairs
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.fingerprints import fingerprint
from sre_ingest.sdk.signal import Repair, Signal

_UNNAMED = "(unnamed)"


def read(index: int, record: Record, mapping: Alert, delivery: Delivery) -> Signal | None:
    """The alert; None if its status says that it is none. BadItem if a status or time cannot be understood, or if
    neither identity nor title is found: all such records would be one alert, and the second would be dropped.
    """
    state = words.status(record, mapping.status)
    if state is None:
        return None
    started, ended = record.time(mapping.starts_at), record.time(mapping.ends_at) if state == RESOLVED else None
    message = _message(record, mapping, delivery)
    known = _rank(message, record, mapping, delivery)
    identity = _identity(record, mapping)
    if not identity and message.name == _UNNAMED:
        raise BadItem(ItemReason.MISSING_FIELD, (mapping.identity or (mapping.title,))[0].text)
    message.fingerprint = identity or fingerprint(message.labels)
    return signal.alert(
        index,
        message,
        delivery,
        state=state,
        began_at=started,
        occurred_at=place_in_time(message, state, started, ended, delivery.received_at),
        repairs=repairs(
            (Repair.NAME_MISSING, message.name == _UNNAMED),
            (Repair.FINGERPRINT_MISSING, not identity and bool(mapping.identity)),
            (Repair.SEVERITY_UNMAPPED, not known),
            (Repair.START_MISSING, started is None and mapping.starts_at is not None),
            (Repair.END_MISSING, state == RESOLVED and ended is None and mapping.ends_at is not None),
        ),
    )


def _message(record: Record, mapping: Alert, delivery: Delivery) -> IngestAlertRequested:
    labels = record.texts(mapping.labels, mapping.labels_from)
    name = record.text(mapping.title) or _UNNAMED
    labels.setdefault("alertname", name)
    annotations = record.texts(mapping.annotations, mapping.annotations_from)
    if mapping.rest is not None:
        annotations = record.rest(mapping.rest, mapping.reads) | annotations
    found = [record.resource(mapping.resource, delivery.endpoint.scope)] if mapping.resource else []
    return IngestAlertRequested(
        name=name,
        source=ALERT_SOURCE_CUSTOM,
        labels=labels,
        annotations=annotations,
        generator_url=record.text(mapping.generator_url),
        runbook_url=record.text(mapping.runbook_url),
        dashboard_url=record.text(mapping.dashboard_url),
        group_key=record.text(mapping.group_key),
        affected_resources=[
            *(one for one in found if one is not None),
            *resources.affected(labels, delivery.endpoint.scope),
        ],
    )


def _rank(message: IngestAlertRequested, record: Record, mapping: Alert, delivery: Delivery) -> bool:
    """Set the severity; False if the sender's word for it is missing or unknown."""
    table = delivery.endpoint.severity
    word, meaning = words.severity(record, mapping.severity)
    severity = table.find(meaning)
    message.source_severity = word
    message.severity = table.default if severity is None else severity
    return severity is not None


def _identity(record: Record, mapping: Alert) -> str:
    values = [record.text(one) for one in mapping.identity]
    if not any(values):
        return ""
    return values[0] if len(values) == 1 else fingerprint({str(place): value for place, value in enumerate(values)})
