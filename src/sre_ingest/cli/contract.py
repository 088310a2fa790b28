"""`contract`: the contract's rules, applied to anybody's records."""

import json
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import DecodeError

from sre_ingest.contract import mcp
from sre_ingest.contract.catalogue import INTENTS, STREAMS, VARIANTS, Stream
from sre_ingest.contract.validation import Violation, validate, validate_record
from sre_ingest.mistakes import Mistake

app = typer.Typer(no_args_is_help=True)

StreamName = StrEnum("StreamName", {stream.name: stream.name for stream in STREAMS})  # type: ignore[misc]
_INTENTS = StreamName(INTENTS.name)
_STREAMS = {stream.name: stream for stream in STREAMS}


class RecordError(Mistake):
    """What was given is no record, or no image, of the contract. The message says where and why."""


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
    """Check records against the contract: exit code 0 if all are valid, 1 if one is not, 2 if one cannot be read.

    A file holds one serialized envelope, or a JSON object a line as `sre-ingest tail` prints it: `intent` or `fact`,
    and if they are to be compared, `key` and `headers`. What is wrong is told with its field and the name of the rule.
    A file without any record cannot be read either.
    """
    broken = 0
    for file in files or [Path("-")]:
        for place, found in _judged(file, _STREAMS[stream.value]):
            broken += bool(found)
            print("\n".join(f"{place}: {one} [{one.rule}]" for one in found) or f"{place}: valid")
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
        made = mcp.catalogue(FileDescriptorSet.FromString(_read(image)))
    except DecodeError:
        raise RecordError(
            f"{image} is no image of the contract; make one with buf build, as proto/README.md says"
        ) from None
    except mcp.CatalogueError as error:
        raise RecordError(str(error)) from None
    for name, tokens in mcp.large(made).items():
        print(f"{name} takes about {tokens} tokens of a model's attention", file=sys.stderr)
    print(mcp.render(made), end="")


def _judged(file: Path, stream: Stream) -> Iterator[tuple[str, tuple[Violation, ...]]]:
    content = _read(file)
    if not content.strip():
        raise RecordError(f"{file} holds no record")
    # A serialized envelope begins with the tag of its meta, which is a line feed.
    if content[:1] != b"{":
        yield str(file), _envelope(content, stream, str(file))
        return
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            yield f"{file}:{number}", _line(line, stream, f"{file}:{number}")


def _read(file: Path) -> bytes:
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise RecordError(f"{file} cannot be read ({error.strerror})") from None


def _envelope(value: bytes, stream: Stream, place: str) -> tuple[Violation, ...]:
    try:
        return validate(stream.envelope.FromString(value))
    except DecodeError:
        raise RecordError(
            f"{place} is neither JSON nor a {stream.envelope.DESCRIPTOR.name}; name another envelope with --stream"
        ) from None


def _line(line: bytes, stream: Stream, place: str) -> tuple[Violation, ...]:
    try:
        document: dict[str, Any] = json.loads(line)
        headers = {name: value.encode() for name, value in document.get("headers", {}).items()}
        variant = VARIANTS.get(headers.get("ce_type", b"").decode())
        stream = variant.stream if variant else stream
        envelope = ParseDict(document[stream.oneof], stream.envelope(), ignore_unknown_fields=True)
        key = str(document.get("key", "")).encode()
    except (ValueError, TypeError, AttributeError, KeyError, ParseError, RecursionError):
        raise RecordError(
            f"{place} is no record as `sre-ingest tail` prints it: headers are texts, "
            f"and {stream.oneof!r} is a {stream.envelope.DESCRIPTOR.name}"
        ) from None
    return validate_record(key, headers.items(), envelope) if headers else validate(envelope)
