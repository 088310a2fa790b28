"""Whatever language a reader is written in, its SDK holds the same contract and reads the same records."""

from collections.abc import Callable, Iterable
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


def assert_reads(sdk: Sdk) -> None:
    """The program of proto/README.md prints message id, member, and the stream that it reads at run time.

    A member of a later version is none, and does no harm.
    """
    known, later = sealed(), sealed()
    later.ClearField("intent")
    unknown = later.SerializeToString() + b"\xfa\x3f\x00"  # field 1023, an empty message
    for value, member in ((known.SerializeToString(), "ingest_alert_requested"), (unknown, "unknown")):
        assert sdks.output(sdk.decode, value).decode() == f"{MESSAGE_ID} {member} sre.domain.intents.v1\n"


def test_python_reads_a_sealed_alert(tmp_path: Path) -> None:
    """The committed Python needs nothing to be generated."""
    assert_reads(sdks.python(tmp_path))


# Building takes longest, so each language is one test: two would build it twice when they run in two processes.
@pytest.mark.timeout(300)  # in case Go's cache was emptied since `make parts`, and the machine is busy
@pytest.mark.parametrize("build", [sdks.go, sdks.typescript], ids=["go", "typescript"])
def test_a_generated_sdk_compiles_and_is_the_same_contract(build: Callable[[Path], Sdk], tmp_path: Path) -> None:
    """It compiles without a complaint, reads a sealed alert as Python does, and carries Python's descriptors.

    Messages, numbers, types, services and options are the same to the last one.
    """
    sdk = build(tmp_path)
    assert_reads(sdk)
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


@pytest.mark.parametrize(
    ("variable", "sentence"),
    [
        ("SDKS=go rust", "There is no SDK for rust; SDKS names some of: go typescript\n"),
        ("SDKS=", "SDKS names no SDK; name some of: go typescript\n"),
        ("VENV=none", "The tools of the contract are not in none: run make none/.dev, which puts them there\n"),
    ],
)
def test_what_cannot_be_generated_is_one_sentence(tmp_path: Path, variable: str, sentence: str) -> None:
    """Before anything is installed or written: an SDK that is none, no SDK at all, and an environment without tools."""
    tree = workspace.copy(tmp_path)
    ended = workspace.make(tree, "proto-sdks", variable)
    assert ended.returncode != 0
    assert ended.stderr.startswith(sentence)
    assert not (tree / "build").exists()
