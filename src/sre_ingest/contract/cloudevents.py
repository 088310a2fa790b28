"""The envelopes as CloudEvents in Kafka's binary mode: headers that are a projection of the meta and never contradict
it.

Source: the CloudEvents specification 1.0 and its Kafka protocol binding, with the extensions for distributed tracing
and partitioning and our own. An attribute that has no value has no header.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from google.protobuf.timestamp_pb2 import Timestamp

from ameide_core_proto.sre.core.v1.sre_pb2 import SreMessageMeta
from sre_ingest.contract.catalogue import PROCESS_FACTS, STREAMS, Envelope, Stream, Variant, variant_of
from sre_ingest.sdk.times import SECOND, checked, parse, rfc3339, write

Headers: TypeAlias = tuple[tuple[str, bytes], ...]
Found: TypeAlias = Iterable[tuple[str, bytes | None]]
"""Headers as a client of Kafka hands them out: anybody's, in any number, also without a value."""

CONTENT_TYPE = "application/protobuf"
_SOURCE = "urn:ameide:"
_VARYING = (
    "ce_id",
    "ce_source",
    "ce_type",
    "ce_subject",
    "ce_time",
    "ce_tenantid",
    "ce_correlationid",
    "ce_causationid",
    "ce_traceparent",
    "ce_tracestate",
    "ce_partitionkey",
    "ce_schemaversion",
)


class HeaderError(ValueError):
    """A header is absent or unreadable. The message names it and never repeats its value."""


def bind(envelope: Envelope) -> tuple[bytes, Headers]:
    """The key of an envelope's record, and all headers that follow from the envelope.

    The key keeps all that is about one subject in one partition: it is made of the fields that the envelope's option
    names, joined by a colon. ValueError when no member of the oneof is set, or the time lies outside the years 1 to
    9999.
    """
    variant = variant_of(envelope)
    if variant is None:
        raise ValueError("an empty envelope is no event")
    return project(variant, envelope)


def project(variant: Variant, envelope: Envelope, *own: tuple[str, str]) -> tuple[bytes, Headers]:
    """As `bind`, for a writer who knows the variant; behind the contract's headers come the writer's own."""
    meta = envelope.meta
    kind, name = _subject(variant.stream, envelope.subject)
    key = f"{meta.tenant_id}:{name}"
    varying = (
        meta.message_id,
        f"{_SOURCE}{variant.stream.origin}:{meta.producer}",
        variant.type,
        f"{kind}/{name}",
        _written(meta.occurred_at),
        meta.tenant_id,
        meta.correlation_id,
        meta.causation_id,
        meta.traceparent,
        meta.tracestate,
        key,
        meta.schema_version,
    )
    headers = [(name, text.encode()) for name, text in zip(_VARYING, varying, strict=True) if text]
    headers += [(name, text.encode()) for name, text in own if text]
    return key.encode(), (*_CONSTANT[variant.stream.name], *headers)


def meta(found: Found) -> SreMessageMeta:
    """The envelope's meta as its headers tell it: equal to the payload's but for the actor, which has no header.

    HeaderError when one that is always there is absent, or one is there twice or cannot be read.
    """
    texts = _texts(found)
    occurred_at = _required(texts, "ce_time")
    told = SreMessageMeta(
        message_id=_required(texts, "ce_id"),
        correlation_id=_required(texts, "ce_correlationid"),
        causation_id=texts.get("ce_causationid", ""),
        producer=_producer(_required(texts, "ce_source")),
        schema_version=_required(texts, "ce_schemaversion"),
        traceparent=_required(texts, "ce_traceparent"),
        tracestate=texts.get("ce_tracestate", ""),
        tenant_id=_required(texts, "ce_tenantid"),
    )
    try:
        write(parse(occurred_at), told.occurred_at)
    except ValueError:
        raise HeaderError("ce_time is no RFC 3339 time") from None
    return told


def contradictions(record_key: bytes | None, found: Found, envelope: Envelope) -> tuple[str, ...]:
    """Names of the headers, and `key`, that do not say, once, what the envelope says; sorted. Other people's do not
    count.

    ValueError as `bind`.
    """
    key, headers = bind(envelope)
    ours = {*_VARYING, *dict(headers)}
    expected: Counter[tuple[str, bytes | None]] = Counter(headers)
    told = Counter([(name, value) for name, value in found if name in ours])
    wrong = {name for name, _ in (*(told - expected), *(expected - told))}
    return tuple(sorted(wrong if record_key == key else {*wrong, "key"}))


def _subject(stream: Stream, subject: Any) -> tuple[str, str]:
    if stream is PROCESS_FACTS:
        return subject.workflow_type, subject.workflow_id
    return subject.aggregate_type, subject.aggregate_id


def _constant(stream: Stream) -> Headers:
    return (
        ("content-type", CONTENT_TYPE.encode()),
        ("ce_specversion", b"1.0"),
        ("ce_dataschema", f"buf://ameide/ameide-core/{stream.envelope.DESCRIPTOR.full_name}".encode()),
        ("ce_envelopetype", stream.option.type.encode()),
    )


_CONSTANT = {stream.name: _constant(stream) for stream in STREAMS}


def _written(time: Timestamp) -> str:
    return rfc3339(checked(time.seconds * SECOND + time.nanos))


def _texts(found: Found) -> Mapping[str, str]:
    texts: dict[str, str] = {}
    for name, value in found:
        if name not in _VARYING or not value:
            continue
        if name in texts:
            raise HeaderError(f"{name} is there twice")
        try:
            texts[name] = value.decode()
        except UnicodeDecodeError:
            raise HeaderError(f"{name} is not UTF-8") from None
    return texts


def _required(texts: Mapping[str, str], name: str) -> str:
    value = texts.get(name)
    if not value:
        raise HeaderError(f"{name} is absent")
    return value


def _producer(source: str) -> str:
    _, found, name = source.removeprefix(_SOURCE).partition(":")
    if not source.startswith(_SOURCE) or not found:
        raise HeaderError(f"ce_source is no URN of the form {_SOURCE}<origin>:<producer>")
    return name
