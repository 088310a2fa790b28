"""What the options for tools and resources may not say, and what else keeps a catalogue from being written."""

import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from ameide_core_proto.common.v1 import mcp_pb2
from sre_ingest.contract.images import own_files
from sre_ingest.contract.mcp import CatalogueError, catalogue
from tests.wire import contract, workspace
from tests.wire.workspace import make, replace

QUERY = "v1/query.proto"
TOOL = """
    option (ameide_core_proto.common.v1.mcp_expose) = {
      tool_name: "%s"
      kind: %s
      hints: {read_only: true}
    };"""
UNOFFERED = "rpc ListEnvironmentHealth(ListEnvironmentHealthRequest) returns (ListEnvironmentHealthResponse);"
LONGEST = "sre." + "a" * 60


def offered(tree: Path, name: str, kind: str = "MCP_TOOL_KIND_QUERY") -> FileDescriptorSet:
    """An image in which one more rpc is a tool."""
    option = TOOL % (name, kind)
    replace(tree, QUERY, UNOFFERED, f"{UNOFFERED.removesuffix(';')} {{{option}\n  }}")
    return workspace.build(tree)


def copy(image: FileDescriptorSet) -> FileDescriptorSet:
    """An image that a test may change."""
    found = FileDescriptorSet()
    found.CopyFrom(image)
    return found


def test_check_59_without_options_nothing_is_offered(image: FileDescriptorSet) -> None:
    """The same services without their options make an empty catalogue."""
    bare = copy(image)
    for _, method in contract.rpcs(bare):
        method.ClearField("options")
    empty = catalogue(bare)
    assert (empty["tools"], empty["resources"]) == ([], [])


def test_an_option_makes_a_tool(tree: Path) -> None:
    """What denies is the missing option and nothing else; 64 characters are a name that may be."""
    names = [tool["name"] for tool in catalogue(offered(tree, LONGEST))["tools"]]
    assert len(LONGEST) == 64
    assert LONGEST in names
    assert len(names) == 10


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ('tool_name: "sre.searchRunbooks"', 'tool_name: "searchRunbooks"', "is no name of a tool"),
        ('tool_name: "sre.searchRunbooks"', f'tool_name: "{LONGEST}b"', "at most 64 characters"),
        ('tool_name: "sre.searchRunbooks"', 'tool_name: "sre.searchPatterns"', "is the name of two tools"),
        ('"sre://slo/{slo_id}"', '"sre://slo/{id}"', "names every field of the request"),
        ('"sre://slo/{slo_id}"', '"sre://slo/{slo_id}/{slo_id}"', "names every field of the request, once"),
        ('"sre://slo/{slo_id}"', '"slo {slo_id}"', "is no address"),
    ],
)
def test_an_option_that_cannot_be_is_refused(tree: Path, old: str, new: str, sentence: str) -> None:
    """The generator names the rpc and the remedy instead of writing a catalogue."""
    replace(tree, QUERY, old, new)
    with pytest.raises(CatalogueError, match=sentence):
        catalogue(workspace.build(tree))


def test_a_hidden_field_exists(image: FileDescriptorSet) -> None:
    """A slip of the pen in its name would show a model what was meant to be hidden."""
    changed = copy(image)
    _option(changed, "sre.searchPatterns").hidden_fields.append("top_k")
    (tool,) = [tool for tool in catalogue(changed)["tools"] if tool["name"] == "sre.searchPatterns"]
    assert set(tool["inputSchema"]["properties"]).isdisjoint({"context", "topK"})
    _option(changed, "sre.searchPatterns").hidden_fields.append("symptom")
    with pytest.raises(CatalogueError, match="SearchPatterns hides symptom, which its request does not have"):
        catalogue(changed)


def test_two_resources_have_two_addresses(tree: Path) -> None:
    """Otherwise nobody could tell which rpc to ask."""
    replace(tree, QUERY, "rpc GetRunbook(GetRunbookRequest)", "rpc GetRunbook(GetIncidentRequest)")
    replace(tree, QUERY, '"sre://runbook/{runbook_id}"', '"sre://incident/{incident_id}"')
    with pytest.raises(CatalogueError, match=r"sre://incident/{incident_id} is the name of two resources"):
        catalogue(workspace.build(tree))


