"""From a YAML file to a compiled mapping; every mistake is named with its file, line and field."""

import re
from functools import partial
from pathlib import Path

from pydantic import ValidationError

from adapters.generic.mapping import complaints, places, reading
from adapters.generic.mapping.format import MappingFile
from adapters.generic.mapping.places import FileError, Place
from sre_ingest.sdk.adapter import Adapter, MappingError

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]{0,62}")

ROUTE = "/webhooks/generic/{mapping}"
"""Where the adapters of mappings listen."""
SUFFIX = ".yaml"
"""What the names of their files end with."""
MAX_FILES = 200
"""Mappings of one folder."""
MAX_BYTES = 1 << 20
"""Bytes of one file."""


def load(file: Path) -> MappingFile:
    """Read and compile one file. MappingError names every mistake in it."""
    try:
        document = places.read(_content(file))
    except OSError as error:
        raise MappingError(f"{file}: cannot be read ({error.strerror})") from None
    except FileError as error:
        raise MappingError(_sentence(file, error.line, error.place, error.complaint)) from None
    try:
        return MappingFile.model_validate(document.value)
    except ValidationError as error:
        told = complaints.told(error)
        raise MappingError(
            "\n".join(_sentence(file, document.line(place), place, why) for place, why in told)
        ) from None


def _content(file: Path) -> bytes:
    # A pipe or a device would be waited for, or read, for ever.
    if file.exists() and not file.is_file():
        raise MappingError(f"{file}: is no file")
    if file.stat().st_size > MAX_BYTES:
        raise MappingError(f"{file}: has more than {MAX_BYTES} bytes, which no mapping needs")
    return file.read_bytes()


def adapter(file: Path) -> Adapter:
    """The adapter of a file, called as the file is. MappingError names every mistake in it."""
    if file.suffix != SUFFIX:
        raise MappingError(f"{file}: names of mappings end with {SUFFIX}; rename it")
    if not _NAME.fullmatch(file.stem):
        raise MappingError(
            f"{file}: its name becomes a path and part of every id; use at most 63 small letters, digits, dots, "
            "dashes and underscores, a letter or digit first"
        )
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
    return files


def _sentence(file: Path, line: int, place: Place, complaint: str) -> str:
    field = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place).lstrip(".")
    return f"{file}:{line}: {field + ': ' if field else ''}{complaint}"
