"""The rooms of this installation and their samples."""

from sre_ingest import catalog
from sre_ingest.conformance.subject import Subject
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.samples import Sample

ROOMS = list(catalog.installed().values())


def subject(room: Adapter) -> Subject:
    """The room as the conformance kit tries it."""
    return Subject(room, catalog.samples(room))


def samples_of(room: Adapter) -> list[Sample]:
    """What the room shows of its senders."""
    return subject(room).samples
