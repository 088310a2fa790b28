"""Numbers, names, types and marks that readers and writers out there rely on. The wire is for ever."""

import pytest
from google.protobuf.descriptor import EnumDescriptor

from tests.wire import contract, goldens
from tests.wire.test_intents import snake_case

META = [
    ("1", "message_id", "string", "REQUIRED"),
    ("2", "correlation_id", "string", "REQUIRED"),
    ("3", "causation_id", "string", "-"),
    ("4", "occurred_at", "google.protobuf.Timestamp", "REQUIRED"),
    ("5", "producer", "string", "REQUIRED"),
    ("6", "schema_version", "string", "REQUIRED"),
    ("20", "traceparent", "string", "REQUIRED"),
    ("21", "tracestate", "string", "-"),
    ("50", "tenant_id", "string", "REQUIRED"),
    ("52", "actor", "SreActor", "-"),
]
SUBJECT = [
    ("1", "aggregate_type", "string", "REQUIRED"),
    ("2", "aggregate_id", "string", "REQUIRED"),
    ("3", "aggregate_version", "int64", "-"),
]
RESOURCE = [
    ("1", "type", "string", "REQUIRED"),
    ("2", "id", "string", "REQUIRED"),
    ("3", "namespace", "string", "-"),
    ("4", "cluster", "string", "-"),
    ("5", "environment", "string", "-"),
]
SPECIFIED_ENUMS = {
    "Severity": ["CRITICAL", "HIGH", "MEDIUM", "LOW"],
    "IncidentStatus": ["OPEN", "ACKNOWLEDGED", "INVESTIGATING", "MITIGATING", "RESOLVED", "CLOSED"],
    "AlertStatus": ["FIRING", "RESOLVED", "SILENCED", "ACKNOWLEDGED"],
    "HealthStatus": ["HEALTHY", "DEGRADED", "UNHEALTHY", "UNKNOWN"],
    "ServiceTier": ["CRITICAL", "STANDARD", "NON_CRITICAL"],
    "PostmortemStatus": ["DRAFT", "IN_REVIEW", "PUBLISHED"],
}


def fields(name: str) -> list[contract.Row]:
    """Number, name, type and behaviour of a message's fields; all of them are singular."""
    rows = [row for row in contract.field_rows() if row[0] == name]
    assert {row[4] for row in rows} == {"singular"}
    return [(*row[1:4], row[5]) for row in rows]


def prefix(enum: EnumDescriptor) -> str:
    """What the names of an enum's values begin with."""
    return snake_case(enum.name).upper() + "_"


def test_every_field_is_as_it_was_published() -> None:
    """Number, name, type, label and mark of every field of every message equal the committed table."""
    assert list(contract.field_rows()) == contract.read_table(goldens.FIELDS)


def test_check_25_every_enum_value_is_as_it_was_published() -> None:
    """Number and name of every value of every enum equal the committed table."""
    assert list(contract.enum_rows()) == contract.read_table(goldens.ENUMS)


def test_the_golden_tables_are_written_as_they_are_read() -> None:
    """Rewriting the tables without a change of the contract changes no byte of them."""
    assert goldens.FIELDS.read_text() == goldens.render(goldens.FIELDS_HEADER, contract.field_rows())
    assert goldens.ENUMS.read_text() == goldens.render(goldens.ENUMS_HEADER, contract.enum_rows())


def test_check_18_19_the_metadata_has_its_numbers_types_and_marks() -> None:
    """The nine specified fields and the actor have the platform's numbers; seven are marked as required."""
    assert fields("SreMessageMeta") == META
    assert sum(row[3] == "REQUIRED" for row in META) == 7


def test_check_20_the_subject_has_its_numbers_types_and_marks() -> None:
    """Type and id are required; the version is not, because an intent may carry 0."""
    assert fields("SreSubject") == SUBJECT


def test_check_22_the_resource_reference_has_its_numbers_types_and_marks() -> None:
    """Five strings, numbered from 1 in the specified order."""
    assert fields("ResourceRef") == RESOURCE


@pytest.mark.parametrize(("name", "members"), SPECIFIED_ENUMS.items(), ids=SPECIFIED_ENUMS.keys())
def test_check_23_specified_enums_have_the_specified_members(name: str, members: list[str]) -> None:
    """An enum of the specification has its members, numbered from 1 in the listed order, and the unspecified one."""
    enum = next(enum for enum in contract.enums() if enum.name == name)
    assert [value.name.removeprefix(prefix(enum)) for value in enum.values] == ["UNSPECIFIED", *members]
    assert [value.number for value in enum.values] == list(range(len(members) + 1))


@pytest.mark.parametrize("enum", contract.enums(), ids=lambda enum: enum.name)
def test_check_24_zero_means_unspecified_and_every_value_has_the_prefix(enum: EnumDescriptor) -> None:
    """Zero is `<PREFIX>_UNSPECIFIED`, no two values share a number, and all names begin alike."""
    assert enum.values_by_number[0].name == prefix(enum) + "UNSPECIFIED"
    assert [value.name for value in enum.values if not value.name.startswith(prefix(enum))] == []
    assert len(enum.values_by_number) == len(enum.values)
