"""The catalogue for clients of the Model Context Protocol: default deny, true to proto3 JSON, the same every time."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf import json_format, message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import Message
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from sre_ingest.contract import comments, mcp
from sre_ingest.contract.exposure import MAX_TOOLS
from sre_ingest.contract.mcp import catalogue, render
from sre_ingest.contract.version import SCHEMA_VERSION
from tests.wire import contract, workspace
from tests.wire.populate import populate

COMMITTED = workspace.PROTO / "mcp-catalog.json"
KEPT = (FieldDescriptor.CPPTYPE_STRING, FieldDescriptor.CPPTYPE_ENUM)
EXAMPLES: dict[str, dict[str, Any]] = {
    "sre.getFleetHealth": {"environment": "production"},
    "sre.getIncidentTimeline": {"incidentId": "incident-1", "pagination": {"pageSize": 20}},
    "sre.getOnCallForResource": {"resourceRef": {"type": "service", "id": "checkout"}},
    "sre.getSLOBurndown": {"sloId": "checkout-availability"},
    "sre.listActiveAlerts": {"labelFilters": {"team": "payments"}, "severities": ["SEVERITY_CRITICAL"]},
    "sre.searchIncidents": {"query": "disk", "environment": "production", "pagination": {"pageSize": 5}},
    "sre.searchPatterns": {"symptoms": ["disk full"], "topK": 3},
    "sre.searchPostmortems": {"query": "disk"},
    "sre.searchRunbooks": {"query": "disk"},
}


@pytest.fixture(scope="module")
def made(image: FileDescriptorSet) -> dict[str, Any]:
    """The catalogue of the contract as it is."""
    return catalogue(image)


def test_check_59_the_committed_catalogue_is_current(made: dict[str, Any]) -> None:
    """It follows from the .proto files, byte for byte; `make proto-mcp` writes it anew."""
    assert COMMITTED.read_text(encoding="utf-8") == render(made)


def test_check_59_two_runs_give_the_same_bytes(tree: Path) -> None:
    """The command as a process, with two seeds for the order of sets, gives what is committed."""
    workspace.build(tree)
    command = (sys.executable, "-m", "sre_ingest", "contract", "mcp-catalog", str(tree / "image.binpb"))
    for seed in ("1", "2"):
        ended = workspace.run(*command, cwd=tree, PYTHONHASHSEED=seed)
        assert ended.returncode == 0, ended.stderr
        assert ended.stdout == COMMITTED.read_text(encoding="utf-8")


def test_check_59_exposure_is_default_deny(image: FileDescriptorSet, made: dict[str, Any]) -> None:
    """An rpc without an option is in no list, and there are 28 of them; no more than 20 are tools."""
    offered_rpcs = {one["rpc"] for one in [*made["tools"], *made["resources"]]}
    written = {name: method.options.SerializeToString() for name, method in contract.rpcs(image)}
    assert offered_rpcs == {f"ameide_core_proto.sre.core.v1.{name}" for name, option in written.items() if option}
    assert (len(made["tools"]), len(made["resources"]), len(written)) == (9, 3, 39)
    assert len(made["tools"]) <= MAX_TOOLS == 20


def test_the_header_names_the_contract(image: FileDescriptorSet, made: dict[str, Any]) -> None:
    """Version of the catalogue, version of the contract, and the hash that the lock knows; no time, no commit."""
    assert made["catalog_version"] == 1
    assert made["proto_schema_version"] == SCHEMA_VERSION
    lock = (workspace.PROTO / "schema.lock").read_text(encoding="utf-8")
    assert f"{SCHEMA_VERSION} {made['descriptor_sha256']}" in lock.splitlines()
    assert sorted(made) == ["catalog_version", "descriptor_sha256", "proto_schema_version", "resources", "tools"]


def test_every_tool_is_explained_and_only_reads(image: FileDescriptorSet, made: dict[str, Any]) -> None:
    """The comment of its rpc, unless its option says more; a query is marked as one that changes nothing."""
    told = comments.read(image)
    for tool in made["tools"]:
        assert told[tool["rpc"]]
        assert tool["description"] == told[tool["rpc"]]
        assert re.fullmatch(r"sre\.[a-z][A-Za-z0-9]*", tool["name"])
        assert (tool["cqrs"], tool["approval"], tool["scopes"]) == ("query", "none", ["mcp:tools"])
        assert tool["annotations"] == {
            "readOnlyHint": True, "destructiveHint": False, "idempotentHint": True, "openWorldHint": False,
        }  # fmt: skip


def test_schemas_are_in_the_portable_dialect(made: dict[str, Any]) -> None:
    """No references and no combinators at any depth; only a few words are used."""
    words = {
        word for tool in made["tools"] for side in ("inputSchema", "outputSchema") for word in keywords(tool[side])
    }
    assert words <= {
        "type", "properties", "required", "items", "enum", "format", "pattern", "description", "additionalProperties",
    }  # fmt: skip
    for tool in made["tools"]:
        Draft202012Validator.check_schema(tool["inputSchema"])
        Draft202012Validator.check_schema(tool["outputSchema"])
        assert tool["inputSchema"]["additionalProperties"] is False
        assert "context" not in tool["inputSchema"]["properties"]


def test_every_example_is_accepted(made: dict[str, Any]) -> None:
    """One call of each tool; with a field that nobody knows, or a tenant, it is refused."""
    assert {tool["name"] for tool in made["tools"]} == set(EXAMPLES)
    for tool in made["tools"]:
        check = Draft202012Validator(tool["inputSchema"])
        check.validate(EXAMPLES[tool["name"]])
        for extra in ("nonsense", "context"):
            with pytest.raises(ValidationError, match="Additional properties"):
                check.validate(EXAMPLES[tool["name"]] | {extra: {}})


def test_no_object_of_an_input_takes_what_nobody_knows(made: dict[str, Any]) -> None:
    """Also not inside an argument: a misspelt one is told, not passed over."""
    inner = {"sre.getOnCallForResource": "resourceRef", "sre.searchIncidents": "pagination"}
    for tool in (tool for tool in made["tools"] if tool["name"] in inner):
        example, name = EXAMPLES[tool["name"]], inner[tool["name"]]
        with pytest.raises(ValidationError, match="Additional properties"):
            Draft202012Validator(tool["inputSchema"]).validate(example | {name: example[name] | {"nonsense": "x"}})
    closed = [one.get("additionalProperties") for tool in made["tools"] for one in objects(tool["inputSchema"])]
    assert set(closed) == {False}


def test_every_example_is_a_request(made: dict[str, Any]) -> None:
    """What a schema accepts, protobuf reads: names and types are those of proto3 JSON."""
    for tool in made["tools"]:
        json_format.ParseDict(EXAMPLES[tool["name"]], message_factory.GetMessageClass(rpc(tool).input_type)())


def test_every_answer_is_accepted(made: dict[str, Any]) -> None:
    """With every field set, and with every number 0 and every boolean false, which proto3 JSON leaves out."""
    for offered in (*made["tools"], *made["resources"]):
        answer = message_factory.GetMessageClass(rpc(offered).output_type)()
        check = Draft202012Validator(offered["outputSchema"])
        populate(answer)
        check.validate(json_format.MessageToDict(answer))
        clear_numbers(answer)
        check.validate(json_format.MessageToDict(answer))


def test_an_answer_without_what_the_contract_requires_is_refused(made: dict[str, Any]) -> None:
    """Its zeros apart, the schema of an answer still misses an id, a name, a time."""
    (burndown,) = [tool for tool in made["tools"] if tool["name"] == "sre.getSLOBurndown"]
    errors = Draft202012Validator(burndown["outputSchema"]).iter_errors({"slo": {}})
    missed = {error.message.split("'")[1] for error in errors}
    assert {"sloId", "name", "window"} <= missed
    assert "targetPercent" not in missed


def test_types_are_those_of_proto3_json(made: dict[str, Any]) -> None:
    """Times and 64 bits are texts, an enumeration is the list of its words without the one that says nothing."""
    (timeline,) = [tool for tool in made["tools"] if tool["name"] == "sre.getIncidentTimeline"]
    entry = timeline["outputSchema"]["properties"]["entries"]["items"]
    assert entry["properties"]["occurredAt"]["format"] == "date-time"
    assert "TIMELINE_ENTRY_KIND_UNSPECIFIED" not in entry["properties"]["kind"]["enum"]
    assert entry["required"] == sorted(entry["required"])
    (incident,) = [one for one in made["resources"] if one["uriTemplate"] == "sre://incident/{incident_id}"]
    shown = incident["outputSchema"]["properties"]["incident"]["properties"]
    assert shown["version"]["type"] == "string"
    assert shown["labels"]["type"] == "object"
    assert "A map" in shown["labels"]["description"]


def test_large_tools_are_told(made: dict[str, Any]) -> None:
    """About four characters a token; the two that carry whole incidents and postmortems are over the mark."""
    assert set(mcp.large(made)) == {"sre.searchIncidents", "sre.searchPostmortems"}


def rpc(offered: dict[str, Any]) -> MethodDescriptor:
    """The rpc that is offered, as generated code knows it."""
    return next(method for one in contract.services() for method in one.methods if method.full_name == offered["rpc"])


def clear_numbers(message: Message) -> None:
    """Take every number and boolean out of a message, at every depth."""
    for field, value in message.ListFields():
        if field.cpp_type not in (*KEPT, FieldDescriptor.CPPTYPE_MESSAGE) and not field.is_repeated:
            message.ClearField(field.name)
        elif is_ours(field.message_type):
            for inner in value if field.is_repeated else [value]:
                clear_numbers(inner)


def is_ours(message: Descriptor | None) -> bool:
    """Whether the message is one of the contract's, and not the entry of a map."""
    return message is not None and message in contract.messages()


def objects(schema: Any) -> list[Any]:
    """The schema and every object inside it, maps left out: the names of those are free."""
    inner = [*schema.get("properties", {}).values(), *([schema["items"]] if "items" in schema else [])]
    own = [schema] if "properties" in schema else []
    return own + [found for one in inner for found in objects(one)]


def keywords(schema: Any) -> set[str]:
    """The words of a schema at every depth, names of properties left out."""
    found = set(schema)
    for inner in schema.get("properties", {}).values():
        found |= keywords(inner)
    return found | (keywords(schema["items"]) if "items" in schema else set())


def test_the_catalogue_is_json() -> None:
    """Sorted, and readable without us."""
    text = COMMITTED.read_text(encoding="utf-8")
    assert json.dumps(json.loads(text), ensure_ascii=False, indent=2, sort_keys=True) + "\n" == text
