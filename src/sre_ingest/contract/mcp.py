"""The catalogue of what the contract offers to clients of the Model Context Protocol, made from its image alone.

An rpc is offered if, and only if, its `mcp_expose` or `mcp_resource` option says so. The same image gives the same
catalogue: no clock, no network, everything sorted.
"""

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.descriptor_pool import DescriptorPool

from ameide_core_proto.common.v1 import mcp_pb2
from sre_ingest.contract import comments as told
from sre_ingest.contract import schemas
from sre_ingest.contract.exposure import CONTEXT, SIDES, CatalogueError, check_resource, check_together, check_tool
from sre_ingest.contract.images import fingerprint, own_files
from sre_ingest.contract.version import SCHEMA_VERSION

__all__ = ["CATALOG_VERSION", "LARGE", "CatalogueError", "catalogue", "large", "render"]

Entry: TypeAlias = dict[str, Any]

CATALOG_VERSION = 1
LARGE = 2_000
"""Tokens above which a single tool takes a notable part of a model's attention."""

_SCOPES = ["mcp:tools"]
_CHARACTERS_A_TOKEN = 4


def catalogue(image: FileDescriptorSet) -> Entry:
    """Header, tools by name, and resources by address.

    CatalogueError for an option that contradicts itself or the rest, and for an image that is not the whole contract
    with its imports and comments.
    """
    _check(image)
    tools = _entries(image, mcp_pb2.mcp_expose, _tool)
    resources = _entries(image, mcp_pb2.mcp_resource, _resource)
    check_together((tool["name"] for tool in tools), (resource["uriTemplate"] for resource in resources))
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


def _check(image: FileDescriptorSet) -> None:
    own = own_files(image)
    if not own:
        raise CatalogueError("the image holds no file of the contract; build it from the contract's folder")
    if not any(file.source_code_info.location for file in own):
        raise CatalogueError(
            "the image holds no comments; build it again without --exclude-source-info, or, if it was built with "
            "protoc, with --include_source_info"
        )


def _entries(
    image: FileDescriptorSet,
    extension: Any,
    entry: Callable[[MethodDescriptor, Any, Mapping[str, str]], Entry],
) -> list[Entry]:
    comments, made = told.read(image), []
    for method in _methods(image):
        options: Any = method.GetOptions()
        if options.HasExtension(extension):
            try:
                made.append(entry(method, options.Extensions[extension], comments))
            except schemas.SchemaError as error:
                raise CatalogueError(f"{method.full_name} cannot be offered: {error}") from None
    return made


def _methods(image: FileDescriptorSet) -> Iterator[MethodDescriptor]:
    pool = _pool(image)
    for file in own_files(image):
        for service in pool.FindFileByName(file.name).services_by_name.values():
            yield from service.methods


def _pool(image: FileDescriptorSet) -> DescriptorPool:
    pool = DescriptorPool()
    try:
        for file in image.file:
            pool.Add(file)
    except TypeError as error:
        raise CatalogueError(f"the image is not complete; build it with its imports ({error})") from None
    return pool


def _description(method: MethodDescriptor, written: str, comments: Mapping[str, str]) -> str:
    found = written or comments[method.full_name]
    if not found:
        raise CatalogueError(f"{method.full_name} has neither a description nor a comment; write one")
    return found


def _tool(method: MethodDescriptor, option: mcp_pb2.McpExpose, comments: Mapping[str, str]) -> Entry:
    check_tool(method, option)
    return {
        "name": option.tool_name,
        "description": _description(method, option.description, comments),
        "rpc": method.full_name,
        "cqrs": SIDES[option.kind],
        "annotations": {
            "readOnlyHint": option.hints.read_only,
            "destructiveHint": option.hints.destructive,
            "idempotentHint": option.hints.idempotent,
            "openWorldHint": option.hints.open_world,
        },
        "scopes": sorted(option.required_scopes) or _SCOPES,
        "approval": _approval(option),
        "inputSchema": schemas.of_input(method.input_type, comments, {CONTEXT, *option.hidden_fields}),
        "outputSchema": schemas.of_output(method.output_type, comments),
    }


def _approval(option: mcp_pb2.McpExpose) -> str:
    if option.approval == mcp_pb2.MCP_APPROVAL_UNSPECIFIED:
        return "required" if option.kind == mcp_pb2.MCP_TOOL_KIND_COMMAND else "none"
    return "required" if option.approval == mcp_pb2.MCP_APPROVAL_REQUIRED else "none"


def _resource(method: MethodDescriptor, option: mcp_pb2.McpResource, comments: Mapping[str, str]) -> Entry:
    check_resource(method, option)
    return {
        "uriTemplate": option.uri_pattern,
        "description": _description(method, option.description, comments),
        "mimeType": "application/json",
        "rpc": method.full_name,
        "outputSchema": schemas.of_output(method.output_type, comments),
    }
