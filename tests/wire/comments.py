"""Reads the comments of an image."""

from collections.abc import Iterator
from typing import Any

from google.protobuf.descriptor_pb2 import FileDescriptorProto, FileDescriptorSet

from tests.wire import contract

Path = tuple[int, ...]

# Numbers of the fields of FileDescriptorProto and of its parts, as positions in an image name them.
MESSAGE, ENUM, SERVICE, EXTENSION = 4, 5, 6, 7
PARTS = {MESSAGE: {"field": 2, "oneof_decl": 8}, ENUM: {"value": 2}, SERVICE: {"method": 2}, EXTENSION: {}}
SYNTAX: Path = (12,)


def _elements(file: FileDescriptorProto) -> Iterator[tuple[str, Path]]:
    """Names and positions of everything in a file that needs a comment."""
    owners: dict[int, Any] = {
        MESSAGE: file.message_type,
        ENUM: file.enum_type,
        SERVICE: file.service,
        EXTENSION: file.extension,
    }
    for number, found in owners.items():
        for index, owner in enumerate(found):
            yield owner.name, (number, index)
            for part, inner in PARTS[number].items():
                for place, element in enumerate(getattr(owner, part)):
                    yield f"{owner.name}.{element.name}", (number, index, inner, place)


def comments(image: FileDescriptorSet) -> Iterator[tuple[str, str]]:
    """Name and comment of every file, message, field, oneof, enum, value, service, rpc and option of the contract."""
    for file in contract.own_files(image):
        found = {tuple(place.path): place.leading_comments for place in file.source_code_info.location}
        yield file.name, found[SYNTAX]
        for name, path in _elements(file):
            yield name, found.get(path, "")


def missing(image: FileDescriptorSet) -> list[str]:
    """Names of what has no comment, or none in sentences."""
    told = ((name, " ".join(text.split())) for name, text in comments(image))
    return [name for name, text in told if len(text) < 10 or not text[0].isupper() or text[-1] not in ".]"]
