"""Numbers, names, types and marks that readers and writers out there rely on. The wire is for ever."""

import re

import pytest
from google.protobuf.descriptor import EnumDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tests.wire import contract, goldens
from tests.wire.catalogues import SPECIFICATION, chapter, snake_case

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
PROCESS_SUBJECT = [
    ("1", "workflow_type", "string", "REQUIRED"),
    ("2", "workflow_id", "string", "REQUIRED"),
    ("3", "incident_id", "string", "REQUIRED"),
    ("4", "process_run_id", "string", "-"),
    ("5", "process_definition_id", "string", "-"),
    ("6", "run_epoch", "int64", "-"),
    ("7", "seq", "int64", "-"),
]
REQUIRED_META = {
    "message_id",
    "schema_version",
    "tenant_id",
    "occurred_at",
    "producer",
    "correlation_id",
    "traceparent",
}
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
    assert list(contract.field_rows()) == contract.read_table(goldens.path("fields"))


def test_check_25_every_enum_value_is_as_it_was_published() -> None:
    """Number and name of every value of every enum equal the committed table."""
    assert list(contract.enum_rows()) == contract.read_table(goldens.path("enums"))


def test_every_rpc_is_as_it_was_published() -> None:
    """Service, name, request and response of every rpc equal the committed table."""
    assert list(contract.method_rows()) == contract.read_table(goldens.path("methods"))


def test_every_option_is_as_it_was_published(image: FileDescriptorSet) -> None:
    """Options of envelopes and rpcs equal the committed table, those that code does not get included."""
    assert list(contract.option_rows(image)) == contract.read_table(goldens.path("options"))


def test_the_golden_tables_are_written_as_they_are_read(image: FileDescriptorSet) -> None:
    """Rewriting the tables without a change of the contract changes no byte of them."""
    for table, rows in goldens.rows(image).items():
        assert goldens.path(table).read_text(encoding="utf-8") == contract.render(goldens.HEADERS[table], rows)


def test_check_18_the_metadata_has_its_numbers_and_types() -> None:
    """The nine specified fields and the actor have the platform's numbers."""
    assert fields("SreMessageMeta") == META


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="The specification is not here; the goldens stand in for it.")
def test_check_18_19_the_metadata_is_the_specifications() -> None:
    """Names, types and marks are those in the specification's table of metadata."""
    table = re.findall(r"^\| `(\w+)` \| (\w+) \| (Yes|No) \|", chapter(3), re.MULTILINE)
    ours = {(name, kind.rsplit(".", 1)[-1], "Yes" if mark == "REQUIRED" else "No") for _, name, kind, mark in META[:-1]}
    assert set(table) == ours


def test_check_19_seven_fields_of_the_metadata_are_required() -> None:
    """What every message must carry is marked; cause, vendor part of the trace and actor may be missing."""
    assert {name for _, name, _, mark in fields("SreMessageMeta") if mark == "REQUIRED"} == REQUIRED_META


def test_check_20_the_subject_has_its_numbers_types_and_marks() -> None:
    """Type and id are required; the version is not, because an intent may carry 0."""
    assert fields("SreSubject") == SUBJECT


def test_check_21_the_process_subject_has_its_numbers_types_and_marks() -> None:
    """Three specified strings come first; what orders facts within a run follows."""
    assert fields("SreProcessSubject") == PROCESS_SUBJECT


def test_check_22_the_resource_reference_has_its_numbers_types_and_marks() -> None:
    """Five strings, numbered from 1 in the specified order."""
    assert fields("ResourceRef") == RESOURCE


@pytest.mark.parametrize(("name", "members"), SPECIFIED_ENUMS.items(), ids=SPECIFIED_ENUMS.keys())
def test_check_23_specified_enums_have_the_specified_members(name: str, members: list[str]) -> None:
    """An enum of the specification has its members, numbered from 1 in the listed order, and the unspecified one."""
    enum = next(enum for enum in contract.enums() if enum.name == name)
    assert [value.name.removeprefix(prefix(enum)) for value in enum.values] == ["UNSPECIFIED", *members]
    assert [value.number for value in enum.values] == list(range(len(members) + 1))


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="The specification is not here; our copy stands in for it.")
def test_check_23_our_copy_of_the_enums_is_the_specifications() -> None:
    """The list of members above is the one in the specification."""
    found = re.findall(r"^- `(\w+)` — ([A-Z_, ]+)$", chapter(5), re.MULTILINE)
    assert {name: members.split(", ") for name, members in found} == SPECIFIED_ENUMS


@pytest.mark.parametrize("enum", contract.enums(), ids=lambda enum: enum.name)
def test_check_24_zero_means_unspecified_and_every_value_has_the_prefix(enum: EnumDescriptor) -> None:
    """Zero is `<PREFIX>_UNSPECIFIED`, no two values share a number, and all names begin alike."""
    assert enum.values_by_number[0].name == prefix(enum) + "UNSPECIFIED"
    assert [value.name for value in enum.values if not value.name.startswith(prefix(enum))] == []
    assert len(enum.values_by_number) == len(enum.values)
