"""Whether an envelope keeps the contract: `validate` for an envelope alone, `validate_record` for one off a topic."""

from collections.abc import Iterator
from typing import Any

from sre_ingest.contract import bounds, cloudevents, fields, rules
from sre_ingest.contract.catalogue import FACTS, Envelope, Variant, stream_of, variant_of
from sre_ingest.contract.violations import Breach, Rule, Violation

__all__ = ["Rule", "Violation", "validate", "validate_record"]


def validate(envelope: Envelope) -> tuple[Violation, ...]:
    """Every breach of the contract in an envelope, in the order of its fields; none: it is valid. Never raises."""
    return tuple(_violations(envelope))


def validate_record(key: bytes | None, headers: cloudevents.Found, envelope: Envelope) -> tuple[Violation, ...]:
    """As `validate`, and every header that does not say once what the envelope says; `key` is named like a header."""
    found = validate(envelope)
    try:
        wrong = cloudevents.contradictions(key, headers, envelope)
    except ValueError:
        return found  # what keeps an envelope from having headers is among them
    return found + tuple([Violation(Rule.HEADER, name) for name in wrong])


def _violations(envelope: Envelope) -> Iterator[Violation]:
    for path in fields.empty(envelope):
        yield Violation(Rule.REQUIRED, path)
    for path, message in fields.messages(envelope):
        for rule, name in _breaches(message, envelope.meta.tenant_id):
            yield Violation(rule, fields.join(path, name))
    variant = variant_of(envelope)
    if variant is None:
        yield Violation(Rule.NO_MEMBER, stream_of(envelope).oneof)
    elif variant.aggregate:
        yield from _subject(envelope.subject, variant, getattr(envelope, variant.member))


def _breaches(message: Any, tenant_id: str) -> Iterator[Breach]:
    yield from rules.times(message)
    yield from bounds.broken(message)
    of_its_own = rules.OF.get(message.DESCRIPTOR.full_name)
    if of_its_own is not None:
        yield from of_its_own(message)
    if tenant_id and getattr(message, "tenant_id", "") not in ("", tenant_id):
        yield Rule.OTHER_TENANT, "tenant_id"


def _subject(subject: Any, variant: Variant, payload: Any) -> Iterator[Violation]:
    if subject.aggregate_type and subject.aggregate_type != variant.aggregate:
        yield Violation(Rule.AGGREGATE_TYPE, "subject.aggregate_type")
    if subject.aggregate_id and subject.aggregate_id != _id(payload, variant.aggregate, subject.aggregate_id):
        yield Violation(Rule.AGGREGATE_ID, "subject.aggregate_id")
    if subject.aggregate_version < (1 if variant.stream is FACTS else 0):
        yield Violation(Rule.AGGREGATE_VERSION, "subject.aggregate_version")


def _id(payload: Any, aggregate: str, otherwise: str) -> str:
    """The id of the aggregate as the payload has it: its own field, that of a message inside it, or the first of the
    alerts that a correlation is about.
    """
    name = f"{aggregate.lower()}_id"
    if name in payload.DESCRIPTOR.fields_by_name:
        return str(getattr(payload, name))
    for field in payload.DESCRIPTOR.fields:
        if field.message_type is not None and name in field.message_type.fields_by_name:
            return str(getattr(getattr(payload, field.name), name))
    if aggregate == "Alert" and payload.alert_ids:
        return str(payload.alert_ids[0])
    return otherwise
