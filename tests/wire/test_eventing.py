"""The eventing option says at run time how an envelope travels."""

import re

import pytest
from google.protobuf.descriptor import Descriptor, FieldDescriptor

from ameide_core_proto.common.v1 import eventing_pb2
from tests.wire import contract

GOLDEN = eventing_pb2.EventingOptions(
    type="ameide.sre.domain.intent.v1",
    schema_subject="sre.domain.intents.v1-value",
    stream_ref="sre.domain.intents.v1",
    partition_key_fields=["meta.tenant_id", "subject.aggregate_id"],
    idempotency_key_fields=["meta.message_id"],
)


def options(message: Descriptor) -> eventing_pb2.EventingOptions:
    """The eventing option of a message."""
    return message.GetOptions().Extensions[eventing_pb2.eventing]


def annotated() -> list[Descriptor]:
    """All messages that carry the option."""
    return [message for message in contract.messages() if message.GetOptions().HasExtension(eventing_pb2.eventing)]


def resolve(message: Descriptor, path: str) -> FieldDescriptor:
    """The field at the end of a dotted path."""
    head, _, rest = path.partition(".")
    field = message.fields_by_name[head]
    if not rest:
        return field
    assert field.message_type is not None, f"{head} holds no message, so {path} leads nowhere"
    return resolve(field.message_type, rest)


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


def test_check_31_only_envelopes_carry_the_option() -> None:
    """Parts of an envelope do not travel alone, so they are not annotated."""
    assert [message.name for message in annotated()] == ["SreDomainIntent"]


def test_check_32_35_the_options_of_intents_are_readable_at_run_time() -> None:
    """The generated descriptor gives the published values, without a look at the .proto file."""
    assert options(contract.message("SreDomainIntent")) == GOLDEN


@pytest.mark.parametrize("message", annotated(), ids=lambda message: message.name)
def test_check_33_key_fields_are_single_strings(message: Descriptor) -> None:
    """Every path of a key ends at a string field that occurs once, so keys can be joined from them."""
    paths = [*options(message).partition_key_fields, *options(message).idempotency_key_fields]
    found = [resolve(message, path) for path in paths]
    assert {(contract.type_of(field), contract.label_of(field)) for field in found} == {("string", "singular")}


@pytest.mark.parametrize("message", annotated(), ids=lambda message: message.name)
def test_check_34_names_and_versions_agree(message: Descriptor) -> None:
    """The schema subject follows from the stream, and type, stream and package have one major version."""
    told = options(message)
    assert told.schema_subject == f"{told.stream_ref}-value"
    assert {name.rsplit(".", 1)[1] for name in (told.type, told.stream_ref, message.file.package)} == {"v1"}


@pytest.mark.parametrize("message", annotated(), ids=lambda message: message.name)
def test_check_28_36_values_are_plain_names(message: Descriptor) -> None:
    """The stream is named as a topic family, and no value is an address or depends on an environment."""
    told = options(message)
    assert re.fullmatch(r"sre\.(domain|process)\.(intents|facts)\.v1", told.stream_ref)
    assert re.findall(r"://|:\d|/|\b(local|localhost|dev|staging|prod|production)\b", str(told)) == []
