"""Records in files, as `contract validate` reads and judges them."""

import json
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from google.protobuf.json_format import ParseDict, ParseError
from google.protobuf.message import DecodeError

from sre_ingest.contract.catalogue import VARIANTS, Envelope, Stream
from sre_ingest.contract.cloudevents import bind
from sre_ingest.contract.validation import Rule, Violation, validate, validate_record
from sre_ingest.mistakes import Mistake

Headers = Mapping[str, bytes]


class RecordError(Mistake):
    """What was given is no record, or no image, of the contract. The message says where and why."""


@dataclass(frozen=True, slots=True)
class Judgement:
    """What is to be said of one record."""

    place: str
    """The file, and the line where it holds one record a line."""
    faults: tuple[str, ...]
    """One sentence for each; none: it is valid."""


def judged(file: Path, stream: Stream) -> Iterator[Judgement]:
    """The records of a file, or of standard input for `-`: one serialized envelope, or one JSON object a line.

    A line that is no record has a fault like any other. RecordError when the file as a whole cannot be read.
    """
    content = read(file)
    if not content.strip():
        raise RecordError(f"{file} holds no record")
    # A serialized envelope begins with the tag of its meta, which is a line feed.
    if content[:1] not in b"{[":
        yield Judgement(str(file), _envelope(content, stream, file))
        return
    _check_lines(content, file)
    for number, line in enumerate(content.splitlines(), 1):
        if line.strip():
            yield Judgement(f"{file}:{number}", _line(line, stream))


def read(file: Path) -> bytes:
    """The bytes of a file, or of standard input for `-`. RecordError when it cannot be read."""
    try:
        return sys.stdin.buffer.read() if str(file) == "-" else file.read_bytes()
    except OSError as error:
        raise RecordError(f"{file} cannot be read ({error.strerror})") from None


def _envelope(value: bytes, stream: Stream, file: Path) -> tuple[str, ...]:
    try:
        return tuple(map(_sentence, validate(stream.envelope.FromString(value))))
    except DecodeError:
        raise RecordError(
            f"{file} is neither JSON nor a {stream.envelope.DESCRIPTOR.name}; name another envelope with --stream"
        ) from None


def _check_lines(content: bytes, file: Path) -> None:
    """RecordError for JSON that is laid out over several lines, or a list: each of its lines would be called wrong."""
    if content[:1] == b"[":
        raise RecordError(f"{file} holds a list; write one object a line, as jq -c '.[]' does")
    text = content.decode("utf-8", "replace")
    try:
        _, end = json.JSONDecoder().raw_decode(text)
    except (ValueError, RecursionError):
        return  # the line itself is told
    if "\n" in text[:end]:
        raise RecordError(f"{file} holds a record on several lines; write one object a line, as jq -c does")


def _line(line: bytes, stream: Stream) -> tuple[str, ...]:
    try:
        document = json.loads(line)
    except (ValueError, RecursionError):
        return ("no JSON; write one object a line, as jq -c does",)
    try:
        headers = {name: value.encode() for name, value in document.get("headers", {}).items()}
        variant = VARIANTS.get(headers.get("ce_type", b"").decode())
        key = str(document.get("key", "")).encode()
    except (ValueError, TypeError, AttributeError):
        return ("no record as `sre-ingest tail` prints it: it is an object, and its headers and key are texts",)
    return _record(document, variant.stream if variant else stream, key, headers)


def _record(document: Mapping[str, Any], stream: Stream, key: bytes, headers: Headers) -> tuple[str, ...]:
    name = stream.envelope.DESCRIPTOR.name
    if stream.oneof not in document:
        return (f"no {stream.oneof!r} in it, which a record with a {name} has; name another envelope with --stream",)
    try:
        envelope = ParseDict(document[stream.oneof], stream.envelope(), ignore_unknown_fields=True)
    except (ValueError, TypeError, AttributeError, ParseError, RecursionError):
        return (f"{stream.oneof!r} is no {name} in proto3 JSON; name another envelope with --stream",)
    if not headers:
        return tuple(map(_sentence, validate(envelope)))
    return tuple(_of_record(one, key, headers, envelope) for one in validate_record(key, headers.items(), envelope))


def _of_record(violation: Violation, key: bytes, headers: Headers, envelope: Envelope) -> str:
    if violation.rule is not Rule.HEADER:
        return _sentence(violation)
    bound, expected = bind(envelope)
    wanted, found = {**dict(expected), "key": bound}, {**headers, "key": key}
    return f"{violation.path}: {_is(found, violation.path)}, where {_is(wanted, violation.path)} is expected [header]"


def _is(values: Headers, name: str) -> str:
    return repr(values[name].decode("utf-8", "replace")) if name in values else "none"


def _sentence(violation: Violation) -> str:
    return f"{violation} [{violation.rule}]"
