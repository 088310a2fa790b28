"""What a room promises by example: every sample has one golden, and the room still says exactly that.

`UPDATE_GOLDENS=1` writes the goldens anew and fails the run, so that a person reads the difference.
"""

import os
from pathlib import Path

import pytest

from sre_ingest.sdk import samples
from sre_ingest.sdk.samples import Sample
from tests.rooms.installed import ROOT, Room, rooms

ROOMS = [pytest.param(room, id=room.adapter.name) for room in rooms()]
SAMPLES = [
    pytest.param(room, sample, id=f"{room.adapter.name}/{sample.name}") for room in rooms() for sample in room.samples
]


def test_every_folder_is_installed() -> None:
    """A room in the source tree is an adapter of the installation, under its own name."""
    folders = {path.parent.name for path in (ROOT / "adapters").glob("*/__init__.py")}

    assert folders <= {room.adapter.name for room in rooms()}, "install the project: `make test` does it"


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_has_samples_and_no_strays(room: Room) -> None:
    """A golden without a sample proves nothing, and two samples of one name would share a golden."""
    assert room.samples
    assert samples.strays(room.folder / "samples") == []


@pytest.mark.parametrize(("room", "sample"), SAMPLES)
def test_a_sample_is_read_as_its_golden_says(room: Room, sample: Sample) -> None:
    """Exactly one of the two goldens stands beside the sample, and it holds what the room makes of it."""
    golden, text = samples.outcome(room.adapter, sample)
    other = sample.rejected if golden == sample.expected else sample.expected
    if os.environ.get("UPDATE_GOLDENS"):
        _rewrite(golden, other, text)

    assert golden.is_file(), f"{golden.name} is missing: `UPDATE_GOLDENS=1 pytest tests/rooms` writes it"
    assert not other.exists(), f"{other.name} contradicts what the room says now"
    assert golden.read_text(encoding="utf-8") == text


def _rewrite(golden: Path, other: Path, text: str) -> None:
    golden.write_text(text, encoding="utf-8")
    other.unlink(missing_ok=True)
    pytest.fail(f"{golden.name} was written: read the difference, then run without UPDATE_GOLDENS")
