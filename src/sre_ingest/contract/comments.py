"""The comments of the contract, read from an image that `buf build` made: generated code does not hold them."""

from collections.abc import Iterator, Mapping
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from sre_ingest.contract.images import own_files

_Path = tuple[int, ...]
# Numbers of the fields of FileDescriptorProto and of its parts, as the positions in an image name them.
_MESSAGE, _ENUM, _SERVICE, _EXTENSION = 4, 5, 6, 7
_PARTS = {_MESSAGE: {"field": 2, "oneof_decl": 8}, _ENUM: {"value": 2}, _SERVICE: {"method": 2}, _EXTENSION: {}}
_SYNTAX: _Path = (12,)


def read(image: FileDescriptorSet) -> Mapping[str, str]:
    """The comment of every file by its path, and of every message, field, oneof, enum, value, service, rpc and option
    by its full name, on one line; empty where there is none.

    A value's name is below its enum's, as in `Severity.SEVERITY_HIGH`, unlike the scope that protobuf gives it.
    """
    return {name: " ".join(text.split()) for file in own_files(image) for name, text in _comments(file)}


def _comments(file: FileDescriptorProto) -> Iterator[tuple[str, str]]:
    found = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}
    yield file.name, found.get(_SYNTAX, "")
    for name, path in _elements(file):
        yield f"{file.package}.{name}", found.get(path, "")


def _elements(file: FileDescriptorProto) -> Iterator[tuple[str, _Path]]:
    owners: dict[int, Any] = {
        _MESSAGE: file.message_type,
        _ENUM: file.enum_type,
        _SERVICE: file.service,
        _EXTENSION: file.extension,
    }
    for number, found in owners.items():
        for index, owner in enumerate(found):
            yield owner.name, (number, index)
            for part, inner in _PARTS[number].items():
                for place, element in enumerate(getattr(owner, part)):
                    yield f"{owner.name}.{element.name}", (number, index, inner, place)
