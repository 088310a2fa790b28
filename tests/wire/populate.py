"""Fills any message by walking its descriptor, so that a test needs no knowledge of single fields."""

from collections.abc import Callable, Mapping
from typing import Any

from google.protobuf import duration_pb2, field_mask_pb2, timestamp_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.message import Message

# Values that a careless conversion to JSON and back would damage: beyond the integers of a double, not exact in
# binary, outside ASCII, with nanoseconds.
SCALARS: Mapping[int, Callable[[Any], object]] = {
    FieldDescriptor.TYPE_STRING: lambda field: f'{field.name} "ü" \\ \N{FIRE}\n',
    FieldDescriptor.TYPE_BOOL: lambda _: True,
    FieldDescriptor.TYPE_INT32: lambda _: -(2**31),
    FieldDescriptor.TYPE_INT64: lambda _: 2**53 + 1,
    FieldDescriptor.TYPE_DOUBLE: lambda _: 0.1 + 0.2,
    FieldDescriptor.TYPE_ENUM: lambda field: field.enum_type.values[-1].number,
}
WELL_KNOWN: Mapping[str, Message] = {
    "google.protobuf.Timestamp": timestamp_pb2.Timestamp(seconds=1_772_000_000, nanos=123_456_789),
    "google.protobuf.Duration": duration_pb2.Duration(seconds=-3, nanos=-5),
    "google.protobuf.FieldMask": field_mask_pb2.FieldMask(paths=["title", "approval_required"]),
}


def populate(message: Message, member: str = "") -> None:
    """Set every field of the message, at every depth; of a oneof only the given member."""
    for field in message.DESCRIPTOR.fields:
        if field.containing_oneof is None or field.name == member:
            _fill(message, field)


def _fill(message: Message, field: Any) -> None:
    value = getattr(message, field.name)
    if field.message_type is not None and field.message_type.GetOptions().map_entry:
        content = field.message_type.fields_by_name["value"]
        value.update({key: SCALARS[content.type](content) for key in ("alertname", "Ä key")})
    elif field.is_repeated and field.message_type is None:
        value.extend([SCALARS[field.type](field), "second"])
    elif field.is_repeated:
        for _ in range(2):
            _content(value.add())
    elif field.message_type is not None:
        value.SetInParent()
        _content(value)
    else:
        setattr(message, field.name, SCALARS[field.type](field))


def _content(message: Message) -> None:
    known = WELL_KNOWN.get(message.DESCRIPTOR.full_name)
    if known is None:
        populate(message)
    else:
        message.CopyFrom(known)


def unset(message: Message, member: str = "") -> list[str]:
    """Full names of the fields that hold nothing, at every depth; of a oneof only the given member counts."""
    present = {field.name for field, _ in message.ListFields()}
    wanted = (field for field in message.DESCRIPTOR.fields if field.containing_oneof is None or field.name == member)
    missing = [field.full_name for field in wanted if field.name not in present]
    return missing + [name for inner in _inner(message) for name in unset(inner)]


def _inner(message: Message) -> list[Message]:
    """Messages of the contract directly inside the message; in a list, its first."""
    values = [next(iter(value)) if field.is_repeated else value for field, value in message.ListFields()]
    return [value for value in values if isinstance(value, Message) and "protobuf" not in value.DESCRIPTOR.file.package]
