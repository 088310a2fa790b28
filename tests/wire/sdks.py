"""The SDKs as their users have them: generated into a folder, compiled without a network, and asked about one record.

The programs that decode a record are those of proto/README.md, taken from there.
"""

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.parts.processes import MissingPartError
from tests.wire import contract, workspace

TOOLS = contract.ROOT / "build"
READERS = Path(__file__).parent / "readers"
"""Programs that write the descriptors which an SDK carries."""


@dataclass(frozen=True, slots=True)
class Sdk:
    """Commands that run two programs: one decodes the record on its standard input, one describes the contract."""

    decode: tuple[str, ...]
    describe: tuple[str, ...] = ()


def block(language: str) -> str:
    """The one fenced block of this language in the part of proto/README.md about the SDKs."""
    text = (workspace.PROTO / "README.md").read_text(encoding="utf-8")
    chapter = text[text.index("## Reading it") : text.index("## Changing it")]
    (found,) = re.findall(rf"^```{language}\n(.*?)^```$", chapter, re.MULTILINE | re.DOTALL)
    return str(found)


def output(command: tuple[str, ...], value: bytes = b"") -> bytes:
    """What a program prints when it is given these bytes."""
    done = subprocess.run(command, input=value, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout


def python(folder: Path) -> Sdk:
    """The program for Python; its SDK is committed, so nothing is generated."""
    (folder / "decode.py").write_text(block("python"), encoding="utf-8")
    return Sdk((sys.executable, "-W", "error", str(folder / "decode.py")))


def go(folder: Path) -> Sdk:
    """The module, vetted, and a module beside it that uses it as proto/README.md says."""
    _need("Go", "go")
    sdk = _generate("go", folder, TOOLS / "sdk-go" / "bin" / "protoc-gen-go")
    reader = folder / "reader"
    for name, text in (("decode", block("go")), ("describe", (READERS / "describe.go").read_text(encoding="utf-8"))):
        (reader / name).mkdir(parents=True)
        (reader / name / "main.go").write_text(text, encoding="utf-8")
    shutil.copy(sdk / "go.sum", reader)  # otherwise a checksum that was never seen is looked up in public
    for command in ("go build ./...", "go vet ./..."):
        _go(command, sdk)
    for command in (
        "go mod init example.org/reader",
        block("sh"),
        "go vet ./...",
        "mkdir bin && go build -o bin ./...",
    ):
        _go(command, reader)
    return Sdk((str(reader / "bin" / "decode"),), (str(reader / "bin" / "describe"),))


def typescript(folder: Path) -> Sdk:
    """The package, compiled by the rules of its own tsconfig.json together with two programs."""
    _need("Node with npm", "node", "npm")
    modules = TOOLS / "sdk-typescript" / "node_modules"
    sdk = _generate("typescript", folder, modules / ".bin" / "protoc-gen-es")
    (sdk / "node_modules").symlink_to(modules)
    (sdk / "decode.ts").write_text(block("ts"), encoding="utf-8")
    shutil.copy(READERS / "describe.ts", sdk)
    outcome = workspace.run(str(modules / ".bin" / "tsc"), cwd=sdk)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return Sdk(("node", str(sdk / "dist" / "decode.js")), ("node", str(sdk / "dist" / "describe.js")))


def _need(language: str, *programs: str) -> None:
    """Skip where a toolchain is absent; where CI runs everything has to be there."""
    if absent := " and ".join(name for name in programs if shutil.which(name) is None):
        told = f"The SDK is not tested without {language}, and there is no {absent} here."
        (pytest.fail if os.environ.get("CI") else pytest.skip)(told)


def _generate(language: str, folder: Path, generator: Path) -> Path:
    """The folder that `make proto-sdks` fills from a copy of the workspace, with the generators that are there."""
    if not generator.exists():
        raise MissingPartError(f"build/ has no {generator.name}, and the tests do not run without it: run `make parts`")
    tree, out = workspace.copy(folder / "tree"), folder / "sdks"
    variables = (f"SDKS={language}", f"SDK_OUT={out}", f"SDK_TOOLS={TOOLS}")
    outcome = workspace.make(tree, "proto-sdks", "--old-file=proto-sdk-tools", *variables)
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
    return out / language


def _go(command: str, folder: Path) -> None:
    """Run lines of a shell without a network, with modules from Go's cache; paths are trimmed to find more there."""
    outcome = workspace.run("sh", "-ec", command, cwd=folder, GOFLAGS="-trimpath", GOPROXY="off", GOWORK="off")
    assert outcome.returncode == 0, outcome.stdout + outcome.stderr
