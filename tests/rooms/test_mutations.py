"""What no sample can show: nothing a sender can send makes a room raise anything but a DeliveryError.

`MUTATIONS` says how many bodies each room is tried with.
"""

import json
import os
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.errors import DeliveryError, NotJson, WrongShape
from tests.rooms.contract import assert_valid
from tests.rooms.installed import ROOMS, samples_of
from tests.rooms.strategies import TEXT, mutated

MUTATIONS = int(os.environ.get("MUTATIONS", "300"))
EVERY_ROOM = pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)


def bodies(room: Adapter) -> list[Any]:
    """The samples that are JSON."""
    found = []
    for sample in samples_of(room):
        with suppress(ValueError):  # some senders post forms and texts
            found.append(json.loads(sample.body.read_bytes()))
    return found


@EVERY_ROOM
def test_a_mutated_body_is_read_or_refused(room: Adapter) -> None:
    """Whatever stands where, the outcome is a valid reading or one of the errors that have an answer."""

    @settings(max_examples=MUTATIONS, deadline=None)
    @given(mutated(bodies(room)))
    def trial(body: Any) -> None:
        with suppress(DeliveryError):
            assert_valid(room.read(samples.delivery(room, json.dumps(body).encode())))

    trial()


@EVERY_ROOM
def test_bytes_that_are_no_document_are_refused(room: Adapter) -> None:
    """Noise is refused with a reason, or is a delivery of nothing: forty bytes are too few for a signal."""

    @settings(max_examples=MUTATIONS // 2, deadline=None)
    @given(st.binary(max_size=40) | TEXT.map(str.encode))
    def trial(body: bytes) -> None:
        with suppress(NotJson, WrongShape):
            assert not room.read(samples.delivery(room, body)).signals

    trial()
