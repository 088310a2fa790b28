"""The image and the chart are made for each other. No engine here can build it: these tests read the Dockerfile."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

Documents = Callable[..., dict[str, dict[str, Any]]]
ValueSet = Callable[[str], dict[str, Any]]


def instructions(root: Path) -> list[tuple[str, str]]:
    """The Dockerfile as (instruction, rest), comments dropped and continued lines joined."""
    text = (root / "deploy" / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line and not line.startswith("#")]
    return [(first, rest) for first, _, rest in (line.partition(" ") for line in lines)]


def last(root: Path, instruction: str) -> str:
    """What the last of an instruction says: the one that counts."""
    return [rest for name, rest in instructions(root) if name == instruction][-1]


def test_image_runs_as_the_chart_says(root: Path, documents: Documents, value_set: ValueSet) -> None:
    """User, command, port and data folder are the same in both."""
    rendered = documents(value_set("minimal"))
    spec = rendered["statefulset.yaml"]["spec"]["template"]["spec"]
    context, container = spec["securityContext"], spec["containers"][0]
    assert last(root, "USER") == f"{context['runAsUser']}:{context['runAsGroup']}"
    assert json.loads(last(root, "ENTRYPOINT")) == ["sre-ingest"]
    assert json.loads(last(root, "CMD")) == container["args"]
    assert last(root, "EXPOSE") == str(container["ports"][0]["containerPort"]) == container["args"][-1]
    assert f"SRE_INGEST_DATA_DIR={rendered['configmap.yaml']['data']['SRE_INGEST_DATA_DIR']}" in last(root, "ENV")


def test_image_needs_no_shell(root: Path) -> None:
    """Every command is a list: nothing is run through a shell."""
    commands = [rest for name, rest in instructions(root) if name in {"RUN", "CMD", "ENTRYPOINT"}]
    assert [command for command in commands if not isinstance(json.loads(command), list)] == []


def test_image_installs_what_was_locked(root: Path) -> None:
    """Dependencies come with hashes, and the program itself brings none and builds with what was locked."""
    installs = [json.loads(rest) for name, rest in instructions(root) if name == "RUN" and '"pip"' in rest]
    assert ["--require-hashes" in install or "--no-deps" in install for install in installs] == [True, True, True]
    assert [install for install in installs if install[1] == "wheel" and "--no-build-isolation" not in install] == []


def test_build_sees_what_it_copies(root: Path) -> None:
    """.dockerignore lets through exactly what the Dockerfile copies from the repository."""
    copied = {
        source.removeprefix("./")
        for name, rest in instructions(root)
        if name == "COPY" and not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    ignored = (root / ".dockerignore").read_text(encoding="utf-8")
    assert "*" in ignored.splitlines()
    assert set(re.findall(r"^!(.+)$", ignored, flags=re.MULTILINE)) == copied
