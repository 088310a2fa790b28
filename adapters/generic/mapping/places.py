"""A YAML file with the line of each of its parts, so that a mistake can be told where it stands."""

from collections.abc import Iterator
from dataclasses import dataclass

import yaml

Place = tuple[int | str, ...]
"""Keys and positions from the whole file down to a part of it."""

MAX_BYTES = 256 * 1024
MAX_PARTS = 20_000
"""Parts of a file; those that an alias repeats count each time."""
_MAX_LEVELS = 40
_SHOWN = 4
"""Levels of a place that are told where it has no end."""
_SHOWN_CHARACTERS = 40
_PREFIX = "tag:yaml.org,2002:"
_TEXT, _DATE = f"{_PREFIX}str", f"{_PREFIX}timestamp"
_MERGE = f"{_PREFIX}merge"
"""That of the name `<<`, which takes over the fields of an alias."""
_TAGS = frozenset(
    _PREFIX + name for name in ("str", "timestamp", "int", "float", "bool", "null", "map", "seq", "merge")
)


class FileError(Exception):
    """Something in a file is wrong."""

    def __init__(self, line: int, place: Place, complaint: str) -> None:
        super().__init__(complaint)
        self.line = line
        self.place = place
        self.complaint = complaint


@dataclass(frozen=True, slots=True)
class Document:
    """What a file says."""

    value: object
    lines: dict[Place, int]

    def line(self, place: Place) -> int:
        """The line of a part, or of the narrowest part around it that is there."""
        return next((self.lines[place[:size]] for size in range(len(place), -1, -1) if place[:size] in self.lines), 1)


def read(content: bytes) -> Document:
    """Read a file. FileError if it is no YAML, names something twice, or is larger than any mapping."""
    if len(content) > MAX_BYTES:
        raise FileError(1, (), f"is larger than {MAX_BYTES // 1024} KiB")
    try:
        loader = yaml.SafeLoader(content.decode("utf-8-sig"))
        root = loader.get_single_node()
        if root is None:
            raise FileError(1, (), "is empty")
        lines = _checked(root)
        return Document(loader.construct_document(root), lines)
    except UnicodeDecodeError:
        raise FileError(1, (), "is not UTF-8") from None
    except yaml.YAMLError as error:
        raise _unreadable(error) from None
    except ValueError:  # as of `!!int x`
        raise FileError(1, (), "has a value that is not what its tag says") from None
    except RecursionError:
        raise FileError(1, (), "is nested too deeply") from None


def _checked(root: yaml.Node) -> dict[Place, int]:
    """The lines of all parts, each of which can be one of a mapping. FileError for the first that cannot."""
    found: dict[Place, int] = {}
    for place, node in _parts(root, ()):
        found[place] = _line(node)
        if len(found) > MAX_PARTS or len(place) > _MAX_LEVELS:
            raise FileError(_line(node), place[:_SHOWN], "has too many parts, or too deep ones")
        if node.tag not in _TAGS:
            raise FileError(
                _line(node), place, f"has the tag {node.tag.replace(_PREFIX, '!!')}, which no mapping needs"
            )
        if node.tag == _DATE:
            node.tag = _TEXT  # a date that no calendar has would be no YAML
        if isinstance(node, yaml.MappingNode):
            _check_names([key for key, _ in node.value], place)
        elif isinstance(node, yaml.ScalarNode):
            _check_characters(node, place)
    return found


def _parts(node: yaml.Node, place: Place) -> Iterator[tuple[Place, yaml.Node]]:
    # Only as far as they are asked for: an alias may repeat what it stands in.
    yield place, node
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _parts(value, (*place, str(key.value)))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _parts(value, (*place, index))


def _check_names(names: list[yaml.Node], place: Place) -> None:
    seen: set[str] = set()
    for name in names:
        if name.tag == _MERGE:
            continue
        if name.tag != _TEXT:
            shown = repr(name.value[:_SHOWN_CHARACTERS]) if isinstance(name, yaml.ScalarNode) else "[...]"
            raise FileError(
                _line(name), place, f"has the name {shown}, which YAML reads as something else than text; quote it"
            )
        _check_characters(name, place)
        if name.value in seen:
            raise FileError(_line(name), (*place, name.value), "is there twice")
        seen.add(name.value)


def _check_characters(node: yaml.Node, place: Place) -> None:
    try:
        node.value.encode()
    except UnicodeEncodeError:
        raise FileError(_line(node), place, "holds half a character") from None


def _line(node: yaml.Node) -> int:
    return int(node.start_mark.line) + 1


def _unreadable(error: yaml.YAMLError) -> FileError:
    mark = getattr(error, "problem_mark", None)
    line, said = mark.line + 1 if mark else 1, str(error)
    if "expected a single document" in said:
        return FileError(line, (), "holds more than one document")
    if "anchor" in said or "alias" in said:
        return FileError(line, (), "has an alias without an anchor before it, or the same anchor twice")
    if "special characters" in said:
        return FileError(line, (), "is no YAML: it holds a control character")
    return FileError(line, (), "is no YAML: look here and just above for a bracket, quote, colon, tab or indentation")
