"""How a mapping reads a body, told line by line to the person who writes it."""

from collections.abc import Iterator
from pathlib import Path

from pydantic import BaseModel

from adapters.generic.mapping import compilation, reading
from adapters.generic.mapping.expressions import Expression, Functions
from adapters.generic.mapping.format import Shape
from sre_ingest.sdk import json
from sre_ingest.sdk.errors import BadItem
from sre_ingest.sdk.json import Value

_MAX_LENGTH = 200
"""Characters of a value that are shown."""


def explain(file: Path, body: bytes) -> Iterator[str]:
    """Which shape a body has, and what each expression finds in each record. MappingError, NotJson."""
    mapping = compilation.load(file)
    document = reading.document(mapping, body)
    scope = Functions(document)
    for shape in mapping.shapes:
        fits = reading.holds(shape, document, scope)
        yield f"shape {shape.name!r}: {'fits' if fits else 'does not fit'}: {shape.when.text}"
        if fits:
            yield from _shape(shape, document, scope)
            return


def _shape(shape: Shape, document: Value, scope: Functions) -> Iterator[str]:
    if shape.ignore is not None:
        yield f"ignore: {_found(shape.ignore, document, scope)}"
    if shape.record is None:
        return
    yield f"each: {_found(shape.each, document, scope)}"
    records = shape.each.find(document, scope)
    for index, record in enumerate(records if isinstance(records, list) else []):
        yield f"record {index}"
        for name, expression in _expressions(shape.record):
            yield f"  {name}: {_found(expression, record, scope)}"


def _found(expression: Expression, record: Value, scope: Functions) -> str:
    try:
        text = json.text(expression.find(record, scope))
    except BadItem:
        text = "cannot be evaluated on this"
    shown = text if len(text) <= _MAX_LENGTH else f"{text[:_MAX_LENGTH]}..."
    return f"{expression.text} -> {shown}"


def _expressions(section: object, name: str = "") -> Iterator[tuple[str, Expression]]:
    if isinstance(section, Expression):
        yield name, section
    elif isinstance(section, BaseModel | dict):
        for inner, value in dict(section).items():
            yield from _expressions(value, f"{name}.{inner}".lstrip("."))
    elif isinstance(section, tuple):
        for index, value in enumerate(section):
            yield from _expressions(value, f"{name}[{index}]")
