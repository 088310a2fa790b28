"""JSON schemas that a room publishes for its senders."""

import re
from dataclasses import dataclass
from pathlib import Path

_NAME = re.compile(r"[a-z0-9-]+\.v[0-9]+\.schema\.json", re.ASCII)


@dataclass(frozen=True, slots=True)
class Schema:
    """A JSON schema, draft 2020-12, whose references lead to its own `$defs` alone."""

    name: str
    """What it describes, its version and `schema.json`, such as `generic.v1.schema.json`; the same in file and URL."""
    text: bytes
    """As it stands in the file."""

    def __post_init__(self) -> None:
        """ValueError if the name does not tell the version."""
        if not _NAME.fullmatch(self.name):
            raise ValueError(f"{self.name!r} is no name of a schema; call it like events.v1.schema.json")

    @property
    def stem(self) -> str:
        """What it describes and its version, such as `generic.v1`."""
        return self.name.removesuffix(".schema.json")


def load(path: Path) -> Schema:
    """Read a schema that lies beside its room."""
    return Schema(path.name, path.read_bytes())
