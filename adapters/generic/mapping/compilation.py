"""From a YAML file to a compiled mapping; every mistake is named with its file, line and field."""

from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError

from adapters.generic.mapping import reading
from adapters.generic.mapping.format import MappingFile
from sre_ingest.sdk.adapter import Adapter, MappingError

Place = tuple[int | str, ...]

ROUTE = "/webhooks/generic/{mapping}"
"""Where the adapters of mappings listen."""
MAX_FILES = 200
"""Mappings of one folder."""


def load(file: Path) -> MappingFile:
    """Read and compile one file. MappingError names every mistake in it."""
    try:
        root = yaml.compose(file.read_text(encoding="utf-8"), Loader=yaml.SafeLoader)
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise MappingError(f"{file.name}: cannot be read ({error})") from None
    except yaml.YAMLError as error:
        raise MappingError(f"{file.name}:{_line_of(error)}: is no YAML ({getattr(error, 'problem', error)})") from None
    try:
        return MappingFile.model_validate(document)
    except ValidationError as error:
        lines = dict(_lines(root))
        raise MappingError("\n".join(_sentence(file, lines, one) for one in error.errors())) from None


def adapter(file: Path) -> Adapter:
    """The adapter of a file, called as the file is. MappingError names every mistake in it."""
    mapping = load(file)
    return Adapter(
        name=file.stem,
        read=partial(reading.read, mapping),
        path=ROUTE.format(mapping=file.stem),
        route=ROUTE,
        content_types=mapping.content_types,
        appends_id=mapping.appends_id,
        samples=file.with_suffix(""),
    )


def adapters(folder: Path) -> tuple[Adapter, ...]:
    """The adapters of all files of a folder, by name. MappingError names every mistake in every file."""
    made, mistakes = [], []
    for file in _files(folder):
        try:
            made.append(adapter(file))
        except MappingError as error:
            mistakes.append(str(error))
    if mistakes:
        raise MappingError("\n".join(mistakes))
    return tuple(made)


def _files(folder: Path) -> list[Path]:
    # Editors and ConfigMaps keep files of their own that begin with a dot.
    files = sorted(file for file in folder.glob("*.y*ml") if not file.name.startswith("."))
    if len(files) > MAX_FILES:
        raise MappingError(f"{folder} holds {len(files)} mappings; {MAX_FILES} are the most")
    if misnamed := [file.name for file in files if file.suffix != ".yaml"]:
        raise MappingError(f"{misnamed[0]}: names of mappings end with .yaml; rename it")
    return files


def _sentence(file: Path, lines: Mapping[Place, int], error: Any) -> str:
    place = tuple(error["loc"])
    line = next(lines[place[:size]] for size in range(len(place), -1, -1) if place[:size] in lines)
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
    return f"{file.name}:{line}: {field or 'the file'}: {error['msg'].removeprefix('Value error, ')}"


def _lines(node: yaml.Node | None, place: Place = ()) -> Iterator[tuple[Place, int]]:
    if node is None:
        yield place, 1
        return
    yield place, node.start_mark.line + 1
    if isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            yield from _lines(value, (*place, key.value))
    elif isinstance(node, yaml.SequenceNode):
        for index, value in enumerate(node.value):
            yield from _lines(value, (*place, index))


def _line_of(error: yaml.YAMLError) -> int:
    mark = getattr(error, "problem_mark", None)
    return mark.line + 1 if mark else 1
