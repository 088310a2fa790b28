"""Walks over an envelope: every message in it, and every required field that is empty."""

from collections.abc import Iterator
from functools import cache

from google.api.field_behavior_pb2 import REQUIRED, field_behavior
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

_OURS = "ameide_core_proto."
_EMPTY_IS_LEGAL = {
    FieldDescriptor.CPPTYPE_BOOL,
    FieldDescriptor.CPPTYPE_DOUBLE,
    FieldDescriptor.CPPTYPE_FLOAT,
    FieldDescriptor.CPPTYPE_INT32,
    FieldDescriptor.CPPTYPE_INT64,
    FieldDescriptor.CPPTYPE_UINT32,
    FieldDescriptor.CPPTYPE_UINT64,
}
"""Types whose zero cannot be told from absence, and means something: no traffic, not approved."""


def messages(message: Message, path: str = "") -> Iterator[tuple[str, Message]]:
    """The message and all messages of the contract inside it, each with its path."""
    yield path, message
    for name, inner in _inner(message):
        yield from messages(inner, join(path, name))


def empty(message: Message, path: str = "") -> Iterator[str]:
    """Paths of the required fields that hold nothing, at every depth.

    An aggregate inside a request to update it is not looked into: its update mask says which fields count.
    """
    for field in _required(message.DESCRIPTOR):
        if not (message.HasField(field.name) if field.has_presence else getattr(message, field.name)):
            yield join(path, field.name)
    if "update_mask" in message.DESCRIPTOR.fields_by_name:
        return
    for name, inner in _inner(message):
        yield from empty(inner, join(path, name))


def is_required(field: FieldDescriptor) -> bool:
    """Whether the field carries Google's mark for it."""
    return REQUIRED in field.GetOptions().Extensions[field_behavior]


def join(path: str, name: str) -> str:
    """The path of a field inside the message at `path`."""
    return f"{path}.{name}" if path else name


@cache
def _required(descriptor: Descriptor) -> tuple[FieldDescriptor, ...]:
    required = (field for field in descriptor.fields if is_required(field))
    return tuple([field for field in required if field.is_repeated or field.cpp_type not in _EMPTY_IS_LEGAL])


def _inner(message: Message) -> Iterator[tuple[str, Message]]:
    for field, value in message.ListFields():
        if field.message_type is None or not field.message_type.full_name.startswith(_OURS):
            continue
        if field.is_repeated:
            if not field.message_type.GetOptions().map_entry:
                yield from ((f"{field.name}[{index}]", inner) for index, inner in enumerate(value))
        else:
            yield field.name, value
