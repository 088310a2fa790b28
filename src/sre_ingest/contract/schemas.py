"""JSON schemas of the contract's messages, in the small dialect that clients of the Model Context Protocol share: no
references, no combinators. They describe proto3 JSON.
"""

from collections.abc import Callable, Container, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from sre_ingest.contract.fields import TELL_ABSENCE, is_required

Schema: TypeAlias = dict[str, Any]

MAX_DEPTH = 2
"""Objects inside one another that a model can be trusted to fill in, the arguments themselves and maps included."""

_TYPES = {
    FieldDescriptor.CPPTYPE_BOOL: "boolean",
    FieldDescriptor.CPPTYPE_DOUBLE: "number",
    FieldDescriptor.CPPTYPE_FLOAT: "number",
    FieldDescriptor.CPPTYPE_INT32: "integer",
    FieldDescriptor.CPPTYPE_UINT32: "integer",
    # Proto3 JSON writes 64 bits as text, because a number of JavaScript holds only 53.
    FieldDescriptor.CPPTYPE_INT64: "string",
    FieldDescriptor.CPPTYPE_UINT64: "string",
    FieldDescriptor.CPPTYPE_STRING: "string",
}
_WELL_KNOWN: Mapping[str, Schema] = {
    "google.protobuf.Timestamp": {"type": "string", "format": "date-time"},
    "google.protobuf.Duration": {"type": "string", "pattern": r"^-?[0-9]+(\.[0-9]+)?s$"},
    "google.protobuf.FieldMask": {"type": "string"},
}


class SchemaError(ValueError):
    """A message cannot be told in this dialect, or a model cannot fill it in. The error names it and the remedy."""


@dataclass(frozen=True, slots=True)
class _Side:
    """What differs between the schemas of requests and those of answers."""

    comments: Mapping[str, str]
    is_required: Callable[[FieldDescriptor], bool]
    ending: Schema
    """Added to every object that is not a map."""


def of_input(message: Descriptor, comments: Mapping[str, str], hidden: Container[str]) -> Schema:
    """What a caller gives: the fields of a request without the hidden ones, and nothing beside them at any depth.

    SchemaError when an object is nested deeper than MAX_DEPTH, or a oneof leaves a choice that a schema without
    combinators cannot tell.
    """
    _check_input(message, hidden, depth=1)
    return _object(message, _Side(comments, is_required, {"additionalProperties": False}), hidden)


def of_output(message: Descriptor, comments: Mapping[str, str]) -> Schema:
    """What a caller is answered.

    Required is what proto3 JSON always writes in a valid answer: it leaves out a number that is 0 and a boolean that is
    false, whatever their marks. SchemaError when a message contains itself.
    """
    _check_output(message, ())
    return _object(message, _Side(comments, _is_always_written, {}), ())


def _check_input(message: Descriptor, hidden: Container[str], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise SchemaError(
            f"{message.full_name} is nested deeper than {MAX_DEPTH} objects; flatten it, or hide the field"
        )
    for field in (field for field in message.fields if field.name not in hidden):
        if field.containing_oneof is not None:
            raise SchemaError(f"{field.full_name} is part of a oneof; make it a field of its own, or hide it")
        if inner := _inner(field):
            _check_input(inner, (), depth + 1)


def _check_output(message: Descriptor, above: tuple[Descriptor, ...]) -> None:
    if message in above:
        raise SchemaError(f"{message.full_name} contains itself, without end; refer to the inner one by its id")
    for field in message.fields:
        if inner := _inner(field):
            _check_output(inner, (*above, message))


def _inner(field: FieldDescriptor) -> Descriptor | None:
    """The object that the field holds; for a map, its entry, in which the values are found."""
    found = field.message_type
    return None if found is None or found.full_name in _WELL_KNOWN else found


def _is_always_written(field: FieldDescriptor) -> bool:
    return is_required(field) and (field.has_presence or field.is_repeated or field.cpp_type in TELL_ABSENCE)


def _object(message: Descriptor, side: _Side, hidden: Container[str]) -> Schema:
    shown = [field for field in message.fields if field.name not in hidden]
    schema: Schema = {
        "type": "object",
        "properties": {field.json_name: _property(field, side) for field in shown},
    }
    if required := sorted(field.json_name for field in shown if side.is_required(field)):
        schema["required"] = required
    return schema | side.ending


def _property(field: FieldDescriptor, side: _Side) -> Schema:
    told = side.comments.get(field.full_name, "")
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        kind = _value(field.message_type.fields_by_name["value"], side)["type"]
        return {"type": "object", "description": f"{told} A map: the names are free, every value is of type {kind}."}
    value = _value(field, side)
    if field.is_repeated:
        value = {"type": "array", "items": value}
    return value | {"description": told}


def _value(field: FieldDescriptor, side: _Side) -> Schema:
    if field.enum_type is not None:
        return {"type": "string", "enum": [value.name for value in field.enum_type.values if value.number]}
    if field.message_type is None:
        return {"type": _TYPES[field.cpp_type]}
    known = _WELL_KNOWN.get(field.message_type.full_name)
    return _object(field.message_type, side, ()) if known is None else dict(known)
