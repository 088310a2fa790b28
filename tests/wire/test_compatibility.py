"""What was released is never broken, and no change goes without a version."""

import importlib.util
import shutil
from pathlib import Path
from subprocess import CompletedProcess
from types import ModuleType

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from sre_ingest.contract.images import own_files
from sre_ingest.contract.version import SCHEMA_VERSION
from tests.wire import workspace
from tests.wire.workspace import make, replace

SRE = "core/v1/sre.proto"


def load_schema(proto: Path) -> ModuleType:
    """The script that keeps versions, which is part of no package, as it stands in a workspace."""
    spec = importlib.util.spec_from_file_location("proto_schema", proto / "schema.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


schema = load_schema(workspace.PROTO)
NEWEST = max((path.stem for path in schema.RELEASED.iterdir()), key=schema.order)


def breaking(tree: Path) -> CompletedProcess[str]:
    """Compare a workspace with the image of the newest released version."""
    image = f"proto/released/{NEWEST}.binpb"
    return workspace.buf(tree, "breaking", str(workspace.MODULE), "--against", image)


@pytest.fixture(scope="session")
def released() -> bytes:
    """The image of the newest released version."""
    return bytes(schema.image_of(NEWEST).read_bytes())


@pytest.fixture(scope="session")
def changed(released: bytes) -> bytes:
    """The same with another name for its last file's last message."""
    image = FileDescriptorSet.FromString(released)
    own_files(image)[-1].message_type[-1].name = "Changed"
    return image.SerializeToString()


@pytest.fixture
def versions(tmp_path: Path, released: bytes) -> ModuleType:
    """The script in a workspace of its own, where v1.0.0 is the one version, locked and released."""
    shutil.copy(workspace.PROTO / "schema.py", tmp_path)
    own = load_schema(tmp_path)
    own.lock(released, "v1.0.0")
    own.release(released)
    return own


def test_check_09_nothing_released_is_broken(tree: Path) -> None:
    """The contract is compatible with the image of the newest released version."""
    outcome = make(tree, "proto-breaking")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


@pytest.mark.parametrize(
    ("proto", "old", "new", "complaint"),
    [
        pytest.param(SRE, "namespace = 3;", "namespace = 6;", 'field "3" with name "namespace"', id="field number"),
        pytest.param(SRE, "string namespace = 3;", "string space = 3;", "changed name", id="field name"),
        pytest.param(SRE, "string namespace = 3;", "bytes namespace = 3;", "changed type", id="field type"),
        pytest.param(SRE, "  string namespace = 3;\n", "", "was deleted", id="no field"),
        pytest.param(SRE, "SEVERITY_LOW = 4;", "SEVERITY_LOW = 5;", "enum value", id="enum value"),
        pytest.param("v1/query.proto", "rpc GetAlert(", "rpc ReadAlert(", "RPC", id="rpc name"),
    ],
)
def test_check_09_a_broken_contract_is_refused(tree: Path, proto: str, old: str, new: str, complaint: str) -> None:
    """Another number, name or type, and a missing field, break readers and writers; the check says which."""
    replace(tree, proto, old, new)
    outcome = breaking(tree)
    assert outcome.returncode != 0
    assert complaint.lower() in outcome.stdout.lower()


def test_check_09_a_new_field_breaks_nothing(tree: Path) -> None:
    """The contract may grow."""
    new = "string namespace = 3;\n  // New.\n  string zone = 6;"
    replace(tree, SRE, "string namespace = 3;", new)
    outcome = breaking(tree)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr


def test_check_40_the_lock_is_current(tree: Path) -> None:
    """The contract is the one that the lock knows, and released images are what they were."""
    outcome = make(tree, "proto-locked")
    assert outcome.returncode == 0, outcome.stderr


def test_check_40_the_locked_version_is_the_one_we_write() -> None:
    """What envelopes carry as their schema version is the present version of the contract."""
    assert schema.current() == SCHEMA_VERSION
    assert list(schema.versions()) == sorted(schema.versions(), key=schema.order)


def test_check_40_every_released_version_is_locked() -> None:
    """Each image has the hash that the lock holds for its version."""
    images = {path.stem: schema.fingerprint(path.read_bytes()) for path in schema.RELEASED.iterdir()}
    assert images
    assert images == {version: schema.versions()[version] for version in images}


def test_check_40_a_change_without_a_version_is_refused(tree: Path) -> None:
    """A mark that changes is no breaking change, but it is a change: it needs a new version."""
    replace(tree, SRE, "string namespace = 3;", "string namespace = 3 [(google.api.field_behavior) = REQUIRED];")
    assert f"no longer the one locked as {schema.current()}" in make(tree, "proto-locked").stderr
    assert make(tree, "proto-lock", "PROTO_VERSION=v1.999.0").returncode == 0
    assert make(tree, "proto-locked").returncode == 0


def test_check_40_a_better_comment_needs_no_version(tree: Path) -> None:
    """Readers and writers do not notice a comment, so the lock does not either."""
    replace(tree, SRE, "// Kind of the aggregate:", "// Sort of the aggregate:")
    assert schema.fingerprint(workspace.build(tree).SerializeToString()) == schema.versions()[schema.current()]


def test_a_released_version_keeps_its_hash(versions: ModuleType, released: bytes, changed: bytes) -> None:
    """Once there is an image, a changed contract needs a higher version; an unchanged one needs nothing."""
    with pytest.raises(SystemExit, match=r"v1\.0\.0 is released"):
        versions.lock(changed)
    versions.lock(released)
    assert versions.versions() == {"v1.0.0": schema.fingerprint(released)}


def test_an_unreleased_version_may_still_change(versions: ModuleType, changed: bytes) -> None:
    """As long as a version has no image, its hash may be renewed under the same name."""
    versions.image_of("v1.0.0").unlink()
    versions.lock(changed)
    assert versions.versions() == {"v1.0.0": schema.fingerprint(changed)}
    versions.check(changed)


def test_a_new_version_keeps_the_older_ones(versions: ModuleType, released: bytes, changed: bytes) -> None:
    """The lock remembers every version, and images of all released ones stay side by side."""
    versions.lock(changed, "v1.10.0")
    versions.release(changed)
    hashes = {"v1.0.0": schema.fingerprint(released), "v1.10.0": schema.fingerprint(changed)}
    assert versions.versions() == hashes
    assert sorted(path.name for path in versions.RELEASED.iterdir()) == ["v1.0.0.binpb", "v1.10.0.binpb"]
    versions.check(changed)


def test_a_released_image_is_never_replaced(versions: ModuleType, released: bytes) -> None:
    """An image that is out there stays as it is, even when the same bytes are offered."""
    with pytest.raises(SystemExit, match="never replaced"):
        versions.release(released)


def test_only_the_locked_contract_is_released(versions: ModuleType, changed: bytes) -> None:
    """What the lock does not know gets no image."""
    versions.image_of("v1.0.0").unlink()
    with pytest.raises(SystemExit, match="no longer the one locked"):
        versions.release(changed)
    assert list(versions.RELEASED.iterdir()) == []


def test_an_image_that_was_tampered_with_is_noticed(versions: ModuleType, released: bytes, changed: bytes) -> None:
    """The lock speaks for the images too."""
    versions.image_of("v1.0.0").write_bytes(changed)
    with pytest.raises(SystemExit, match=r"v1\.0\.0\.binpb is not what the lock knows"):
        versions.check(released)


def test_versions_only_rise(versions: ModuleType, changed: bytes) -> None:
    """A version below the present one is refused, and numbers are compared as numbers."""
    versions.lock(changed, "v1.10.0")
    with pytest.raises(SystemExit, match=r"lower than v1\.10\.0"):
        versions.lock(changed, "v1.9.0")


@pytest.mark.parametrize("version", ["v0.9.0", "v2.0.0", "1.0.1", "v1.0", "v1.00.1"])
def test_a_version_belongs_to_its_package(version: str) -> None:
    """Versions are written in full, and their major is that of the package."""
    with pytest.raises(SystemExit, match="no version of the package v1"):
        schema.order(version)


def test_the_same_contract_gives_the_same_image(tree: Path) -> None:
    """The committed image follows from the committed files to the byte, comments and folders left out."""
    committed = schema.image_of(schema.current())
    if not committed.exists():
        pytest.skip(f"{schema.current()} is not released yet; `make proto-release` makes its image.")
    again = load_schema(tree / "proto").image_of(schema.current())
    again.unlink()
    assert make(tree, "proto-release").returncode == 0
    assert again.read_bytes() == committed.read_bytes()
