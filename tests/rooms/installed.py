"""The rooms of this installation and their samples."""

from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import entry_points
from pathlib import Path

from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.samples import Sample

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True, slots=True)
class Room:
    """An installed adapter and its folder."""

    adapter: Adapter
    folder: Path

    @property
    def samples(self) -> list[Sample]:
        """What the room shows of its senders."""
        return samples.find(self.folder / "samples")


def rooms() -> list[Room]:
    """Every installed adapter, by name."""
    found = sorted(entry_points(group="sre_ingest.adapters"), key=lambda entry: entry.name)
    return [Room(entry.load(), Path(str(import_module(entry.module).__file__)).parent) for entry in found]


def room(name: str) -> Room:
    """The room of this name in the source tree, installed or not."""
    module = import_module(f"adapters.{name}")
    return Room(module.adapter, Path(str(module.__file__)).parent)
