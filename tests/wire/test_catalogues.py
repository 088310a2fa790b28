"""The three envelopes and their 60 members are those of the specification."""

import re

import pytest
from google.protobuf.descriptor import Descriptor

from tests.wire import contract
from tests.wire.catalogues import ALL, FACTS, INTENTS, PROCESS_FACTS, SPECIFICATION, Catalogue, chapter, snake_case

AGGREGATES = {"Incident", "Alert", "Runbook", "SLO", "HealthCheck", "FleetState", "Service", "Postmortem"}

each_envelope = pytest.mark.parametrize("catalogue", ALL, ids=lambda catalogue: catalogue.envelope)


def pairs(catalogue: Catalogue) -> list[contract.Row]:
    """Message and number of every member of an envelope."""
    return [(contract.type_of(field), str(field.number)) for field in catalogue.members]


def beside(catalogue: Catalogue) -> set[str]:
    """Names of the messages in the envelope's file."""
    return {message.name for message in contract.messages() if message.file.name.endswith(catalogue.proto)}


@each_envelope
@pytest.mark.skipif(not SPECIFICATION.exists(), reason="The specification is not here; our copies stand in for it.")
def test_check_13_14_15_our_copies_of_the_tables_are_the_specifications(catalogue: Catalogue) -> None:
    """The committed tables of members are word for word those in the specification."""
    found = re.findall(r"^\| `(\w+)` \| (\d+) \| (.+?) \|$", chapter(catalogue.chapter), re.MULTILINE)
    assert found == catalogue.table


@each_envelope
def test_check_11_an_envelope_has_meta_subject_and_one_oneof(catalogue: Catalogue) -> None:
    """Field 1 is the metadata, field 2 the subject, and everything else is a member of the one oneof."""
    fields = catalogue.descriptor.fields
    assert [(field.number, field.name) for field in fields if field.containing_oneof is None] == [
        (1, "meta"),
        (2, "subject"),
    ]
    assert contract.type_of(catalogue.descriptor.fields_by_name["meta"]) == "SreMessageMeta"
    assert [oneof.name for oneof in catalogue.descriptor.oneofs] == [catalogue.oneof]


@each_envelope
def test_check_12_the_subject_has_its_type(catalogue: Catalogue) -> None:
    """Domain envelopes speak of an aggregate, the process envelope of a workflow instance."""
    assert contract.type_of(catalogue.descriptor.fields_by_name["subject"]) == catalogue.subject


def test_check_13_intent_oneof_equals_the_specification() -> None:
    """The oneof holds the specified 25 messages under the specified numbers, and no others."""
    assert pairs(INTENTS) == [row[:2] for row in INTENTS.table]
    assert len(INTENTS.members) == INTENTS.size == 25


def test_check_14_fact_oneof_equals_the_specification() -> None:
    """The oneof holds the specified 26 messages under the specified numbers, and no others."""
    assert pairs(FACTS) == [row[:2] for row in FACTS.table]
    assert len(FACTS.members) == FACTS.size == 26


def test_check_15_process_fact_oneof_equals_the_specification() -> None:
    """The oneof holds the specified 9 messages under the specified numbers, and no others."""
    assert pairs(PROCESS_FACTS) == [row[:2] for row in PROCESS_FACTS.table]
    assert len(PROCESS_FACTS.members) == PROCESS_FACTS.size == 9


@each_envelope
def test_check_16_member_names_follow_from_message_names(catalogue: Catalogue) -> None:
    """The field of a message is named by the message's name in snake case."""
    names = [field.name for field in catalogue.members]
    assert names == [snake_case(contract.type_of(field)) for field in catalogue.members]


@pytest.mark.parametrize("message", contract.messages(), ids=lambda message: message.name)
def test_check_17_nothing_is_reserved_and_no_number_is_used_twice(message: Descriptor) -> None:
    """Numbers that were never published stay free, so nothing is reserved in the first version."""
    text = (contract.MODULE_ROOT / message.file.name).read_text(encoding="utf-8")
    assert re.findall(r"^\s*reserved .*;$", text, re.MULTILINE) == []
    assert len({field.number for field in message.fields}) == len(message.fields)


def test_check_26_every_intent_is_a_request() -> None:
    """The name of an intent ends in `Requested`, and only intents live beside the envelope."""
    names = beside(INTENTS) - {INTENTS.envelope}
    assert names == {row[0] for row in INTENTS.table}
    assert [name for name in names if not name.endswith("Requested")] == []


@pytest.mark.parametrize("catalogue", [FACTS, PROCESS_FACTS], ids=lambda catalogue: catalogue.envelope)
def test_check_27_every_fact_has_happened(catalogue: Catalogue) -> None:
    """The name of a fact contains a participle, and only one fact, of a process, sounds like a request."""
    names = [row[0] for row in catalogue.table]
    assert [name for name in names if not any(word.endswith("ed") for word in re.findall("[A-Z][a-z]+", name))] == []
    sounding = [name for name in names if name.endswith("Requested")]
    assert sounding == (["DocumentationRequested"] if catalogue is PROCESS_FACTS else [])


def test_every_fact_lives_beside_its_envelope() -> None:
    """The files of facts hold the envelope, its members, and what only these need."""
    assert beside(FACTS) == {FACTS.envelope} | {row[0] for row in FACTS.table}
    needed = {"SreProcessSubject", "VerificationCheck"}
    assert beside(PROCESS_FACTS) == {PROCESS_FACTS.envelope} | {row[0] for row in PROCESS_FACTS.table} | needed


@pytest.mark.parametrize("catalogue", [INTENTS, FACTS], ids=lambda catalogue: catalogue.envelope)
def test_check_37_every_domain_message_is_about_a_known_aggregate(catalogue: Catalogue) -> None:
    """The table's aggregates, without their remarks, are the eight kinds of the contract."""
    assert {row[2].split(" (")[0] for row in catalogue.table} == AGGREGATES


def test_every_process_fact_is_about_triage() -> None:
    """The first version knows one kind of workflow."""
    assert {row[2] for row in PROCESS_FACTS.table} == {"IncidentTriage"}


@pytest.mark.parametrize("catalogue", [INTENTS, FACTS], ids=lambda catalogue: catalogue.envelope)
def test_the_tens_of_a_number_tell_the_aggregate(catalogue: Catalogue) -> None:
    """All members about one aggregate share the tens of their numbers, health and fleet sharing 50."""
    tens = {(int(row[1]) // 10, row[2].split(" (")[0]) for row in catalogue.table}
    assert len(tens) == len(AGGREGATES)
    assert {aggregate for decade, aggregate in tens if decade == 5} == {"HealthCheck", "FleetState"}
