"""How a mapping reads a body, told line by line to the person who writes it."""

from collections.abc import Iterator
from pathlib import Path

from adapters.generic.mapping import compilation, reading
from adapters.generic.mapping.expressions import Expression
from adapters.generic.mapping.format import Shape
from adapters.generic.mapping.functions import Functions
from adapters.generic.mapping.record import Record
from sre_ingest.sdk.errors import BadItem

_MAX_LENGTH = 200
"""Characters of a value that are shown."""


def explain(file: Path, body: bytes) -> Iterator[str]:
    """Which shape a body has, and what each expression finds in each record, found as it is when the body is
    read. MappingError, NotJson, WrongShape.
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
        record = Record(value, scope)
        if shape.ignore_each is not None:
            yield f"  ignore_each: {_found(shape.ignore_each, record)}"
        for name, expression in shape.record.expressions():
            yield f"  {name}: {_found(expression, record)}"


def _found(expression: Expression, record: Record) -> str:
    try:
        text = record.scope.text(record.find(expression))
    except BadItem as bad:
        text = f"cannot be evaluated on this [{bad.reason}]"
    shown = text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}..."
    return f"{expression.text} -> {shown}"
