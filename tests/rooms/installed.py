"""The rooms of this installation and their samples."""

from sre_ingest import catalog
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.samples import Sample

ROOMS = list(catalog.installed().values())


def samples_of(room: Adapter) -> list[Sample]:
    """What the room shows of its senders."""
    return samples.find(catalog.samples(room))
