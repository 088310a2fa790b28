"""The contract as the generated Python shows it: its modules, files, messages and enums, and tables of them."""

import importlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, FileDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "src" / "ameide_core_proto"
MODULE_ROOT = ROOT / "proto" / "packages" / "ameide_core_proto" / "src"
PROTOS = sorted(path.relative_to(MODULE_ROOT).as_posix() for path in MODULE_ROOT.rglob("*.proto"))
MODULES = [proto.removesuffix(".proto").replace("/", ".") + "_pb2" for proto in PROTOS]

Row = tuple[str, ...]

# Imported by name: the wheel brings stubs, but does not say that a type checker may use them.
field_behavior: Any = importlib.import_module("google.api.field_behavior_pb2")


def files() -> list[FileDescriptor]:
    """Descriptors of all files of the contract, by path."""
    return [importlib.import_module(module).DESCRIPTOR for module in MODULES]


def messages() -> list[Descriptor]:
    """All messages of the contract, by file and name; none of them is nested."""
    return [message for file in files() for _, message in sorted(file.message_types_by_name.items())]


def enums() -> list[EnumDescriptor]:
    """All enums of the contract, by file and name; none of them is nested."""
    return [enum for file in files() for _, enum in sorted(file.enum_types_by_name.items())]


def message(name: str) -> Descriptor:
    """The message of this short name."""
    return next(found for found in messages() if found.name == name)


def behaviour(field: FieldDescriptor) -> str:
    """Names of the field's google.api.field_behavior marks, or "-" when it has none."""
    marks = field.GetOptions().Extensions[field_behavior.field_behavior]
    return " ".join(field_behavior.FieldBehavior.Name(mark) for mark in marks) or "-"


def _entry(field: FieldDescriptor) -> Descriptor | None:
    """The message that holds one key and one value of a map, or nothing when the field is no map."""
    found = field.message_type
    return found if found is not None and found.GetOptions().map_entry else None


def type_of(field: FieldDescriptor) -> str:
    """The type as it is written in a .proto file, without the contract's own packages."""
    if entry := _entry(field):
        return f"map<{', '.join(type_of(part) for part in entry.fields)}>"
    named = field.message_type or field.enum_type
    if named is None:
        return FieldDescriptorProto.Type.Name(FieldDescriptorProto.Type.ValueType(field.type))[5:].lower()
    return named.name if named.full_name.startswith("ameide_core_proto.") else named.full_name


def label_of(field: FieldDescriptor) -> str:
    """How often the field may occur: "singular", "optional", "repeated", "map", or "oneof" with the oneof's name."""
    if field.is_repeated:
        return "map" if _entry(field) else "repeated"
    if field.containing_oneof is None:
        return "singular"
    synthetic = field.containing_oneof.name.startswith("_")
    return "optional" if synthetic else f"oneof {field.containing_oneof.name}"


def field_rows() -> Iterator[Row]:
    """One row for every field: message, number, name, type, label, behaviour."""
    for owner in messages():
        for field in sorted(owner.fields, key=lambda field: field.number):
            yield (owner.name, str(field.number), field.name, type_of(field), label_of(field), behaviour(field))


def enum_rows() -> Iterator[Row]:
    """One row for every value: enum, number, name."""
    for enum in enums():
        for value in enum.values:
            yield (enum.name, str(value.number), value.name)


def read_table(path: Path) -> list[Row]:
    """Rows of a tab-separated file, without its header."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines[1:]]
