"""From a name to the files of a new adapter."""

import keyword
import re
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from string import Template

from sre_ingest.mistakes import Mistake
from sre_ingest.scaffold import project

_TEMPLATES = Path(__file__).with_name("templates")
_SUFFIX = ".template"
_PACKAGE, _MAPPING = r"[a-z][a-z0-9]{0,40}", r"[a-z][a-z0-9-]{0,40}"
"""How a package may be called that is an adapter, and how a mapping."""


class Kind(StrEnum):
    """What an adapter can be made as."""

    MAPPING = "mapping"
    """One file, no code."""
    ROOM = "room"
    """A package beside others, in a distribution that exists."""
    DISTRIBUTION = "distribution"
    """A package in a distribution of its own."""


class SkeletonError(Mistake):
    """Nothing can be written under this name. The message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Skeleton:
    """The files of a new adapter."""

    files: dict[Path, str]
    tried: Path
    """What `adapters test` is to be given."""


def skeleton(kind: Kind, name: str, to: Path, seen: date) -> Skeleton:
    """The files of an adapter called `name` in a folder; nothing is written. SkeletonError if one of them is there
    already, or the name is none for an adapter.

    `seen` is the day that a mapping says its bodies were seen on.
    """
    _check_name(kind, name)
    words = {"name": name, "title": name.capitalize(), "seen": seen.isoformat()}
    made = {Kind.MAPPING: _mapping, Kind.ROOM: _room, Kind.DISTRIBUTION: _distribution}[kind](to, words)
    if there := next((path for path in (made.tried, *made.files) if path.exists()), None):
        raise SkeletonError(f"{there} is there already; choose another name or folder")
    return made


def write(made: Skeleton) -> None:
    """Write the files, with the folders that they need. SkeletonError if that cannot be done."""
    try:
        for path, text in made.files.items():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SkeletonError(f"{error.filename} cannot be written ({error.strerror}); choose another folder") from None


def _check_name(kind: Kind, name: str) -> None:
    if keyword.iskeyword(name) or not re.fullmatch(_MAPPING if kind is Kind.MAPPING else _PACKAGE, name):
        raise SkeletonError(
            f"{name} cannot be the name of an adapter: begin with a small letter, and go on with small letters and "
            "digits, 41 characters at most; only a mapping may have hyphens, and none may be a keyword of Python"
        )


def _mapping(to: Path, words: dict[str, str]) -> Skeleton:
    file = to / f"{words['name']}.yaml"
    (text,) = _rendered("mapping", to, words).values()
    return Skeleton({file: text} | _rendered("samples", file.with_suffix(""), words), file)


def _room(to: Path, words: dict[str, str]) -> Skeleton:
    package = project.package(to / words["name"])
    return _package(to / words["name"], words | {"package": package})


def _distribution(to: Path, words: dict[str, str]) -> Skeleton:
    package = f"sre_ingest_{words['name']}"
    words = words | {"package": package}
    root = to / f"sre-ingest-{words['name']}"
    made = _package(root / package, words)
    return Skeleton(_rendered("distribution", root, words) | made.files, made.tried)


def _package(folder: Path, words: dict[str, str]) -> Skeleton:
    return Skeleton(_rendered("room", folder, words) | _rendered("samples", folder / "samples", words), folder)


def _rendered(kind: str, to: Path, words: dict[str, str]) -> dict[Path, str]:
    return {
        to / file.name.removesuffix(_SUFFIX): Template(file.read_text(encoding="utf-8")).substitute(words)
        for file in sorted((_TEMPLATES / kind).iterdir())
    }
