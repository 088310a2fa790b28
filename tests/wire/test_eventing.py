"""The eventing option says at run time how an envelope travels."""

import re

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from ameide_core_proto.common.v1 import eventing_pb2
from tests.wire import contract
from tests.wire.catalogues import ALL, SPECIFICATION, Catalogue, chapter


def told(kind: str, stream: str, subject: str) -> eventing_pb2.EventingOptions:
    """Options that differ in three names only, as those of the three envelopes do."""
    return eventing_pb2.EventingOptions(
        type=f"ameide.sre.{kind}.v1",
        schema_subject=f"{stream}-value",
        stream_ref=stream,
        partition_key_fields=["meta.tenant_id", f"subject.{subject}"],
        idempotency_key_fields=["meta.message_id"],
    )


GOLDEN = {
    "SreDomainIntent": told("domain.intent", "sre.domain.intents.v1", "aggregate_id"),
    "SreDomainFact": told("domain.fact", "sre.domain.facts.v1", "aggregate_id"),
    "SreProcessFact": told("process.fact", "sre.process.facts.v1", "workflow_id"),
}

each_envelope = pytest.mark.parametrize("catalogue", ALL, ids=lambda catalogue: catalogue.envelope)


def options(message: Descriptor) -> eventing_pb2.EventingOptions:
    """The eventing option of a message."""
    return message.GetOptions().Extensions[eventing_pb2.eventing]


def resolve(message: Descriptor, path: str) -> FieldDescriptor:
    """The field at the end of a dotted path."""
    head, _, rest = path.partition(".")
    field = message.fields_by_name[head]
    if not rest:
        return field
    assert field.message_type is not None, f"{head} holds no message, so {path} leads nowhere"
    return resolve(field.message_type, rest)


def test_check_28_every_topic_carries_one_envelope() -> None:
    """Streams are named as topic families, and each is the stream of exactly one envelope."""
    streams = [options(catalogue.descriptor).stream_ref for catalogue in ALL]
    assert [
        stream for stream in streams if not re.fullmatch(r"sre\.(domain|process)\.(intents|facts)\.v1", stream)
    ] == []
    assert streams == [catalogue.stream for catalogue in ALL]
    assert len(set(streams)) == len(ALL)


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="The specification is not here; the goldens stand in for it.")
def test_check_28_the_topics_are_the_specifications() -> None:
    """The table of topic families names the same streams for the same envelopes."""
    found = re.findall(r"^\| `([\w.]+)` \| `(\w+)` \|", chapter(2), re.MULTILINE)
    assert found == [(catalogue.stream, catalogue.envelope) for catalogue in ALL]


def test_check_29_the_extension_has_its_name_and_number() -> None:
    """The option extends message options under the specified name and the registered number."""
    extension = eventing_pb2.DESCRIPTOR.extensions_by_name["eventing"]
    assert extension.full_name == "ameide_core_proto.common.v1.eventing"
    assert extension.containing_type is not None
    assert extension.containing_type.full_name == "google.protobuf.MessageOptions"
    assert extension.number == eventing_pb2.EVENTING_FIELD_NUMBER == 50100


def test_check_30_the_options_have_five_fields() -> None:
    """Type, schema subject, stream, partition key and idempotency key are told, and nothing else."""
    assert [field.name for field in eventing_pb2.EventingOptions.DESCRIPTOR.fields] == [
        "type",
        "schema_subject",
        "stream_ref",
        "partition_key_fields",
        "idempotency_key_fields",
    ]


def test_check_31_only_envelopes_carry_the_option(image: FileDescriptorSet) -> None:
    """Parts of an envelope do not travel alone, so they are not annotated; neither is anything Google's."""
    messages = [message for file in image.file for message in file.message_type]
    annotated = {message.name for message in messages if message.options.HasExtension(eventing_pb2.eventing)}
    assert annotated == {catalogue.envelope for catalogue in ALL}


@each_envelope
def test_check_32_the_options_have_the_published_values(catalogue: Catalogue) -> None:
    """Type, subject, stream and keys are those on which readers and writers agreed."""
    assert options(catalogue.descriptor) == GOLDEN[catalogue.envelope]


@each_envelope
def test_check_33_key_fields_are_single_strings(catalogue: Catalogue) -> None:
    """Every path of a key ends at a string field that occurs once, so keys can be joined from them."""
    set_here = options(catalogue.descriptor)
    paths = [*set_here.partition_key_fields, *set_here.idempotency_key_fields]
    found = [resolve(catalogue.descriptor, path) for path in paths]
    assert {(contract.type_of(field), contract.label_of(field)) for field in found} == {("string", "singular")}


@each_envelope
def test_check_34_names_and_versions_agree(catalogue: Catalogue) -> None:
    """The schema subject follows from the stream, and type, stream and package have one major version."""
    set_here = options(catalogue.descriptor)
    assert set_here.schema_subject == f"{set_here.stream_ref}-value"
    versioned = (set_here.type, set_here.stream_ref, catalogue.descriptor.file.package)
    assert {name.rsplit(".", 1)[1] for name in versioned} == {"v1"}


@each_envelope
def test_check_35_the_option_is_readable_at_run_time(catalogue: Catalogue) -> None:
    """The generated class of an envelope gives its option, without a look at the .proto file."""
    found = type(catalogue.new()).DESCRIPTOR.GetOptions()
    assert found.HasExtension(eventing_pb2.eventing)
    assert found.Extensions[eventing_pb2.eventing].stream_ref == catalogue.stream


def test_check_36_option_values_are_plain_names(image: FileDescriptorSet) -> None:
    """No value of an option is an address of the network, and none depends on an environment."""
    forbidden = r"(?<!sre)://|:\d|\b(local|localhost|dev|staging|prod|production)\b"
    rows = list(contract.option_rows(image))
    assert [row for row in rows if re.search(forbidden, row[2])] == []
    assert [row for row in rows if row[1] == "eventing" and "/" in row[2]] == []
    assert len(rows) == 15


@each_envelope
def test_the_type_is_chosen_and_not_computed(catalogue: Catalogue) -> None:
    """The stable name of an envelope differs from the name of its message, which may move one day."""
    assert options(catalogue.descriptor).type != catalogue.descriptor.full_name
    assert re.fullmatch(r"ameide\.sre\.(domain|process)\.(intent|fact)\.v1", options(catalogue.descriptor).type)
