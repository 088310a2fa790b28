"""What is tried."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.samples import Sample


@dataclass(frozen=True, slots=True)
class Subject:
    """An adapter and the folder of its samples."""

    adapter: Adapter
    folder: Path

    @property
    def samples(self) -> list[Sample]:
        """Its samples by name; none if there is no such folder."""
        return samples.find(self.folder) if self.folder.is_dir() else []

    @property
    def documents(self) -> list[Any]:
        """Those of its samples that are JSON."""
        return [json.loads(body) for body in self._bodies() if _is_json(body)]

    @property
    def texts(self) -> list[bytes]:
        """The others, as they are: some senders post forms."""
        return [body for body in self._bodies() if body and not _is_json(body)]

    def _bodies(self) -> list[bytes]:
        return [sample.body.read_bytes() for sample in self.samples]


def _is_json(body: bytes) -> bool:
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
