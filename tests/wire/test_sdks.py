"""Whatever language a reader is written in, its SDK holds the same contract and reads the same records."""

from collections.abc import Iterable
from pathlib import Path

import pytest
from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto, FileDescriptorSet

from adapters.alertmanager import adapter
from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent
from sre_ingest.envelope import seal
from sre_ingest.sdk import samples
from tests.wire import contract, sdks, workspace
from tests.wire.sdks import Sdk

MESSAGE_ID = "8f14e45f-ceea-467f-a0e6-b9d2c5a3f101"


@pytest.fixture(scope="module", params=["python", "go", "typescript"])
def sdk(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Sdk:
    """Programs written against the SDK of one language."""
    built = getattr(sdks, request.param)(tmp_path_factory.mktemp(request.param))
    assert isinstance(built, Sdk)
    return built


generated = pytest.mark.parametrize("sdk", ["go", "typescript"], indirect=True)


def sealed() -> SreDomainIntent:
    """The intent that a firing alert becomes."""
    body = Path(__file__).parents[2] / "adapters" / "alertmanager" / "samples" / "firing.json"
    delivery = samples.delivery(adapter, body.read_bytes())
    return seal(adapter.read(delivery).signals[0], MESSAGE_ID, delivery)


def plain(files: Iterable[FileDescriptorProto]) -> dict[str, FileDescriptorProto]:
    """Files of the contract by path, without what generators may add: Go's import path, and each field's JSON name."""
    found = {file.name: file for file in files}
    for file in found.values():
        file.options.ClearField("go_package")
        if not file.options.ListFields():
            file.ClearField("options")
        _forget_json_names((*file.extension, *(field for message in file.message_type for field in message.field)))
        entries = (entry for message in file.message_type for entry in message.nested_type)
        _forget_json_names(field for entry in entries for field in entry.field)
    return found


def _forget_json_names(fields: Iterable[FieldDescriptorProto]) -> None:
    for field in fields:
        field.ClearField("json_name")


def test_a_sealed_alert_is_decoded(sdk: Sdk) -> None:
    """The program of proto/README.md reads the record's message id, its member, and its stream at run time."""
    value = sealed().SerializeToString(deterministic=True)
    told = f"{MESSAGE_ID} ingest_alert_requested sre.domain.intents.v1\n"
    assert sdks.output(sdk.decode, value).decode() == told


def test_a_member_of_a_later_version_is_unknown_and_harmless(sdk: Sdk) -> None:
    """A record whose member the SDK does not know still shows its message id."""
    intent = sealed()
    intent.ClearField("intent")
    value = intent.SerializeToString(deterministic=True) + b"\xfa\x3f\x00"  # field 1023, an empty message
    assert sdks.output(sdk.decode, value).decode() == f"{MESSAGE_ID} unknown sre.domain.intents.v1\n"


@generated
def test_the_descriptors_are_pythons(sdk: Sdk) -> None:
    """Messages, numbers, types, services and options that an SDK carries are to the last one those of Python."""
    found = FileDescriptorSet.FromString(sdks.output(sdk.describe)).file
    expected = (FileDescriptorProto.FromString(file.serialized_pb) for file in contract.FILES)
    assert plain(found) == plain(expected)


def test_a_generator_is_local_and_pinned_without_addresses() -> None:
    """No template asks a remote service, and no lock file says where a package comes from."""
    templates = {path.name: path.read_text() for path in workspace.PROTO.glob("buf.gen.*")}
    assert set(templates) == {f"buf.gen.sdk-{language}.yaml" for language in ("go", "python", "typescript")}
    assert [name for name, text in templates.items() if "remote:" in text] == []
    pins = [path.read_text() for path in (workspace.PROTO / "sdks").rglob("*") if path.is_file()]
    assert [text for text in pins if "://" in text or '"resolved"' in text] == []
