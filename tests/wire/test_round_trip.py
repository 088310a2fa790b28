"""Nothing of an envelope is lost on its way through bytes or JSON."""

import pytest
from google.protobuf import json_format
from google.protobuf.message import Message

from tests.wire.catalogues import ALL, Catalogue
from tests.wire.populate import populate, unset

VARIANTS = [
    pytest.param((catalogue, field.name), id=f"{catalogue.envelope}.{field.name}")
    for catalogue in ALL
    for field in catalogue.members
]


@pytest.fixture(params=VARIANTS)
def envelope(request: pytest.FixtureRequest) -> Message:
    """An envelope with every field set, once for every member of each of the three."""
    catalogue, member = request.param
    assert isinstance(catalogue, Catalogue)
    filled = catalogue.new()
    populate(filled, member)
    assert unset(filled, member) == []
    assert filled.WhichOneof(catalogue.oneof) == member
    return filled


def test_there_are_sixty_variants() -> None:
    """25 intents, 26 facts and 9 process facts travel."""
    assert len(VARIANTS) == 25 + 26 + 9


def test_check_54_json_round_trip_is_lossless(envelope: Message) -> None:
    """Written as JSON and read again, an envelope with every field set is the same."""
    text = json_format.MessageToJson(envelope)
    assert json_format.Parse(text, type(envelope)()) == envelope


def test_check_54_json_with_proto_names_round_trip_is_lossless(envelope: Message) -> None:
    """The same holds for JSON that spells the fields as the contract does."""
    text = json_format.MessageToJson(envelope, preserving_proto_field_name=True)
    assert json_format.Parse(text, type(envelope)()) == envelope


def test_check_50_bytes_round_trip_is_lossless_and_stable(envelope: Message) -> None:
    """Bytes parse as the envelope, and writing them again gives the same bytes."""
    value = envelope.SerializeToString(deterministic=True)
    parsed = type(envelope).FromString(value)
    assert parsed == envelope
    assert parsed.SerializeToString(deterministic=True) == value
