"""The three envelopes and their sixty variants, as the descriptors tell them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

from google.protobuf.descriptor import FieldDescriptor

from ameide_core_proto.common.v1 import eventing_pb2
from ameide_core_proto.sre.core.v1.facts_pb2 import SreDomainFact
from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent
from ameide_core_proto.sre.process.v1.process_facts_pb2 import SreProcessFact

Envelope: TypeAlias = SreDomainIntent | SreDomainFact | SreProcessFact

_AGGREGATES = {1: "Incident", 2: "Alert", 3: "Runbook", 4: "SLO", 6: "Service", 7: "Postmortem"}
"""The aggregate of a member by the tens of its number."""
_FIFTIES = {50: "HealthCheck", 51: "FleetState"}
_WORKFLOW = "IncidentTriage"


@dataclass(frozen=True, slots=True)
class Stream:
    """One topic and the envelope it carries."""

    name: str
    """What its option calls it, and what the topic is called where nobody names it otherwise."""
    envelope: type[Envelope]
    oneof: str
    """Name of the oneof that holds the payload."""
    origin: str
    """What kind of component writes it, as the CloudEvents source spells it."""
    types: str
    """What the CloudEvents type of every variant begins with."""

    @property
    def option(self) -> eventing_pb2.EventingOptions:
        """How the envelope travels, as its own `eventing` option says."""
        return self.envelope.DESCRIPTOR.GetOptions().Extensions[eventing_pb2.eventing]


@dataclass(frozen=True, slots=True)
class Variant:
    """One member of an envelope's oneof."""

    stream: Stream
    member: str
    """Name of the field, which is the message's name in snake case."""
    number: int
    aggregate: str
    """Type of the aggregate that the subject must name; empty for process facts, which are about a workflow."""
    workflow: str
    """Type of the workflow that a process fact tells of; empty for intents and facts."""
    type: str
    """The CloudEvents type: one for each variant of all three envelopes."""


INTENTS = Stream("sre.domain.intents.v1", SreDomainIntent, "intent", "integration", "io.ameide.sre.intent.")
FACTS = Stream("sre.domain.facts.v1", SreDomainFact, "fact", "domain", "io.ameide.sre.fact.")
PROCESS_FACTS = Stream("sre.process.facts.v1", SreProcessFact, "fact", "process", "io.ameide.sre.fact.process.")
STREAMS = (INTENTS, FACTS, PROCESS_FACTS)


def _variant(stream: Stream, field: FieldDescriptor) -> Variant:
    aggregate = _FIFTIES.get(field.number) or _AGGREGATES.get(field.number // 10, "")
    return Variant(
        stream=stream,
        member=field.name,
        number=field.number,
        aggregate="" if stream is PROCESS_FACTS else aggregate,
        workflow=_WORKFLOW if stream is PROCESS_FACTS else "",
        type=f"{stream.types}{field.name}.v1",
    )


VARIANTS: Mapping[str, Variant] = {
    variant.type: variant
    for stream in STREAMS
    for field in stream.envelope.DESCRIPTOR.oneofs_by_name[stream.oneof].fields
    for variant in [_variant(stream, field)]
}
"""Every variant by its CloudEvents type: intents, facts and process facts, each by number."""

_STREAMS = {stream.envelope: stream for stream in STREAMS}
_MEMBERS = {
    stream.envelope: (stream.oneof, {one.member: one for one in VARIANTS.values() if one.stream is stream})
    for stream in STREAMS
}


def stream_of(envelope: Envelope) -> Stream:
    """The stream that an envelope belongs to."""
    return _STREAMS[type(envelope)]


def variant_of(envelope: Envelope) -> Variant | None:
    """The variant that an envelope holds; None if no member of its oneof is set."""
    oneof, members = _MEMBERS[type(envelope)]
    return members.get(envelope.WhichOneof(oneof))  # type: ignore[arg-type]
