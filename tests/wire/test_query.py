"""Queries read, one tenant at a time and page by page; few of them are offered to models."""

import re

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor, MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from ameide_core_proto.common.v1 import mcp_pb2
from tests.wire import contract

METHODS = [method for service in contract.services() for method in service.methods]
LISTS = [
    method
    for method in METHODS
    if method.name.startswith(("List", "Search")) and method.containing_service.name != "KnowledgeIndexQueryService"
]
PROJECTIONS = {"FleetHealth", "Incident", "Alert", "SLO", "Runbook", "ServiceCatalog", "Postmortem", "KnowledgeIndex"}
STORES = {"SreIncident", "SreAlert", "SreRunbook", "SreSLO", "SreHealth", "SreService", "SrePostmortem"}
WRITES = ("Create", "Update", "Delete", "Ingest", "Record", "Resolve", "Close")
TOOLS = {
    "sre.getFleetHealth": "FleetHealthQueryService.GetFleetHealth",
    "sre.searchIncidents": "IncidentQueryService.SearchIncidents",
    "sre.getIncidentTimeline": "IncidentQueryService.GetIncidentTimeline",
    "sre.listActiveAlerts": "AlertQueryService.ListActiveAlerts",
    "sre.getSLOBurndown": "SLOQueryService.GetSLOBurndown",
    "sre.searchRunbooks": "RunbookQueryService.SearchRunbooks",
    "sre.getOnCallForResource": "ServiceCatalogQueryService.GetOnCallForResource",
    "sre.searchPostmortems": "PostmortemQueryService.SearchPostmortems",
    "sre.searchPatterns": "KnowledgeIndexQueryService.SearchPatterns",
}
RESOURCES = {
    "sre://incident/{incident_id}": "SreIncidentQueryService.GetIncident",
    "sre://runbook/{runbook_id}": "SreRunbookQueryService.GetRunbook",
    "sre://slo/{slo_id}": "SreSLOQueryService.GetSLO",
}

each_method = pytest.mark.parametrize("method", METHODS, ids=lambda method: method.full_name.rpartition("v1.")[2])


def shape(field: FieldDescriptor) -> tuple[int, str, str, str]:
    """Number, type, label and mark of a field."""
    return field.number, contract.type_of(field), contract.label_of(field), contract.behaviour(field)


def page(message: Descriptor) -> str:
    """Type of the message's field `pagination`, or nothing when it has none."""
    field = message.fields_by_name.get("pagination")
    return contract.type_of(field) if field is not None else ""


def exposed(image: FileDescriptorSet) -> dict[str, mcp_pb2.McpExpose]:
    """The tools of an image, by rpc."""
    found = ((name, method.options) for name, method in contract.rpcs(image))
    return {name: set_.Extensions[mcp_pb2.mcp_expose] for name, set_ in found if set_.HasExtension(mcp_pb2.mcp_expose)}


def addressed(image: FileDescriptorSet) -> dict[str, str]:
    """The resources of an image: address by rpc."""
    found = ((name, method.options) for name, method in contract.rpcs(image))
    return {
        name: set_.Extensions[mcp_pb2.mcp_resource].uri_pattern
        for name, set_ in found
        if set_.HasExtension(mcp_pb2.mcp_resource)
    }


def test_there_are_fifteen_services_with_thirty_nine_rpcs() -> None:
    """Eight services read projections, seven read the owners' own stores."""
    assert {service.name for service in contract.services()} == {f"{name}QueryService" for name in PROJECTIONS | STORES}
    assert len(METHODS) == 39


@each_method
def test_check_57_every_request_begins_with_its_context(method: MethodDescriptor) -> None:
    """Tenant and caller come first, and no query can be asked without them."""
    assert shape(method.input_type.fields_by_name["context"]) == (1, "RequestContext", "singular", "REQUIRED")


@pytest.mark.parametrize("method", LISTS, ids=lambda method: method.full_name.rpartition("v1.")[2])
def test_check_57_every_list_is_read_in_pages(method: MethodDescriptor) -> None:
    """A request for a list names a page, and its answer tells where the next one begins."""
    assert page(method.input_type) == "PaginationRequest"
    assert page(method.output_type) == "PaginationResponse"


def test_check_57_the_knowledge_index_bounds_its_answers_instead() -> None:
    """Searches by meaning have no pages, but every one of them says how many hits it wants."""
    index = [method for method in METHODS if method.containing_service.name == "KnowledgeIndexQueryService"]
    assert {shape(method.input_type.fields_by_name["top_k"])[1] for method in index} == {"int32"}
    assert len(index) == 4


@each_method
def test_check_58_every_rpc_reads(method: MethodDescriptor) -> None:
    """Changes are asked for by intents, so no rpc is named like one."""
    assert not method.name.startswith(WRITES)
    assert method.name.startswith(("Get", "List", "Search"))


@each_method
def test_every_rpc_has_messages_of_its_own(method: MethodDescriptor) -> None:
    """Request and response are named by the rpc, or by service and rpc where two rpcs share a name."""
    twice = [other.name for other in METHODS].count(method.name) > 1
    stem = method.containing_service.name + method.name if twice else method.name
    assert (method.input_type.name, method.output_type.name) == (f"{stem}Request", f"{stem}Response")


def test_the_options_have_their_names_and_numbers() -> None:
    """Both options extend method options under the registered numbers."""
    found = dict(mcp_pb2.DESCRIPTOR.extensions_by_name.items())
    assert {name: extension.number for name, extension in found.items()} == {"mcp_expose": 50110, "mcp_resource": 50111}
    owners = {extension.containing_type.full_name for extension in found.values() if extension.containing_type}
    assert owners == {"google.protobuf.MethodOptions"}


def test_nine_rpcs_are_tools_and_no_others(image: FileDescriptorSet) -> None:
    """An rpc without the option is not offered; at most 20 ever are."""
    assert {tool.tool_name: name for name, tool in exposed(image).items()} == TOOLS
    assert len(TOOLS) == 9


def test_every_tool_reads_and_hides_the_context(image: FileDescriptorSet) -> None:
    """A model gets tools that change nothing, and it never chooses the tenant."""
    for tool in exposed(image).values():
        assert tool.kind == mcp_pb2.MCP_TOOL_KIND_QUERY
        assert tool.approval == mcp_pb2.MCP_APPROVAL_NONE
        assert tool.hints == mcp_pb2.McpHints(read_only=True, idempotent=True)
        assert list(tool.hidden_fields) == ["context"]


def test_three_rpcs_are_resources_and_no_others(image: FileDescriptorSet) -> None:
    """Each address names exactly the fields that its request needs beside the context."""
    assert {uri: name for name, uri in addressed(image).items()} == RESOURCES
    requests = {f"{method.containing_service.name}.{method.name}": method.input_type for method in METHODS}
    for name, uri in addressed(image).items():
        assert ["context", *re.findall(r"{(\w+)}", uri)] == [field.name for field in requests[name].fields]


@each_method
def test_generated_code_holds_no_option_of_an_rpc(method: MethodDescriptor) -> None:
    """Catalogues are made from images, so the options are kept out of running code."""
    assert method.GetOptions().SerializeToString() == b""
