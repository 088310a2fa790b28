"""The catalogue of what the contract offers to clients of the Model Context Protocol, made from its image alone.

An rpc is offered if, and only if, its `mcp_expose` or `mcp_resource` option says so. The same image gives the same
catalogue: no clock, no network, everything sorted.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, TypeAlias

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet, MethodDescriptorProto
from google.protobuf.descriptor_pool import DescriptorPool

from ameide_core_proto.common.v1 import mcp_pb2
from sre_ingest.contract import comments as told
from sre_ingest.contract import schemas
from sre_ingest.contract.images import fingerprint, own_files
from sre_ingest.contract.version import SCHEMA_VERSION

Entry: TypeAlias = dict[str, Any]

CATALOG_VERSION = 1
MAX_TOOLS = 20
"""More than a model can choose from with any certainty."""
LARGE = 2_000
"""Tokens above which a single tool takes a notable part of a model's attention."""

_NAME = re.compile(r"sre\.[a-z][A-Za-z0-9]*")
_CONTEXT = "context"
_SCOPES = ["mcp:tools"]
_SIDES = {mcp_pb2.MCP_TOOL_KIND_QUERY: "query", mcp_pb2.MCP_TOOL_KIND_COMMAND: "command"}
_CHARACTERS_A_TOKEN = 4


class CatalogueError(ValueError):
    """An rpc is offered in a way that cannot be. The message names the rpc and the remedy."""


def catalogue(image: FileDescriptorSet) -> Entry:
    """Header, tools by name, and resources by address. CatalogueError for an option that contradicts itself or the
    rest.
    """
    methods, comments = list(_methods(image)), told.read(image)
    tools = [_tool(method, options, comments) for method, options in methods if _offered(options, mcp_pb2.mcp_expose)]
    resources = [
        _resource(method, options, comments) for method, options in methods if _offered(options, mcp_pb2.mcp_resource)
    ]
    names = [tool["name"] for tool in tools]
    if twice := sorted({name for name in names if names.count(name) > 1}):
        raise CatalogueError(f"{', '.join(twice)} is the name of two tools; give each its own")
    if len(tools) > MAX_TOOLS:
        raise CatalogueError(f"{len(tools)} tools are offered, and {MAX_TOOLS} are the most; take some back")
    return {
        "catalog_version": CATALOG_VERSION,
        "proto_schema_version": SCHEMA_VERSION,
        "descriptor_sha256": fingerprint(image),
        "tools": sorted(tools, key=lambda tool: str(tool["name"])),
        "resources": sorted(resources, key=lambda resource: str(resource["uriTemplate"])),
    }


def render(made: Entry) -> str:
    """A catalogue as canonical JSON."""
    return json.dumps(made, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def large(made: Entry) -> dict[str, int]:
    """Tools that take more than LARGE tokens, each with an estimate of how many."""
    sizes = {tool["name"]: len(json.dumps(tool)) // _CHARACTERS_A_TOKEN for tool in made["tools"]}
    return {name: size for name, size in sizes.items() if size > LARGE}


def _methods(image: FileDescriptorSet) -> Iterator[tuple[MethodDescriptor, MethodDescriptorProto]]:
    pool = DescriptorPool()
    for file in image.file:
        pool.Add(file)
    for file in own_files(image):
        for service in file.service:
            found = pool.FindServiceByName(f"{file.package}.{service.name}")
            for method in service.method:
                yield found.methods_by_name[method.name], method


def _offered(method: MethodDescriptorProto, option: Any) -> bool:
    return method.options.HasExtension(option)


def _tool(method: MethodDescriptor, written: MethodDescriptorProto, comments: Mapping[str, str]) -> Entry:
    option = written.options.Extensions[mcp_pb2.mcp_expose]
    _check(method, option)
    description = option.description or comments[method.full_name]
    if not description:
        raise CatalogueError(f"{method.full_name} has neither a description nor a comment; write one")
    needs_approval = option.approval == mcp_pb2.MCP_APPROVAL_REQUIRED or (
        option.approval == mcp_pb2.MCP_APPROVAL_UNSPECIFIED and option.kind == mcp_pb2.MCP_TOOL_KIND_COMMAND
    )
    try:
        given = schemas.of_input(method.input_type, comments, {_CONTEXT, *option.hidden_fields})
    except schemas.SchemaError as error:
        raise CatalogueError(f"{method.full_name} cannot be a tool: {error}") from None
    return {
        "name": option.tool_name,
        "description": description,
        "rpc": method.full_name,
        "cqrs": _SIDES[option.kind],
        "annotations": {
            "readOnlyHint": option.hints.read_only,
            "destructiveHint": option.hints.destructive,
            "idempotentHint": option.hints.idempotent,
            "openWorldHint": option.hints.open_world,
        },
        "scopes": sorted(option.required_scopes) or _SCOPES,
        "approval": "required" if needs_approval else "none",
        "inputSchema": given,
        "outputSchema": schemas.of_output(method.output_type, comments),
    }


def _check(method: MethodDescriptor, option: mcp_pb2.McpExpose) -> None:
    if not _NAME.fullmatch(option.tool_name):
        raise CatalogueError(
            f"{method.full_name}: {option.tool_name!r} is no name of a tool; write it like sre.getThing"
        )
    if option.kind not in _SIDES:
        raise CatalogueError(f"{method.full_name} is offered without a kind; say QUERY or COMMAND")
    if option.kind == mcp_pb2.MCP_TOOL_KIND_QUERY and (option.hints.destructive or not option.hints.read_only):
        raise CatalogueError(f"{method.full_name} is a query, so its hints are read_only and not destructive")


def _resource(method: MethodDescriptor, written: MethodDescriptorProto, comments: Mapping[str, str]) -> Entry:
    option = written.options.Extensions[mcp_pb2.mcp_resource]
    names = set(re.findall(r"{(\w+)}", option.uri_pattern))
    if not names or names != {field.name for field in method.input_type.fields} - {_CONTEXT}:
        raise CatalogueError(f"{method.full_name}: the address of a resource names every field of the request, once")
    return {
        "uriTemplate": option.uri_pattern,
        "description": option.description or comments[method.full_name],
        "mimeType": "application/json",
        "rpc": method.full_name,
        "outputSchema": schemas.of_output(method.output_type, comments),
    }
