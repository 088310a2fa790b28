"""Where the contract's files lie and what they may import."""

import re
from pathlib import PurePosixPath

import pytest

from tests.wire import contract
from tests.wire.catalogues import SPECIFICATION, chapter

PACKAGE = "ameide_core_proto"
CORE = [proto for proto in contract.PROTOS if proto.startswith(f"{PACKAGE}/sre/core/v1/")]
PROCESS = f"{PACKAGE}/sre/process/v1/process_facts.proto"
SPECIFIED = {
    *(f"core/v1/{name}.proto" for name in ("sre", "incident", "alert", "runbook", "slo", "health", "service")),
    *(f"core/v1/{name}.proto" for name in ("postmortem", "intents", "facts", "query")),
    "process/v1/process_facts.proto",
}


def source(proto: str) -> str:
    """Text of a .proto file."""
    return (contract.MODULE_ROOT / proto).read_text(encoding="utf-8")


def test_check_01_the_files_are_those_of_the_specified_tree() -> None:
    """Below `sre/` there are the files that the specification names, and no others."""
    root = f"{PACKAGE}/sre/"
    assert {proto.removeprefix(root) for proto in contract.PROTOS if proto.startswith(root)} == SPECIFIED
    assert len(SPECIFIED) == 12


@pytest.mark.skipif(not SPECIFICATION.exists(), reason="The specification is not here; our copy stands in for it.")
def test_check_01_our_copy_of_the_tree_is_the_specifications() -> None:
    """The specification draws the tree of exactly these files."""
    drawn = re.findall(r"(\w+\.proto) +#", chapter(1))
    assert sorted(drawn) == sorted(PurePosixPath(path).name for path in SPECIFIED)


def test_check_02_the_common_files_are_there() -> None:
    """The common package holds the shared options, and what all queries share."""
    names = ("eventing", "mcp", "pagination", "request_context")
    common = [proto for proto in contract.PROTOS if proto.startswith(f"{PACKAGE}/common/")]
    assert common == [f"{PACKAGE}/common/v1/{name}.proto" for name in names]


def test_check_03_the_canonical_path_exists_literally() -> None:
    """Every .proto file of ours lies below the path that the specification calls canonical."""
    canonical = contract.ROOT / "proto" / "packages" / PACKAGE / "src" / PACKAGE
    found = {path for path in (contract.ROOT / "proto").rglob("*.proto") if "third_party" not in path.parts}
    assert found
    assert {path for path in found if not path.is_relative_to(canonical)} == set()


@pytest.mark.parametrize("proto", contract.PROTOS)
def test_check_04_package_follows_from_the_path(proto: str) -> None:
    """A file declares proto3 and the package that its folder spells."""
    package = PurePosixPath(proto).parent.as_posix().replace("/", ".")
    assert re.findall(r"^package (\S+);$", source(proto), re.MULTILINE) == [package]
    assert re.findall(r"^syntax = (\S+);$", source(proto), re.MULTILINE) == ['"proto3"']


def imports(proto: str) -> list[str]:
    """Paths that a .proto file imports."""
    return re.findall(r'^import "(\S+)";$', source(proto), re.MULTILINE)


def test_check_05_process_stands_on_the_shared_types_alone() -> None:
    """The process file knows the common package, Google's, and of the core only the shared types."""
    allowed = (f"{PACKAGE}/common/v1/", f"{PACKAGE}/sre/core/v1/sre.proto", "google/")
    assert [path for path in imports(PROCESS) if not path.startswith(allowed)] == []


@pytest.mark.parametrize("proto", CORE)
def test_check_05_core_never_imports_a_process_file(proto: str) -> None:
    """Core files stand on the common and the core package and on Google's, on nothing else."""
    allowed = (f"{PACKAGE}/common/v1/", f"{PACKAGE}/sre/core/v1/", "google/")
    assert [path for path in imports(proto) if not path.startswith(allowed)] == []


def test_check_06_no_comment_silences_the_linter() -> None:
    """Neither the configuration nor a comment exempts our module from a rule."""
    own_module = (contract.ROOT / "proto" / "buf.yaml").read_text(encoding="utf-8").split("path: third_party")[0]
    assert re.findall(r"\b(except|ignore|ignore_only)\b:", own_module) == []
    assert [proto for proto in contract.PROTOS if "buf:lint:ignore" in source(proto)] == []


def test_check_10_no_field_is_required_by_the_wire() -> None:
    """What is required is marked for validators; the wire itself never refuses a message."""
    assert [field.full_name for message in contract.messages() for field in message.fields if field.is_required] == []