def test_a_tool_needs_a_kind_and_honest_hints(tree: Path) -> None:
    """Neither reading nor writing is assumed, and a query cannot be one that changes things."""
    with pytest.raises(CatalogueError, match="without a kind"):
        catalogue(offered(tree, "sre.x", "MCP_TOOL_KIND_UNSPECIFIED"))
    replace(tree, QUERY, "hints: {read_only: true}", "hints: {read_only: true destructive: true}")
    replace(tree, QUERY, "kind: MCP_TOOL_KIND_UNSPECIFIED", "kind: MCP_TOOL_KIND_QUERY")
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
        ("map<string, ResourceRef> resources = 90;", "nested deeper than 2 objects"),
        ("ServiceSelector selector = 90;", "nested deeper than 2 objects"),
        ("SearchPatternsRequest again = 90;", "nested deeper than 2 objects"),
    ],
)
def test_an_input_that_a_model_cannot_fill_in_is_refused(tree: Path, field: str, sentence: str) -> None:
    """A choice, or objects inside objects inside objects, maps included: a request with one more field."""
    selector = "message ServiceSelector { map<string, string> labels = 1; }\n"
    request = "message SearchPatternsRequest {"
    replace(tree, QUERY, request, f"{selector if 'Selector' in field else ''}{request}\n  {field}")
    with pytest.raises(CatalogueError, match=f"SearchPatterns cannot be offered: .*{sentence}"):
        catalogue(workspace.build(tree))


@pytest.mark.parametrize(
    "field", ["SearchPatternsResponse again = 90;", "map<string, SearchPatternsResponse> all = 90;"]
)
def test_an_answer_without_end_is_refused(tree: Path, field: str) -> None:
    """A schema without references cannot tell a message that contains itself."""
    replace(tree, QUERY, "message SearchPatternsResponse {", f"message SearchPatternsResponse {{\n  {field}")
    with pytest.raises(CatalogueError, match=r"SearchPatterns cannot be offered: .*Response contains itself"):
        catalogue(workspace.build(tree))


def test_a_map_tells_what_its_values_are(tree: Path) -> None:
    """Names are free; what they lead to is text, or a number."""
    replace(
        tree, QUERY, "message SearchPatternsRequest {", "message SearchPatternsRequest {\n map<string, int32> m = 90;"
    )
    (tool,) = [tool for tool in catalogue(workspace.build(tree))["tools"] if tool["name"] == "sre.searchPatterns"]
    assert tool["inputSchema"]["properties"]["m"]["description"].endswith("every value is of type integer.")


def test_too_many_tools_are_refused(image: FileDescriptorSet) -> None:
    """A model cannot choose among more than twenty."""
    changed = copy(image)
    for number, (_, method) in enumerate(contract.rpcs(changed)):
        option = method.options.Extensions[mcp_pb2.mcp_expose]
        option.tool_name = f"sre.t{number}"
        option.kind = mcp_pb2.MCP_TOOL_KIND_QUERY
        option.hints.read_only = True
    with pytest.raises(CatalogueError, match="39 tools are offered, and 20 are the most"):
        catalogue(changed)


def _without_comments(image: FileDescriptorSet) -> None:
    for file in image.file:
        file.ClearField("source_code_info")


def _without_imports(image: FileDescriptorSet) -> None:
    own = own_files(image)
    del image.file[:]
    image.file.extend(own)


def _without_one_comment(image: FileDescriptorSet) -> None:
    _option(image, "sre.getFleetHealth").description = ""
    [file] = [file for file in image.file if file.name.endswith("core/v1/query.proto")]
    for place in file.source_code_info.location:
        place.ClearField("leading_comments")


@pytest.mark.parametrize(
    ("damage", "sentence"),
    [
        (_without_comments, "build it again without --exclude-source-info"),
        (_without_one_comment, "GetFleetHealth has neither a description nor a comment; write one\n"),
        (_without_imports, "build it with its imports"),
        (FileDescriptorSet.Clear, "the image holds no file of the contract"),
    ],
)
def test_half_an_image_makes_no_catalogue(
    tmp_path: Path, image: FileDescriptorSet, damage: Callable[[FileDescriptorSet], None], sentence: str
) -> None:
    """The command ends with one sentence, exit code 2, and nothing that could be taken for a catalogue."""
    changed = copy(image)
    damage(changed)
    (tmp_path / "image.binpb").write_bytes(changed.SerializeToString())
    ended = workspace.run(sys.executable, "-m", "sre_ingest", "contract", "mcp-catalog", "image.binpb", cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    assert sentence in ended.stderr
    assert "Traceback" not in ended.stderr


def test_check_59_a_stale_catalogue_fails_the_check(tree: Path) -> None:
    """`make proto-mcp-fresh`, part of `make proto-check`, names the remedy, and the remedy is one."""
    replace(tree, QUERY, "Good for\n  // the first minutes of triage.", "Good for\n  // triage.")
    stale = make(tree, "proto-mcp-fresh")
    assert stale.returncode != 0
    assert "run make proto-mcp" in stale.stdout
    assert make(tree, "proto-mcp").returncode == 0
    assert make(tree, "proto-mcp-fresh").returncode == 0


def _option(image: FileDescriptorSet, tool: str) -> mcp_pb2.McpExpose:
    options = [method.options.Extensions[mcp_pb2.mcp_expose] for _, method in contract.rpcs(image)]
    return next(option for option in options if option.tool_name == tool)
