"""What a room promises by example: every sample has one golden, and the room still says exactly that."""

import pytest

from sre_ingest import catalog
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.samples import Sample
from tests.goldens import assert_golden
from tests.rooms.installed import ROOMS, samples_of

SAMPLES = [pytest.param(room, one, id=f"{room.name}/{one.name}") for room in ROOMS for one in samples_of(room)]


@pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
def test_a_room_has_samples_and_no_strays(room: Adapter) -> None:
    """A golden without a sample proves nothing, and two samples of one name would share a golden."""
    assert samples_of(room)
    assert samples.strays(catalog.samples(room)) == []


@pytest.mark.parametrize(("room", "sample"), SAMPLES)
def test_a_sample_is_read_as_its_golden_says(room: Adapter, sample: Sample) -> None:
    """Exactly one of the two goldens stands beside the sample, and it holds what the room makes of it."""
    golden, text = samples.outcome(room, sample)
    other = sample.rejected if golden == sample.expected else sample.expected

    assert not other.exists(), f"{other.name} contradicts what the room says now: remove it"
    assert_golden(golden, text)
