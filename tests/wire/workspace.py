"""Copies of the contract's workspace in which a test may change and build things, without a network."""

import importlib.resources
import os
import shutil
import subprocess
import sys
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tests.wire import contract

# An address where nobody listens, so that a command that asks the network fails instead of succeeding by luck.
NOWHERE = "http://127.0.0.1:9"
PROTO = contract.ROOT / "proto"
MODULE = contract.MODULE_ROOT.relative_to(contract.ROOT)


def run(*command: str, cwd: Path, **extra: str) -> subprocess.CompletedProcess[str]:
    """Run a command without a network, unmoved by a make that may have started the tests."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "MFLAGS"))}
    env = kept | {"HTTPS_PROXY": NOWHERE, "HTTP_PROXY": NOWHERE, "ALL_PROXY": NOWHERE} | extra
    return subprocess.run(command, cwd=cwd, env=env, capture_output=True, text=True, check=False)


def make(tree: Path, target: str, *variables: str) -> subprocess.CompletedProcess[str]:
    """Run one of the contract's targets in a copy of the tree."""
    command = ("make", "-f", "proto/proto.mk", f"VENV={sys.prefix}", target, *variables)
    return run(*command, cwd=tree, BUF_CACHE_DIR=str(tree / "buf-cache"))


def buf(tree: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """Run buf in a copy of the tree."""
    return run(str(Path(sys.prefix) / "bin" / "buf"), *arguments, cwd=tree, BUF_CACHE_DIR=str(tree / "buf-cache"))


def copy(tree: Path) -> Path:
    """Copy the workspace into an empty folder, with the one imported file that git ignores."""
    leave = shutil.ignore_patterns("third_party", "__pycache__")
    shutil.copytree(PROTO, tree / "proto", ignore=leave)
    borrowed = tree / "proto" / "third_party" / "google" / "api" / "field_behavior.proto"
    borrowed.parent.mkdir(parents=True)
    borrowed.write_bytes((importlib.resources.files("google.api") / "field_behavior.proto").read_bytes())
    return tree


def build(tree: Path) -> FileDescriptorSet:
    """The image of the contract in a copy of the tree, with comments and with the options that code does not get."""
    image = tree / "image.binpb"
    outcome = buf(tree, "build", str(MODULE), "--as-file-descriptor-set", "--output", str(image))
    assert outcome.returncode == 0, outcome.stderr
    return FileDescriptorSet.FromString(image.read_bytes())


def replace(tree: Path, proto: str, old: str, new: str) -> None:
    """Replace a text that occurs once in a .proto file; a shortened path is enough, as in "core/v1/sre.proto"."""
    (file,) = (tree / MODULE).rglob(f"*/{proto}")
    text = file.read_text(encoding="utf-8")
    assert text.count(old) == 1, f"{old!r} occurs {text.count(old)} times in {proto}"
    file.write_text(text.replace(old, new), encoding="utf-8")
