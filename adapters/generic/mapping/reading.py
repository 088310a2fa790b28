"""From a body to signals, as a mapping says."""

from collections.abc import Mapping
from typing import Any

from adapters.generic.mapping import alerts, checks, forms, windows
from adapters.generic.mapping.expressions import Functions
from adapters.generic.mapping.format import Alert, HealthCheck, MappingFile, Shape, SliWindow
from adapters.generic.mapping.record import Record
from sre_ingest.sdk import json
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import BadItem, ItemReason, WrongShape
from sre_ingest.sdk.json import Value
from sre_ingest.sdk.signal import Reading, Reject, Signal

_READERS: Mapping[type, Any] = {Alert: alerts.read, HealthCheck: checks.read, SliWindow: windows.read}


def read(mapping: MappingFile, delivery: Delivery) -> Reading:
    """Translate one body, each record on its own. Raises NotJson or WrongShape."""
    body = document(mapping, delivery.body)
    scope = Functions(body)
    for shape in mapping.shapes:
        if holds(shape, body, scope):
            return _reading(shape, body, scope, delivery)
    raise WrongShape(f"The body has none of the shapes that {mapping.about.tool} is known to send.")


def document(mapping: MappingFile, body: bytes) -> Value:
    """The JSON of a body, or of the field of a form, or the fields of a form. NotJson if there is none."""
    if body[:1] in (b"{", b"["):
        return json.parse(body)
    if mapping.form_fields:
        return forms.fields(body)
    return json.parse(body) if mapping.form_field is None else forms.field(body, mapping.form_field)


def holds(shape: Shape, document: Value, scope: Functions) -> bool:
    """Whether a body has this shape; not if its expression cannot be evaluated on the body."""
    try:
        return shape.when.holds(document, scope)
    except BadItem:
        return False


def _reading(shape: Shape, document: Value, scope: Functions, delivery: Delivery) -> Reading:
    try:
        if shape.record is None or (shape.ignore is not None and shape.ignore.holds(document, scope)):
            return Reading((), ignored=(0,))
        records = shape.each.find(document, scope)
    except BadItem as bad:
        raise WrongShape(f"The body is not what {bad.path} asks for.") from None
    if not isinstance(records, list):
        raise WrongShape("The body has no list of records where its mapping looks for one.")
    signals: list[Signal] = []
    rejects: list[Reject] = []
    ignored: list[int] = []
    for index, value in enumerate(records):
        try:
            found = _record(index, Record(value, scope), shape, delivery)
        except BadItem as bad:
            rejects.append(Reject(index, bad.reason, f"[{index}] {bad.path}"))
            continue
        if found is None:
            ignored.append(index)
        else:
            signals.append(found)
    return Reading(signals, rejects, ignored)


def _record(index: int, record: Record, shape: Shape, delivery: Delivery) -> Signal | None:
    if shape.ignore_each is not None and shape.ignore_each.holds(record.value, record.scope):
        return None
    if not isinstance(record.value, dict):
        raise BadItem(ItemReason.NOT_AN_OBJECT, "")
    signal: Signal | None = _READERS[type(shape.record)](index, record, shape.record, delivery)
    return signal
