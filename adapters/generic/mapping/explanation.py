"""How a mapping reads a body, told line by line to the person who writes it."""

from collections.abc import Callable, Iterator
from pathlib import Path

from adapters.generic.mapping import compilation, reading, words
from adapters.generic.mapping.expressions import Expression
from adapters.generic.mapping.format import (
    Alert,
    AlertStatus,
    CheckStatus,
    HealthCheck,
    SeverityWord,
    Shape,
    SliWindow,
    Time,
)
from adapters.generic.mapping.functions import Functions
from adapters.generic.mapping.record import Record
from sre_ingest.sdk import severity
from sre_ingest.sdk.errors import BadItem
from sre_ingest.sdk.times import rfc3339

_MAX_LENGTH = 200
"""Characters of a value that are shown."""
_OFTEN_LITERAL = frozenset({"title", "resource.type", "slo_id"})
"""Fields that every record needs, and whose text is often in no body."""
_NOTHING = " -> null"


def explain(file: Path, body: bytes) -> Iterator[str]:
    """Which shape a body has, what each expression finds in each record, found as it is when the body is read, and what
    the words and times found mean. MappingError, NotJson, WrongShape.
    """
    mapping = compilation.load(file)
    scope = reading.opened(mapping, body)
    for shape in mapping.shapes:
        fits = reading.holds(shape, scope)
        yield f"shape {shape.name!r}: {'fits' if fits else 'does not fit'}: {shape.when.text}"
        if fits:
            yield from _shape(shape, scope)
            return


def _shape(shape: Shape, scope: Functions) -> Iterator[str]:
    if shape.ignore is not None:
        yield f"ignore: {_found(shape.ignore, Record(scope.document, scope))}"
    if shape.record is None:
        return
    yield f"each: {_found(shape.each, Record(scope.document, scope))}"
    for index, value in enumerate(reading.records(shape, scope) or []):
        yield f"record {index}"
        yield from _record(shape, shape.record, Record(value, scope))


def _record(shape: Shape, part: Alert | HealthCheck | SliWindow, record: Record) -> Iterator[str]:
    if shape.ignore_each is not None:
        yield f"  ignore_each: {_found(shape.ignore_each, record)}"
    for name, expression in part.expressions():
        told = _found(expression, record)
        yield f"  {name}: {told}{_advice(name, expression) if told.endswith(_NOTHING) else ''}"
    for name, inner in part:
        if meaning := _meaning(inner, record):
            yield f"  {name} => {_told(meaning)}"
    if not isinstance(part, SliWindow):
        labels, gathered = part.labels, part.labels_from
        yield f"  labels => {_told(lambda: record.scope.text({**record.texts(labels, gathered)}))}"


def _found(expression: Expression, record: Record) -> str:
    return f"{expression.text} -> {_told(lambda: record.scope.text(record.find(expression)))}"


def _advice(name: str, expression: Expression) -> str:
    if name not in _OFTEN_LITERAL or expression.parsed["type"] != "field":
        return ""
    return f"; if you mean the word itself, write \"'{expression.text}'\", with both kinds of quotes"


def _meaning(part: object, record: Record) -> Callable[[], str] | None:
    """What says what the words or the time of a part mean; None for a part that has neither."""
    match part:
        case AlertStatus() | CheckStatus():
            return lambda: words.status(record, part) or "ignored"
        case SeverityWord():
            return lambda: _severity(record, part)
        case Time():
            return lambda: _time(record, part)
    return None


def _severity(record: Record, part: SeverityWord) -> str:
    _, word = words.severity(record, part)
    if severity.DEFAULT.find(word) is None:
        return f"{word or 'nothing'}, which is not built in: the settings severity.map and severity.default decide"
    return word


def _time(record: Record, part: Time) -> str:
    found = record.time(part)
    return "none" if found is None else rfc3339(found)


def _told(find: Callable[[], str]) -> str:
    try:
        text = find()
    except BadItem as bad:
        return f"cannot be understood [{bad.reason}]"
    return text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}..."
