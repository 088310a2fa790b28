"""The contract as its descriptors show it: its files, messages, enums and services, and tables of them."""

import importlib
import json
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from google.protobuf import json_format
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor, FileDescriptor, ServiceDescriptor
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorSet, MethodDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message import Message

from ameide_core_proto.common.v1 import eventing_pb2, mcp_pb2
from sre_ingest.contract.images import own_files

ROOT = Path(__file__).parents[2]
GENERATED = ROOT / "src" / "ameide_core_proto"
MODULE_ROOT = ROOT / "proto" / "packages" / "ameide_core_proto" / "src"
PROTOS = sorted(path.relative_to(MODULE_ROOT).as_posix() for path in MODULE_ROOT.rglob("*.proto"))
MODULES = [proto.removesuffix(".proto").replace("/", ".") + "_pb2" for proto in PROTOS]

Row = tuple[str, ...]
Files = Sequence[FileDescriptor]

# Imported by name: the wheel brings stubs, but does not say that a type checker may use them.
field_behavior: Any = importlib.import_module("google.api.field_behavior_pb2")

FILES: Files = [importlib.import_module(module).DESCRIPTOR for module in MODULES]


def files_of(image: FileDescriptorSet) -> Files:
    """Descriptors of all files of the contract in an image, by path, as FILES has them from the generated Python."""
    pool = DescriptorPool()
    for file in image.file:
        pool.Add(file)
    return [pool.FindFileByName(file.name) for file in own_files(image)]


def rpcs(image: FileDescriptorSet) -> Iterator[tuple[str, MethodDescriptorProto]]:
    """All rpcs of an image, with the options that code does not get, each with its name, as in `Service.Rpc`."""
    for file in own_files(image):
        for service in file.service:
            yield from ((f"{service.name}.{method.name}", method) for method in service.method)


def messages(files: Files = FILES) -> list[Descriptor]:
    """All messages of the contract, by file and name; none of them is nested."""
    return [message for file in files for _, message in sorted(file.message_types_by_name.items())]


def enums(files: Files = FILES) -> list[EnumDescriptor]:
    """All enums of the contract, by file and name; none of them is nested."""
    return [enum for file in files for _, enum in sorted(file.enum_types_by_name.items())]


def services(files: Files = FILES) -> list[ServiceDescriptor]:
    """All services of the contract, by file and name."""
    return [service for file in files for _, service in sorted(file.services_by_name.items())]


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


def field_rows(files: Files = FILES) -> Iterator[Row]:
    """One row for every field: message, number, name, type, label, behaviour."""
    for owner in messages(files):
        for field in sorted(owner.fields, key=lambda field: field.number):
            yield (owner.name, str(field.number), field.name, type_of(field), label_of(field), behaviour(field))


def enum_rows(files: Files = FILES) -> Iterator[Row]:
    """One row for every value: enum, number, name."""
    for enum in enums(files):
        for value in enum.values:
            yield (enum.name, str(value.number), value.name)


def method_rows(files: Files = FILES) -> Iterator[Row]:
    """One row for every rpc: service, name, request, response."""
    for service in services(files):
        for method in service.methods:
            yield (service.name, method.name, method.input_type.name, method.output_type.name)


def option_rows(image: FileDescriptorSet) -> Iterator[Row]:
    """One row for every option of ours that is set: its owner, its name, its value as JSON."""
    for file in own_files(image):
        for owner in file.message_type:
            yield from _option(owner.name, owner.options, eventing_pb2.eventing)
        for service in file.service:
            for method in service.method:
                yield from _option(f"{service.name}.{method.name}", method.options, mcp_pb2.mcp_expose)
                yield from _option(f"{service.name}.{method.name}", method.options, mcp_pb2.mcp_resource)


def _option(owner: str, options: Message, extension: Any) -> Iterator[Row]:
    """The row of one option, when it is set."""
    if options.HasExtension(extension):
        value = json_format.MessageToDict(options.Extensions[extension], preserving_proto_field_name=True)
        yield (owner, extension.name, json.dumps(value))


def read_table(path: Path) -> list[Row]:
    """Rows of a tab-separated file, without its header."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [tuple(line.split("\t")) for line in lines[1:]]


def render(header: Row, rows: Iterable[Row]) -> str:
    """A table as tab-separated text."""
    return "".join("\t".join(row) + "\n" for row in (header, *rows))
