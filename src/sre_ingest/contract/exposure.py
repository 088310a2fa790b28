"""What the options for tools and resources may say of an rpc. What they may not is refused, with the remedy."""

import re
from collections.abc import Iterable

from google.protobuf.descriptor import MethodDescriptor

from ameide_core_proto.common.v1 import mcp_pb2

CONTEXT = "context"
"""The field of every request that the server fills in; no caller ever sees it."""
SIDES = {mcp_pb2.MCP_TOOL_KIND_QUERY: "query", mcp_pb2.MCP_TOOL_KIND_COMMAND: "command"}
MAX_TOOLS = 20
"""More than a model can choose from with any certainty."""

_NAME = re.compile(r"(?=.{1,64}\Z)sre\.[a-z][A-Za-z0-9]*", re.ASCII)
_ADDRESS = re.compile(r"sre://[^\s{}]+({\w+}[^\s{}]*)+", re.ASCII)


class CatalogueError(ValueError):
    """An rpc is offered in a way that cannot be. The message names the rpc and the remedy."""


def check_tool(method: MethodDescriptor, option: mcp_pb2.McpExpose) -> None:
    """Hold one `mcp_expose` to what is written beside it in mcp.proto. Nothing is assumed and nothing made good."""
    if not _NAME.fullmatch(option.tool_name):
        raise CatalogueError(
            f"{method.full_name}: {option.tool_name!r} is no name of a tool; write it like sre.getThing, "
            "in at most 64 characters"
        )
    if option.kind not in SIDES:
        raise CatalogueError(f"{method.full_name} is offered without a kind; say QUERY or COMMAND")
    if option.kind == mcp_pb2.MCP_TOOL_KIND_QUERY and (option.hints.destructive or not option.hints.read_only):
        raise CatalogueError(f"{method.full_name} is a query, so its hints are read_only and not destructive")
    # A name with a slip of the pen would show the very field that it is meant to hide.
    if unknown := sorted(set(option.hidden_fields) - set(method.input_type.fields_by_name)):
        raise CatalogueError(
            f"{method.full_name} hides {', '.join(unknown)}, which its request does not have; correct hidden_fields"
        )


def check_resource(method: MethodDescriptor, option: mcp_pb2.McpResource) -> None:
    """Hold one `mcp_resource` to an address from which every field of the request, the context apart, can be read."""
    named = re.findall(r"{(\w+)}", option.uri_pattern)
    if sorted(named) != sorted(field.name for field in method.input_type.fields if field.name != CONTEXT):
        raise CatalogueError(f"{method.full_name}: the address of a resource names every field of the request, once")
    if not _ADDRESS.fullmatch(option.uri_pattern):
        raise CatalogueError(
            f"{method.full_name}: {option.uri_pattern!r} is no address; write it like sre://thing/{{thing_id}}"
        )


def check_together(tools: Iterable[str], resources: Iterable[str]) -> None:
    """Hold names of tools and addresses of resources to being used once, and the tools to MAX_TOOLS."""
    names = list(tools)
    for what, found in (("two tools", names), ("two resources", list(resources))):
        if twice := sorted({name for name in found if found.count(name) > 1}):
            raise CatalogueError(f"{', '.join(twice)} is the name of {what}; give each its own")
    if len(names) > MAX_TOOLS:
        raise CatalogueError(f"{len(names)} tools are offered, and {MAX_TOOLS} are the most; take some back")
