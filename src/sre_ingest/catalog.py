"""The adapters that are installed, found by entry point. A broken one ends the start; none is left out in silence."""

import sys
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
    distribution: str
    """Name and version of the distribution, as in `sre-ingest 0.1.0`."""


def installed() -> dict[str, Adapter]:
    """Every installed adapter by name, in alphabetical order. CatalogError for a broken, misnamed or doubled one."""
    return {name: one.adapter for name, one in origins().items()}


def origins() -> dict[str, Installed]:
    """The same, and where each came from."""
    found: dict[str, Installed] = {}
    for entry in sorted(entry_points(group=GROUP)):
        distribution = _distribution(entry)
        for adapter in _load(entry, distribution):
            if other := found.get(adapter.name):
                raise CatalogError(
                    f"{other.distribution} and {distribution} both bring an adapter {adapter.name!r}; "
                    "uninstall one of them, or give its adapter another name"
                )
            found[adapter.name] = Installed(adapter, distribution)
    return dict(sorted(found.items()))


def assembled(mappings_dir: Path | None) -> dict[str, Adapter]:
    """Every installed adapter, and those of the mappings of a folder, which win over the mappings that are installed.

    CatalogError if the folder is not there or a file takes the name of an adapter that is no mapping; MappingError for
    every mistake in its files.
    """
    adapters = installed()
    if mappings_dir is None:
        return adapters
    if not mappings_dir.is_dir():
        raise CatalogError(f"mappings_dir: {mappings_dir} is no folder; create it, or correct the setting")
    for adapter in mapper().compile_folder(mappings_dir):
        if adapter.path != adapters.get(adapter.name, adapter).path:
            raise CatalogError(f"mappings_dir: {adapter.name!r} is the name of an installed adapter; rename the file")
        adapters[adapter.name] = adapter
    return dict(sorted(adapters.items()))


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
