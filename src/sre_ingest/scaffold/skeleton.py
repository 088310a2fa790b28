"""From a name to the files of a new adapter."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path
from string import Template

from sre_ingest.mistakes import Mistake
from sre_ingest.scaffold import project

_TEMPLATES = Path(__file__).with_name("templates")
_SUFFIX = ".template"


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
    """The files of an adapter called `name` in a folder; nothing is written. SkeletonError if one is there already.

    `seen` is the day that a mapping says its bodies were seen on.
    """
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


def _mapping(to: Path, words: dict[str, str]) -> Skeleton:
    file = to / f"{words['name']}.yaml"
    (text,) = _rendered("mapping", to, words).values()
    return Skeleton({file: text} | _rendered("samples", file.with_suffix(""), words), file)


def _room(to: Path, words: dict[str, str]) -> Skeleton:
    package = project.package(to / _module(words["name"]))
    return _package(to / words["name"], words | {"package": package})


def _distribution(to: Path, words: dict[str, str]) -> Skeleton:
    package = f"sre_ingest_{_module(words['name'])}"
    words = words | {"package": package}
    root = to / f"sre-ingest-{words['name']}"
    made = _package(root / package, words)
    return Skeleton(_rendered("distribution", root, words) | made.files, made.tried)


def _package(folder: Path, words: dict[str, str]) -> Skeleton:
    return Skeleton(_rendered("room", folder, words) | _rendered("samples", folder / "samples", words), folder)


def _module(name: str) -> str:
    if not name.isidentifier():
        raise SkeletonError(f"{name} is no name of a Python package; leave out what is neither letter nor digit")
    return name


def _rendered(kind: str, to: Path, words: dict[str, str]) -> dict[Path, str]:
    return {
        to / file.name.removesuffix(_SUFFIX): Template(file.read_text(encoding="utf-8")).substitute(words)
        for file in sorted((_TEMPLATES / kind).iterdir())
    }
