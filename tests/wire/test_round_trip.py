"""Nothing of an intent is lost on its way through bytes or JSON."""

import pytest
from google.protobuf import json_format

from ameide_core_proto.sre.core.v1 import intents_pb2
from tests.wire.populate import populate, unset

MEMBERS = [field.name for field in intents_pb2.SreDomainIntent.DESCRIPTOR.oneofs_by_name["intent"].fields]


@pytest.fixture(params=MEMBERS)
def intent(request: pytest.FixtureRequest) -> intents_pb2.SreDomainIntent:
    """An envelope with every field set, once for every member."""
    filled = intents_pb2.SreDomainIntent()
    populate(filled, request.param)
    assert unset(filled, request.param) == []
    assert filled.WhichOneof("intent") == request.param
    return filled


def test_check_54_json_round_trip_is_lossless(intent: intents_pb2.SreDomainIntent) -> None:
    """Written as JSON and read again, an intent with every field set is the same."""
    text = json_format.MessageToJson(intent)
    assert json_format.Parse(text, intents_pb2.SreDomainIntent()) == intent


def test_check_54_json_with_proto_names_round_trip_is_lossless(intent: intents_pb2.SreDomainIntent) -> None:
    """The same holds for JSON that spells the fields as the contract does."""
    text = json_format.MessageToJson(intent, preserving_proto_field_name=True)
    assert json_format.Parse(text, intents_pb2.SreDomainIntent()) == intent


def test_check_50_bytes_round_trip_is_lossless_and_stable(intent: intents_pb2.SreDomainIntent) -> None:
    """Bytes parse as the envelope, and writing them again gives the same bytes."""
    value = intent.SerializeToString(deterministic=True)
    parsed = intents_pb2.SreDomainIntent.FromString(value)
    assert parsed == intent
    assert parsed.SerializeToString(deterministic=True) == value
