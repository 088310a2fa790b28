"""What a room promises by example: every sample has one golden, and the room still says exactly that."""

import pytest

from sre_ingest.conformance import kit, pairs
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.samples import Sample
from tests.goldens import assert_golden
from tests.rooms.installed import ROOMS, samples_of, subject

SAMPLES = [pytest.param(room, one, id=f"{room.name}/{one.name}") for room in ROOMS for one in samples_of(room)]
PAIRS = [
    pytest.param(room, begin, end, id=f"{room.name}/{begin.name}/{end.name}")
    for room in ROOMS
    for begin, end in pairs.find(samples_of(room))
]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_has_samples_and_no_strays(room: Adapter) -> None:
    """A golden without a sample proves nothing, and two samples of one name would share a golden."""
    assert kit.of_folder(subject(room)).faults == ()


@pytest.mark.parametrize(("room", "sample"), SAMPLES)
def test_a_sample_is_read_as_its_golden_says(room: Adapter, sample: Sample) -> None:
    """Exactly one of the two goldens stands beside it, with what the room makes of it: twice, and in any key order."""
    assert_golden(*samples.outcome(room, sample))
    assert kit.of_sample(room, sample).faults == ()


@pytest.mark.parametrize(("room", "begin", "end"), PAIRS)
def test_what_ends_is_what_began(room: Adapter, begin: Sample, end: Sample) -> None:
    """Samples whose names say that they are one thing have one identity."""
    assert kit.of_pair(room, begin, end).faults == ()
