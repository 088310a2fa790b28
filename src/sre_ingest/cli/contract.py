"""`contract`: the contract's rules, applied to anybody's records."""

import sys
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.message import DecodeError

from sre_ingest.cli.records import RecordError, judged, read
from sre_ingest.contract import mcp
from sre_ingest.contract.catalogue import INTENTS, STREAMS

app = typer.Typer(no_args_is_help=True)

StreamName = StrEnum("StreamName", {stream.name: stream.name for stream in STREAMS})  # type: ignore[misc]
_INTENTS = StreamName(INTENTS.name)
_STREAMS = {stream.name: stream for stream in STREAMS}


@app.callback()
def _contract() -> None:
    """The contract: its rules, and what follows from it."""


@app.command("validate")
def validate_files(
    files: Annotated[
        list[Path] | None, typer.Argument(metavar="[FILE]...", help="Files to read; - or none is standard input.")
    ] = None,
    stream: Annotated[StreamName, typer.Option(help="What a record is whose headers do not tell.")] = _INTENTS,
) -> None:
    """Check records against the contract: exit code 0 if all are valid, 1 if one is not, 2 if a file cannot be read.

    A file holds one serialized envelope, or a JSON object a line (as `jq -c` writes it) like those that `sre-ingest
    tail` prints: `intent` or `fact`, and if they are to be compared, `key` and `headers`. What is wrong is told with
    its field and the name of the rule, and of a header with both values; a line that is no record with its number. A
    file without any record cannot be read either.
    """
    broken = 0
    for file in files or [Path("-")]:
        for one in judged(file, _STREAMS[stream.value]):
            broken += bool(one.faults)
            print("\n".join(f"{one.place}: {fault}" for fault in one.faults) or f"{one.place}: valid")
    if broken:
        raise typer.Exit(1)


@app.command("mcp-catalog")
def mcp_catalog(
    image: Annotated[Path, typer.Argument(help="Image of the contract with comments, as `buf build` writes it.")],
) -> None:
    """Print what the contract offers to clients of the Model Context Protocol, as JSON.

    Only rpcs with the option `mcp_expose` or `mcp_resource` are offered. The same image gives the same bytes.
    """
    try:
        made = mcp.catalogue(FileDescriptorSet.FromString(read(image)))
    except DecodeError:
        raise RecordError(
            f"{image} is no image of the contract; make one with buf build, as proto/README.md says"
        ) from None
    except mcp.CatalogueError as error:
        raise RecordError(str(error)) from None
    for name, tokens in mcp.large(made).items():
        print(f"{name} takes about {tokens} tokens of a model's attention", file=sys.stderr)
    print(mcp.render(made), end="")
