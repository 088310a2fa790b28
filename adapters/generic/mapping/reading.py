"""From a body to signals, as a mapping says."""

from collections.abc import Mapping
from typing import Any

from adapters.generic.mapping import alerts, checks, forms, windows
from adapters.generic.mapping.format import Alert, HealthCheck, MappingFile, Shape, SliWindow
from adapters.generic.mapping.functions import Functions
from adapters.generic.mapping.record import Record
from sre_ingest.sdk import json
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import BadItem, ItemReason, WrongShape
from sre_ingest.sdk.json import Value
from sre_ingest.sdk.signal import Reading, Reject, Signal

_READERS: Mapping[type, Any] = {Alert: alerts.read, HealthCheck: checks.read, SliWindow: windows.read}


def read(mapping: MappingFile, delivery: Delivery) -> Reading:
    """Translate one body, each record on its own. Raises NotJson or WrongShape."""
    scope = opened(mapping, delivery.body)
    for shape in mapping.shapes:
        if holds(shape, scope):
            return _reading(shape, scope, delivery)
    raise WrongShape(f"The body has none of the shapes that {mapping.about.tool} is known to send.")


def opened(mapping: MappingFile, body: bytes) -> Functions:
    """The JSON of a body, or of the field of a form, or the fields of a form, for expressions to be evaluated on.
    NotJson if there is none.
    """
    return Functions(_document(mapping, body), len(body))


def _document(mapping: MappingFile, body: bytes) -> Value:
    if body[:1] in (b"{", b"["):
        return json.parse(body)
    if mapping.form_fields:
        return forms.fields(body)
    return json.parse(body) if mapping.form_field is None else forms.field(body, mapping.form_field)


def holds(shape: Shape, scope: Functions) -> bool:
    """Whether the body has this shape; not if its expression cannot be evaluated on it. WrongShape as for `records`."""
    try:
        return shape.when.holds(scope.document, scope)
    except BadItem as bad:
        if bad.reason is ItemReason.TOO_LARGE:
            raise _unreadable(bad) from None
        return False


def records(shape: Shape, scope: Functions) -> list[Value] | None:
    """The records of a body of this shape; None if all of it is to be ignored. WrongShape if there is no list of them,
    or to find it is more work than the body may cause.
    """
    try:
        if shape.record is None or (shape.ignore is not None and shape.ignore.holds(scope.document, scope)):
            return None
        found = shape.each.find(scope.document, scope)
    except BadItem as bad:
        raise _unreadable(bad) from None
    if not isinstance(found, list):
        raise WrongShape("The body has no list of records where its mapping looks for one.")
    return found


def _unreadable(bad: BadItem) -> WrongShape:
    if bad.reason is ItemReason.TOO_LARGE:
        return WrongShape("To find the records of the body is more work than a body of its size may cause.")
    return WrongShape(f"The body is not what {bad.path} asks for.")


def _reading(shape: Shape, scope: Functions, delivery: Delivery) -> Reading:
    values = records(shape, scope)
    if values is None:
        return Reading((), ignored=(0,))
    signals: list[Signal] = []
    rejects: list[Reject] = []
    ignored: list[int] = []
    for index, value in enumerate(values):
        try:
            found = _record(index, Record(value, scope), shape, delivery)
        except BadItem as bad:
            rejects.append(Reject(index, bad.reason, f"[{index}] {bad.path}"))
            continue
        if found is None:
            ignored.append(index)
        else:
            signals.append(found)
    return Reading(signals, rejects, ignored, items=values)


def _record(index: int, record: Record, shape: Shape, delivery: Delivery) -> Signal | None:
    if shape.ignore_each is not None and shape.ignore_each.holds(record.value, record.scope):
        return None
    if not isinstance(record.value, dict):
        raise BadItem(ItemReason.NOT_AN_OBJECT, "")
    signal: Signal | None = _READERS[type(shape.record)](index, record, shape.record, delivery)
    return signal
