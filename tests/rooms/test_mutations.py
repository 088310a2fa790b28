"""What no sample can show: nothing a sender can send makes a room raise anything but a refusal.

`MUTATIONS` says how many bodies each room is tried with.
"""

import json
import os
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_ingest.conformance import kit
from sre_ingest.conformance.trial import attempt
from sre_ingest.sdk.adapter import Adapter
from tests.rooms.installed import ROOMS, subject
from tests.rooms.strategies import TEXT, mutated

MUTATIONS = int(os.environ.get("MUTATIONS", "300"))
EVERY_ROOM = pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)


@EVERY_ROOM
def test_a_mutated_body_is_read_or_refused(room: Adapter) -> None:
    """Whatever stands where, the outcome is a valid reading, or one of the two refusals that a room may raise."""

    @settings(max_examples=MUTATIONS, deadline=None)
    @given(mutated(subject(room).documents))
    def trial(body: Any) -> None:
        assert attempt(room, json.dumps(body).encode()).faults == ()

    trial()


@EVERY_ROOM
def test_bytes_that_are_no_document_are_refused(room: Adapter) -> None:
    """Noise is refused with a reason, or is a delivery of nothing: forty bytes are too few for a signal."""

    @settings(max_examples=MUTATIONS // 2, deadline=None)
    @given(st.binary(max_size=40) | TEXT.map(str.encode))
    def trial(body: bytes) -> None:
        trial = attempt(room, body)
        assert (trial.faults, trial.subjects) == ((), set())

    trial()


@EVERY_ROOM
def test_odd_bodies_and_wrong_types_are_read_or_refused(room: Adapter) -> None:
    """Those that the conformance kit tries always, and not by chance."""
    assert kit.of_oddities(subject(room)).faults == ()
    assert kit.of_wrong_types(subject(room)).faults == ()
