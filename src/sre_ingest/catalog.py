"""The adapters there are: by entry point, and by file of a mapping. A broken one ends the start; none is left out in
silence.
"""

import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path

from sre_ingest.mistakes import Mistake
from sre_ingest.sdk.adapter import Adapter, Mapper

GROUP = "sre_ingest.adapters"
MAPPERS = "sre_ingest.mappers"


class CatalogError(Mistake):
    """The adapters cannot be used as installed. The message names the one, its distribution, and the remedy."""


@dataclass(frozen=True, slots=True)
class Installed:
    """An adapter and where it came from."""

    adapter: Adapter
    origin: str
    """Name and version of its distribution, as in `sre-ingest 0.1.0`, or the file of a mapping."""


def installed(mappings_dir: Path | None = None) -> dict[str, Adapter]:
    """Every adapter by name, in alphabetical order: those of the distributions, and of each file of a folder of
    mappings, which win over the mappings that are installed.

    CatalogError for a broken, misnamed or doubled one, or if the folder is not there; MappingError for every mistake in
    its files.
    """
    return {name: one.adapter for name, one in origins(mappings_dir).items()}


def origins(mappings_dir: Path | None = None) -> dict[str, Installed]:
    """The same, and where each came from."""
    found: dict[str, Installed] = {}
    for one in _packaged():
        if other := found.get(one.adapter.name):
            raise CatalogError(
                f"{other.origin} and {one.origin} both bring an adapter {one.adapter.name!r}; uninstall one of them, "
                "or give its adapter another name"
            )
        found[one.adapter.name] = one
    for one in () if mappings_dir is None else _mapped(mappings_dir):
        _check_name(one.adapter.name, one.origin, one.adapter.route, found)
        found[one.adapter.name] = one
    return dict(sorted(found.items()))


def check_name(name: str, origin: str, route: str = "") -> None:
    """CatalogError if what `origin` says has the name of an installed adapter of another kind, with which the gateway
    would not start. `route` is the template of its path, as mappings have one.
    """
    _check_name(name, origin, route, {one.adapter.name: one for one in _packaged()})


def _check_name(name: str, origin: str, route: str, found: Mapping[str, Installed]) -> None:
    if (other := found.get(name)) and other.adapter.route != route:
        raise CatalogError(f"{origin}: {name} is the name of an adapter of {other.origin} already; choose another")


def _packaged() -> Iterator[Installed]:
    for entry in sorted(entry_points(group=GROUP)):
        distribution = _distribution(entry)
        for adapter in _load(entry, distribution):
            yield Installed(adapter, distribution)


def _mapped(folder: Path) -> Iterator[Installed]:
    if not folder.is_dir():
        raise CatalogError(f"mappings_dir: {folder} is no folder; put your mappings there, or correct the setting")
    by = mapper()
    for adapter in by.compile_folder(folder):
        yield Installed(adapter, str(folder / f"{adapter.name}{by.suffix}"))


def _distribution(entry: EntryPoint) -> str:
    return f"{entry.dist.name} {entry.dist.version}" if entry.dist else "an unknown distribution"


def _load(entry: EntryPoint, distribution: str) -> tuple[Adapter, ...]:
    """What an entry point names: one adapter, called as it is, or a tuple of them."""
    try:
        loaded = entry.load()
    except Exception as error:
        raise CatalogError(
            f"adapter {entry.name!r} of {distribution} ({entry.value}) cannot be imported "
            f"({type(error).__name__}: {error}); mend or uninstall that distribution"
        ) from error
    if isinstance(loaded, tuple) and all(isinstance(one, Adapter) for one in loaded):
        return loaded
    if not isinstance(loaded, Adapter) or loaded.name != entry.name:
        raise CatalogError(
            f"{entry.value} of {distribution} is not an Adapter named {entry.name!r}; correct its entry point"
        )
    return (loaded,)


def mapper() -> Mapper:
    """What makes adapters of users' files. CatalogError unless exactly one is installed."""
    entries = entry_points(group=MAPPERS)
    if len(entries) != 1:
        raise CatalogError(f"{len(entries)} installed packages bring a mapper; install exactly one")
    (entry,) = entries
    loaded = entry.load()
    if not isinstance(loaded, Mapper):
        raise CatalogError(f"{entry.value} is no Mapper; correct its entry point")
    return loaded


def folder(adapter: Adapter) -> Path:
    """The folder of an adapter's room, where its README is."""
    return Path(str(sys.modules[adapter.read.__module__].__file__)).parent


def samples(adapter: Adapter) -> Path:
    """The folder of an adapter's samples."""
    return adapter.samples or folder(adapter) / "samples"
