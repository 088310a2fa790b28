"""The CloudEvents mapping: sixty types, headers that mirror the meta, and the way back."""

import re
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_ingest.contract import cloudevents
from sre_ingest.contract.catalogue import PROCESS_FACTS, STREAMS, VARIANTS, Variant, variant_of
from sre_ingest.contract.cloudevents import HeaderError, bind, contradictions, meta
from sre_ingest.contract.validation import Rule, Violation, validate_record
from tests.wire import catalogues, valid
from tests.wire.breaches import each_variant

ALWAYS = {
    "content-type", "ce_specversion", "ce_dataschema", "ce_envelopetype", "ce_id", "ce_source", "ce_type", "ce_subject",
    "ce_time", "ce_tenantid", "ce_correlationid", "ce_traceparent", "ce_partitionkey", "ce_schemaversion",
}  # fmt: skip
NEEDED = {"ce_id", "ce_source", "ce_time", "ce_tenantid", "ce_correlationid", "ce_traceparent", "ce_schemaversion"}
"""What the meta cannot be rebuilt without."""
SOMETIMES = {"ce_causationid", "ce_tracestate"}


def headers_of(variant: Variant) -> dict[str, str]:
    """The headers of a valid envelope, as text."""
    return {name: value.decode() for name, value in bind(valid.envelope(variant))[1]}


def without(headers: Sequence[tuple[str, bytes]], name: str) -> list[tuple[str, bytes]]:
    """The headers but for one."""
    return [header for header in headers if header[0] != name]


def test_check_46_sixty_types_that_can_be_turned_back() -> None:
    """Every type is unique and well formed, and leads back to its envelope and the member of it."""
    assert len({one.type for one in valid.ALL}) == len(valid.ALL) == 60
    for one in valid.ALL:
        assert re.fullmatch(r"io\.ameide\.sre\.(intent|fact)\.[a-z0-9_.]+\.v1", one.type)
        assert VARIANTS[one.type] is one
        assert variant_of(valid.envelope(one)) is one


def test_check_46_types_follow_from_the_specifications_names() -> None:
    """Intent, fact or process fact, and the snake case of the message in the specification's own tables."""
    kinds = {"SreDomainIntent": "intent", "SreDomainFact": "fact", "SreProcessFact": "fact.process"}
    expected = [
        f"io.ameide.sre.{kinds[catalogue.envelope]}.{catalogues.snake_case(row[0])}.v1"
        for catalogue in catalogues.ALL
        for row in catalogue.table
    ]
    assert sorted(VARIANTS) == sorted(expected)


@each_variant
def test_check_47_headers_of_every_variant(variant: Variant) -> None:
    """All that the mapping names, spelled as CloudEvents wants it, none of them empty, and none beside them."""
    headers = bind(valid.envelope(variant))[1]
    names = [name for name, _ in headers]
    assert set(names) == ALWAYS | SOMETIMES
    assert len(names) == len(set(names))
    assert all(value for _, value in headers)
    assert all(re.fullmatch(r"ce_[a-z0-9]{1,20}|content-type", name) for name in names)


@each_variant
def test_check_47_values_are_those_of_the_envelope(variant: Variant) -> None:
    """Constants, what the stream adds, and the subject in its two parts."""
    headers, envelope = headers_of(variant), valid.envelope(variant)
    subject: Any = envelope.subject
    parts = (
        (subject.workflow_type, subject.workflow_id)
        if variant.stream is PROCESS_FACTS
        else (subject.aggregate_type, subject.aggregate_id)
    )
    assert headers["content-type"] == "application/protobuf"
    assert headers["ce_specversion"] == "1.0"
    assert headers["ce_dataschema"] == f"buf://ameide/ameide-core/{envelope.DESCRIPTOR.full_name}"
    assert headers["ce_source"] == f"urn:ameide:{variant.stream.origin}:{envelope.meta.producer}"
    assert headers["ce_subject"] == "/".join(parts)
    assert headers["ce_envelopetype"] == variant.stream.option.type


@pytest.mark.parametrize("name", sorted(SOMETIMES))
def test_check_47_a_value_that_is_empty_has_no_header(name: str) -> None:
    """CloudEvents knows no empty attribute."""
    envelope = valid.envelope(valid.ALL[0])
    envelope.meta.ClearField("causation_id")
    envelope.meta.ClearField("tracestate")
    assert name not in dict(bind(envelope)[1])


@each_variant
def test_check_48_the_meta_can_be_rebuilt_from_the_headers(variant: Variant) -> None:
    """It equals the payload's but for the actor, which only the payload tells."""
    envelope = valid.envelope(variant)
    rebuilt = meta(bind(envelope)[1])
    expected = type(envelope.meta)()
    expected.CopyFrom(envelope.meta)
    expected.ClearField("actor")
    assert envelope.meta.HasField("actor")
    assert rebuilt == expected


@given(st.text(min_size=1), st.text(), st.integers(-62_135_596_800, 253_402_300_799), st.integers(0, 999_999_999))
def test_check_48_any_value_survives(text: str, state: str, seconds: int, nanos: int) -> None:
    """Colons, slashes, letters of any script, and every nanosecond of ten thousand years."""
    envelope = valid.envelope(valid.ALL[0])
    found = envelope.meta
    found.ClearField("actor")
    found.message_id = found.producer = found.correlation_id = text
    found.tracestate = state
    found.occurred_at.seconds, found.occurred_at.nanos = seconds, nanos
    assert meta(bind(envelope)[1]) == found


