"""The three envelopes, and what the specification says of each: its members, its subject, its stream."""

import re
from dataclasses import dataclass
from pathlib import Path

from google.protobuf import message_factory
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.message import Message

from tests.wire import contract

SPECIFICATION = contract.ROOT.parent / "shared" / "spec" / "526-sre-proto.md"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """One envelope with its catalogue of members."""

    envelope: str
    oneof: str
    subject: str
    proto: str
    stream: str
    chapter: int
    size: int

    @property
    def table(self) -> list[contract.Row]:
        """Our copy of the specification's table: message, number, and the aggregate or workflow it is about."""
        return contract.read_table(Path(__file__).with_name(f"{Path(self.proto).stem}.tsv"))

    @property
    def descriptor(self) -> Descriptor:
        """The envelope."""
        return contract.message(self.envelope)

    @property
    def members(self) -> list[FieldDescriptor]:
        """Members of the envelope's oneof, by number."""
        return sorted(self.descriptor.oneofs_by_name[self.oneof].fields, key=lambda field: field.number)

    def new(self) -> Message:
        """An empty envelope."""
        return message_factory.GetMessageClass(self.descriptor)()


INTENTS = Catalogue(
    "SreDomainIntent", "intent", "SreSubject", "sre/core/v1/intents.proto", "sre.domain.intents.v1", chapter=6, size=25
)
FACTS = Catalogue(
    "SreDomainFact", "fact", "SreSubject", "sre/core/v1/facts.proto", "sre.domain.facts.v1", chapter=7, size=26
)
PROCESS_FACTS = Catalogue(
    "SreProcessFact",
    "fact",
    "SreProcessSubject",
    "sre/process/v1/process_facts.proto",
    "sre.process.facts.v1",
    chapter=8,
    size=9,
)
ALL = (INTENTS, FACTS, PROCESS_FACTS)


def snake_case(name: str) -> str:
    """`CreateSLORequested` becomes `create_slo_requested`: a run of capitals is one word."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def chapter(number: int) -> str:
    """Text of a chapter of the specification."""
    return SPECIFICATION.read_text(encoding="utf-8").split(f"\n## {number})")[1].split("\n## ")[0]
