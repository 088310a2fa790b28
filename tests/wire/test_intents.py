"""The envelope of intents and its 25 members are those of the specification."""

import re
from pathlib import Path

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from tests.wire import contract

TABLE = contract.read_table(Path(__file__).with_name("intents.tsv"))
SPECIFICATION = contract.ROOT.parent / "shared" / "spec" / "526-sre-proto.md"
AGGREGATES = {"Incident", "Alert", "Runbook", "SLO", "HealthCheck", "FleetState", "Service", "Postmortem"}


def snake_case(name: str) -> str:
    """`CreateSLORequested` becomes `create_slo_requested`: a run of capitals is one word."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def envelope() -> Descriptor:
    """The envelope of intents."""
    return contract.message("SreDomainIntent")


def members() -> list[FieldDescriptor]:
    """Members of the envelope's oneof, by number."""
    return sorted(envelope().oneofs_by_name["intent"].fields, key=lambda field: field.number)


def test_our_copy_of_the_table_is_the_specifications() -> None:
    """The committed table of intents is word for word the one in the specification."""
    if not SPECIFICATION.exists():
        pytest.skip("The specification is not part of this checkout; the committed copy of its table stands in.")
    chapter = SPECIFICATION.read_text(encoding="utf-8").split("\n## 6)")[1].split("\n## ")[0]
    assert re.findall(r"^\| `(\w+)` \| (\d+) \| (.+?) \|$", chapter, re.MULTILINE) == TABLE


def test_check_11_the_envelope_has_meta_subject_and_one_oneof() -> None:
    """Field 1 is the metadata, field 2 the subject, and everything else is a member of `intent`."""
    alone = [(field.number, field.name) for field in envelope().fields if field.containing_oneof is None]
    assert alone == [(1, "meta"), (2, "subject")]
    assert [oneof.name for oneof in envelope().oneofs] == ["intent"]


def test_check_12_meta_and_subject_have_the_shared_types() -> None:
    """The envelope speaks in the types that all envelopes share."""
    types = {name: contract.type_of(envelope().fields_by_name[name]) for name in ("meta", "subject")}
    assert types == {"meta": "SreMessageMeta", "subject": "SreSubject"}


def test_check_13_intent_oneof_equals_the_specification() -> None:
    """The oneof holds the specified 25 messages under the specified numbers, and no others."""
    assert len(TABLE) == 25
    assert {(contract.type_of(field), str(field.number)) for field in members()} == {row[:2] for row in TABLE}
    assert len(members()) == 25


def test_check_16_member_names_follow_from_message_names() -> None:
    """The field of a message is named by the message's name in snake case."""
    assert [field.name for field in members()] == [snake_case(contract.type_of(field)) for field in members()]


@pytest.mark.parametrize("message", contract.messages(), ids=lambda message: message.name)
def test_check_17_nothing_is_reserved_and_no_number_is_used_twice(message: Descriptor) -> None:
    """Numbers that were never published stay free, so nothing is reserved in the first version."""
    text = (contract.MODULE_ROOT / message.file.name).read_text(encoding="utf-8")
    assert re.findall(r"^\s*reserved .*;$", text, re.MULTILINE) == []
    assert len({field.number for field in message.fields}) == len(message.fields)


def test_check_26_every_intent_is_a_request() -> None:
    """The name of an intent ends in `Requested`, and only intents live beside the envelope."""
    names = {message.name for message in contract.messages() if message.file.name.endswith("/intents.proto")}
    names.remove("SreDomainIntent")
    assert names == {row[0] for row in TABLE}
    assert [name for name in names if not name.endswith("Requested")] == []


def test_check_37_every_intent_is_about_a_known_aggregate() -> None:
    """The table's aggregates, without their remarks, are the eight kinds of the contract."""
    assert {row[2].split(" (")[0] for row in TABLE} == AGGREGATES