@pytest.mark.parametrize("name", sorted(NEEDED))
def test_a_header_that_is_missing_is_named(name: str) -> None:
    """The meta cannot be rebuilt without it."""
    headers = bind(valid.envelope(valid.ALL[0]))[1]
    with pytest.raises(HeaderError, match=f"^{name} is absent$"):
        meta(without(headers, name))


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("ce_time", b"yesterday"),
        ("ce_source", b"sre-ingest"),
        ("ce_source", b"urn:ameide:x"),
        ("ce_source", b"urn:other:integration:x"),
        ("ce_id", b"\xff"),
    ],
)
def test_a_header_that_cannot_be_read_is_refused_without_its_value(name: str, value: bytes) -> None:
    """The sentence may be logged, so it tells the header and not what stood in it."""
    headers = without(bind(valid.envelope(valid.ALL[0]))[1], name)
    with pytest.raises(HeaderError) as caught:
        meta([*headers, (name, value)])
    assert value.decode("utf-8", "replace") not in str(caught.value)


@each_variant
def test_check_49_the_key_is_what_the_option_says(variant: Variant) -> None:
    """The fields of the option, joined by colons; and the partition key among the headers is the same text."""
    envelope = valid.envelope(variant)
    parts = []
    for path in variant.stream.option.partition_key_fields:
        value: Any = envelope
        for name in path.split("."):
            value = getattr(value, name)
        parts.append(value)
    key, headers = bind(envelope)
    assert key.decode() == ":".join(parts)
    assert dict(headers)["ce_partitionkey"] == key


@each_variant
def test_check_50_value_and_headers_are_stable(variant: Variant) -> None:
    """Two envelopes that are equal travel as the same bytes, whatever order their maps were filled in."""
    one, other = valid.envelope(variant), valid.envelope(variant)
    value = one.SerializeToString(deterministic=True)
    assert value == other.SerializeToString(deterministic=True)
    assert type(one).FromString(value) == one
    assert bind(one) == bind(other)


def test_no_envelope_no_event() -> None:
    """An empty envelope has neither a type nor headers."""
    for stream in STREAMS:
        with pytest.raises(ValueError, match="no event"):
            bind(stream.envelope())


@pytest.mark.parametrize("seconds", [-62_135_596_801, 253_402_300_800])
def test_a_time_that_no_header_can_tell_is_a_violation_of_the_envelope(seconds: int) -> None:
    """And so is a member that is missing: the headers cannot be compared, and are not."""
    envelope = valid.envelope(valid.ALL[0])
    key, headers = bind(envelope)
    envelope.meta.occurred_at.seconds = seconds
    assert validate_record(key, headers, envelope) == (Violation(Rule.TIME, "meta.occurred_at"),)
    envelope = valid.envelope(valid.ALL[0])
    envelope.ClearField(valid.ALL[0].member)  # type: ignore[arg-type]
    assert validate_record(key, headers, envelope) == (Violation(Rule.NO_MEMBER, "intent"),)


@pytest.mark.parametrize("name", sorted(ALWAYS | SOMETIMES))
def test_a_header_that_contradicts_the_envelope_is_named(name: str) -> None:
    """Each of them, changed or left out, and the key likewise."""
    envelope = valid.envelope(valid.ALL[0])
    key, headers = bind(envelope)
    rest = without(headers, name)
    assert contradictions(key, headers, envelope) == ()
    assert contradictions(key, rest, envelope) == (name,)
    assert contradictions(key, [*rest, (name, b"x")], envelope) == (name,)
    assert contradictions(b"x", headers, envelope) == ("key",)
    assert validate_record(key, rest, envelope) == (Violation(Rule.HEADER, name),)


def test_a_header_that_should_not_be_there_is_named() -> None:
    """A cause that only the headers know contradicts the payload too; headers of others do not."""
    envelope = valid.envelope(valid.ALL[0])
    envelope.meta.ClearField("causation_id")
    key, headers = bind(envelope)
    assert contradictions(key, [*headers, ("ce_causationid", b"x"), ("their-own", b"x")], envelope) == (
        "ce_causationid",
    )


def test_a_header_that_is_there_twice_is_named() -> None:
    """Readers differ in which of two they take, so two are none; also when both say the same."""
    envelope = valid.envelope(valid.ALL[0])
    key, headers = bind(envelope)
    for value in (b"x", envelope.meta.message_id.encode()):
        for twice in ([("ce_id", value), *headers], [*headers, ("ce_id", value)]):
            assert contradictions(key, twice, envelope) == ("ce_id",)
            with pytest.raises(HeaderError, match=r"^ce_id is there twice$"):
                meta(twice)


def test_a_header_of_somebody_else_passes_for_nothing() -> None:
    """One that is called key is not the record's key, and any may be without a value or hold no text."""
    envelope = valid.envelope(valid.ALL[0])
    key, headers = bind(envelope)
    foreign = (("key", key), ("theirs", None), ("ce_theirs", b"\xff"), ("theirs", b"\xff"))
    assert contradictions(key, [*headers, *foreign], envelope) == ()
    assert contradictions(b"x", [*headers, *foreign], envelope) == ("key",)
    assert contradictions(None, headers, envelope) == ("key",)
    assert meta([*headers, *foreign]) == meta(headers)


def test_a_header_without_a_value_is_absent() -> None:
    """Kafka knows null beside empty."""
    envelope = valid.envelope(valid.ALL[0])
    key, headers = bind(envelope)
    null = [*without(headers, "ce_id"), ("ce_id", None)]
    assert contradictions(key, null, envelope) == ("ce_id",)
    with pytest.raises(HeaderError, match=r"^ce_id is absent$"):
        meta(null)


def test_the_content_type_is_the_registered_one() -> None:
    """The binding wants the media type of the value."""
    assert cloudevents.CONTENT_TYPE == "application/protobuf"
