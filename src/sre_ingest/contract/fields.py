"""Walks over an envelope: every message in it, and every required field that is empty."""

from collections.abc import Iterator
from functools import cache

from google.api.field_behavior_pb2 import REQUIRED, field_behavior
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.field_mask_pb2 import FieldMask
from google.protobuf.message import Message

from sre_ingest.contract.bounds import admits_zero

_OURS = "ameide_core_proto."
TELL_ABSENCE = {FieldDescriptor.CPPTYPE_STRING, FieldDescriptor.CPPTYPE_ENUM, FieldDescriptor.CPPTYPE_MESSAGE}
"""Types that are empty only when nobody set them. The 0 of a number and the false of a boolean mean something, unless
a bound excludes it.
"""


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
        if _is_empty(message, field):
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


def _is_empty(message: Message, field: FieldDescriptor) -> bool:
    value = getattr(message, field.name)
    # A mask without a path is a message like any other, and names no field.
    if isinstance(value, FieldMask):
        return not value.paths
    return not (message.HasField(field.name) if field.has_presence else value)


@cache
def _required(descriptor: Descriptor) -> tuple[FieldDescriptor, ...]:
    required = (field for field in descriptor.fields if is_required(field))
    return tuple([one for one in required if one.cpp_type in TELL_ABSENCE or not admits_zero(descriptor, one.name)])


def _inner(message: Message) -> Iterator[tuple[str, Message]]:
    for field, value in message.ListFields():
        if field.message_type is None or not field.message_type.full_name.startswith(_OURS):
            continue
        if field.is_repeated:
            if not field.message_type.GetOptions().map_entry:
                yield from ((f"{field.name}[{index}]", inner) for index, inner in enumerate(value))
        else:
            yield field.name, value
