"""The catalogue for clients of the Model Context Protocol: default deny, fit to be filled in, the same every time."""

import json
import re
import sys
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from ameide_core_proto.common.v1 import mcp_pb2
from sre_ingest.contract import comments, mcp
from sre_ingest.contract.images import own_files
from sre_ingest.contract.mcp import CatalogueError, catalogue, render
from sre_ingest.contract.version import SCHEMA_VERSION
from tests.wire import workspace

COMMITTED = workspace.PROTO / "mcp-catalog.json"
QUERY = "v1/query.proto"
TOOL = """
    option (ameide_core_proto.common.v1.mcp_expose) = {
      tool_name: "%s"
      kind: %s
      hints: {read_only: true}
    };"""
UNOFFERED = "rpc ListEnvironmentHealth(ListEnvironmentHealthRequest) returns (ListEnvironmentHealthResponse);"
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


def offered(tree: Path, name: str, kind: str = "MCP_TOOL_KIND_QUERY") -> FileDescriptorSet:
    """An image in which one more rpc is a tool."""
    option = TOOL % (name, kind)
    workspace.replace(tree, QUERY, UNOFFERED, f"{UNOFFERED.removesuffix(';')} {{{option}\n  }}")
    return workspace.build(tree)


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
    written = {
        f"{file.package}.{service.name}.{method.name}": method.options.SerializeToString()
        for file in own_files(image)
        for service in file.service
        for method in service.method
    }
    assert offered_rpcs == {name for name, option in written.items() if option}
    assert (len(made["tools"]), len(made["resources"]), len(written)) == (9, 3, 39)
    assert len(made["tools"]) <= mcp.MAX_TOOLS == 20


def test_without_options_nothing_is_offered(image: FileDescriptorSet) -> None:
    """The same services without their options make an empty catalogue."""
    bare = FileDescriptorSet()
    bare.CopyFrom(image)
    for file in own_files(bare):
        for service in file.service:
            for method in service.method:
                method.ClearField("options")
    empty = catalogue(bare)
    assert (empty["tools"], empty["resources"]) == ([], [])


def test_an_option_makes_a_tool(tree: Path) -> None:
    """What denies is the missing option and nothing else."""
    names = [tool["name"] for tool in catalogue(offered(tree, "sre.listEnvironmentHealth"))["tools"]]
    assert "sre.listEnvironmentHealth" in names
    assert len(names) == 10


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


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('tool_name: "sre.searchRunbooks"', 'tool_name: "searchRunbooks"', "is no name of a tool"),
        ('tool_name: "sre.searchRunbooks"', 'tool_name: "sre.searchPatterns"', "is the name of two tools"),
        ('"sre://slo/{slo_id}"', '"sre://slo/{id}"', "names every field of the request"),
    ],
)
def test_an_option_that_cannot_be_is_refused(tree: Path, old: str, new: str, sentence: str) -> None:
    """The generator names the rpc and the remedy instead of writing a catalogue."""
    workspace.replace(tree, QUERY, old, new)
    with pytest.raises(CatalogueError, match=sentence):
        catalogue(workspace.build(tree))


def test_a_tool_needs_a_kind_and_honest_hints(tree: Path) -> None:
    """Neither reading nor writing is assumed, and a query cannot be one that changes things."""
    with pytest.raises(CatalogueError, match="without a kind"):
        catalogue(offered(tree, "sre.x", "MCP_TOOL_KIND_UNSPECIFIED"))
    workspace.replace(tree, QUERY, "hints: {read_only: true}", "hints: {read_only: true destructive: true}")
    workspace.replace(tree, QUERY, "kind: MCP_TOOL_KIND_UNSPECIFIED", "kind: MCP_TOOL_KIND_QUERY")
    with pytest.raises(CatalogueError, match="read_only and not destructive"):
        catalogue(workspace.build(tree))


def test_a_command_asks_for_approval(tree: Path) -> None:
    """Where nobody says otherwise."""
    tools = {tool["name"]: tool for tool in catalogue(offered(tree, "sre.x", "MCP_TOOL_KIND_COMMAND"))["tools"]}
    assert (tools["sre.x"]["cqrs"], tools["sre.x"]["approval"]) == ("command", "required")


@pytest.mark.parametrize(
    ("field", "sentence"),
    [
        ("oneof choice { string one = 90; string other = 91; }", "part of a oneof"),
        ("optional string perhaps = 90;", "part of a oneof"),
        ("Incident incident = 90;", "nested deeper than 2 objects"),
    ],
)
def test_an_input_that_a_model_cannot_fill_in_is_refused(tree: Path, field: str, sentence: str) -> None:
    """A choice, or objects inside objects inside objects: the fixture is a request with one more field."""
    workspace.replace(tree, QUERY, "message SearchPatternsRequest {", f"message SearchPatternsRequest {{\n  {field}")
    with pytest.raises(CatalogueError, match=f"SearchPatterns cannot be a tool: .*{sentence}"):
        catalogue(workspace.build(tree))


def test_too_many_tools_are_refused(tree: Path) -> None:
    """A model cannot choose among more than twenty."""
    image = workspace.build(tree)
    for file in own_files(image):
        for service in file.service:
            for number, method in enumerate(service.method):
                if not method.options.HasExtension(mcp_pb2.mcp_expose):
                    option = method.options.Extensions[mcp_pb2.mcp_expose]
                    option.tool_name = f"sre.tool{service.name}{number}"
                    option.kind = mcp_pb2.MCP_TOOL_KIND_QUERY
                    option.hints.read_only = True
    with pytest.raises(CatalogueError, match="39 tools are offered, and 20 are the most"):
        catalogue(image)


def test_large_tools_are_told(made: dict[str, Any]) -> None:
    """About four characters a token; the two that carry whole incidents and postmortems are over the mark."""
    assert set(mcp.large(made)) == {"sre.searchIncidents", "sre.searchPostmortems"}


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
