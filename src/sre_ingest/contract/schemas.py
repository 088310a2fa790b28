"""JSON schemas of the contract's messages, in the small dialect that clients of the Model Context Protocol share: no
references, no combinators. They describe proto3 JSON.
"""

from collections.abc import Container, Mapping
from typing import Any, TypeAlias

from google.protobuf.descriptor import Descriptor, FieldDescriptor

from sre_ingest.contract.fields import is_required

Schema: TypeAlias = dict[str, Any]

MAX_DEPTH = 2
"""Objects inside one another that a model can be trusted to fill in, the arguments themselves included."""

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
    """A message is not fit to be filled in by a model. The message names it and the remedy."""


def of_input(message: Descriptor, comments: Mapping[str, str], hidden: Container[str]) -> Schema:
    """What a caller gives: the fields of a request without the hidden ones, and nothing beside them.

    SchemaError when an object is nested deeper than MAX_DEPTH, or a oneof leaves a choice that a schema without
    combinators cannot tell.
    """
    _check(message, hidden, depth=1)
    return _object(message, comments, hidden) | {"additionalProperties": False}


def of_output(message: Descriptor, comments: Mapping[str, str]) -> Schema:
    """What a caller is answered."""
    return _object(message, comments, ())


def _check(message: Descriptor, hidden: Container[str], depth: int) -> None:
    if depth > MAX_DEPTH:
        raise SchemaError(
            f"{message.full_name} is nested deeper than {MAX_DEPTH} objects; flatten it, or hide the field"
        )
    for field in message.fields:
        if field.name in hidden:
            continue
        if field.containing_oneof is not None:
            raise SchemaError(f"{field.full_name} is part of a oneof; make it a field of its own, or hide it")
        if field.message_type is not None and not _is_leaf(field.message_type):
            _check(field.message_type, (), depth + 1)


def _is_leaf(message: Descriptor) -> bool:
    return message.full_name in _WELL_KNOWN or bool(message.GetOptions().map_entry)


def _object(message: Descriptor, comments: Mapping[str, str], hidden: Container[str]) -> Schema:
    shown = [field for field in message.fields if field.name not in hidden]
    schema: Schema = {
        "type": "object",
        "properties": {field.json_name: _property(field, comments) for field in shown},
    }
    if required := sorted(field.json_name for field in shown if is_required(field)):
        schema["required"] = required
    return schema


def _property(field: FieldDescriptor, comments: Mapping[str, str]) -> Schema:
    told = comments.get(field.full_name, "")
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        return {"type": "object", "description": f"{told} A map: the names are free, every value is text."}
    value = _value(field, comments)
    if field.is_repeated:
        value = {"type": "array", "items": value}
    return value | {"description": told}


def _value(field: FieldDescriptor, comments: Mapping[str, str]) -> Schema:
    if field.enum_type is not None:
        return {"type": "string", "enum": [value.name for value in field.enum_type.values if value.number]}
    if field.message_type is None:
        return {"type": _TYPES[field.cpp_type]}
    known = _WELL_KNOWN.get(field.message_type.full_name)
    return _object(field.message_type, comments, ()) if known is None else dict(known)
