"""The beginnings of an adapter: what is written, and that it is right from the first moment."""

import shutil
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest

from sre_ingest.scaffold import project
from sre_ingest.scaffold.skeleton import Kind, SkeletonError, skeleton
from tests.goldens import ROOT
from tests.unit.test_cli import run

TODAY = date(2026, 1, 2)
COPIED = ("adapters", "src", "proto/proto.mk", "tests/parts/parts.mk", "Makefile", "pyproject.toml")
WALL = 250
"""Lines that the Python and YAML of a skeleton may have."""


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A copy of what this repository is built of, in a folder of its own."""
    for name in COPIED:
        target = tmp_path / "copy" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, target)
    return tmp_path / "copy"


def shell(*command: str, cwd: Path) -> str:
    """What a command printed that must succeed in a copy, with the copy's code."""
    path = f"{cwd / 'src'}:{cwd}"
    done = subprocess.run(
        ["env", f"PYTHONPATH={path}", *command], cwd=cwd, capture_output=True, text=True, timeout=110, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def make(copy: Path, *variables: str) -> str:
    """`make new-adapter` in a copy, with the tools that are installed here."""
    venv = Path(sys.executable).parents[1]
    return shell("make", "-s", f"--assume-old={venv}/.dev", f"VENV={venv}", "new-adapter", *variables, cwd=copy)


def test_a_new_room_of_this_repository_is_right_at_once(copy: Path) -> None:
    """It is tried, formatted, linted and typed, and its entry point stands in its place among the others."""
    make(copy, "NAME=acme")
    python = (sys.executable, "-m")
    tried = shell(*python, "sre_ingest", "adapters", "test", "adapters/acme", "--mutations", "50", cwd=copy)
    assert "ok   acme: firing, resolved: one identity\n" in tried
    assert 'acme = "adapters.acme:adapter"\nalertmanager = ' in (copy / "pyproject.toml").read_text()
    shell(*python, "ruff", "check", "adapters/acme", cwd=copy)
    shell(*python, "ruff", "format", "--check", "adapters/acme", cwd=copy)
    shell(*python, "mypy", "adapters/acme", cwd=copy)


def test_a_new_mapping_of_this_repository_is_served_at_once(copy: Path) -> None:
    """It is a preset, with samples."""
    make(copy, "NAME=acme", "KIND=mapping")
    listed = shell(sys.executable, "-m", "sre_ingest", "adapters", "list", cwd=copy)
    assert "acme\t/webhooks/generic/acme\talert\t" in listed


@pytest.mark.parametrize(
    ("variables", "told"), [((), "make new-adapter NAME=acme"), (("NAME=acme", "KIND=odd"), "KIND is room or mapping")]
)
def test_make_tells_what_it_needs(copy: Path, variables: tuple[str, ...], told: str) -> None:
    """Before it installs anything."""
    with pytest.raises(AssertionError, match=told):
        shell("make", "-s", "new-adapter", *variables, cwd=copy)
    assert not (copy / "adapters" / "acme").exists()
    assert not (copy / ".venv").exists()


@pytest.mark.parametrize("kind", Kind)
def test_a_skeleton_is_small(tmp_path: Path, kind: Kind) -> None:
    """It is read before it is changed."""
    files = skeleton(kind, "acme", tmp_path, TODAY).files
    assert sum(text.count("\n") for path, text in files.items() if path.suffix in (".py", ".yaml", ".toml")) < WALL
    assert not any("$" in text for text in files.values())


@pytest.mark.parametrize("kind", Kind)
def test_nothing_is_overwritten(tmp_path: Path, kind: Kind) -> None:
    """Whichever of its files is there already."""
    for path in skeleton(kind, "acme", tmp_path, TODAY).files:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.touch()
        with pytest.raises(SkeletonError, match="is there already; choose another name"):
            skeleton(kind, "acme", tmp_path, TODAY)
        shutil.rmtree(tmp_path)
        tmp_path.mkdir()


@pytest.mark.parametrize("name", ["Acme", "1acme", "-acme", "", "acme_cloud", "acme.cloud", "class", "x" * 42])
@pytest.mark.parametrize("kind", Kind)
def test_a_name_is_told_by_one_rule(tmp_path: Path, kind: Kind, name: str) -> None:
    """Whatever is begun under it."""
    with pytest.raises(SkeletonError, match=f"{name} cannot be the name of an adapter: begin with a small letter"):
        skeleton(kind, name, tmp_path, TODAY)


@pytest.mark.parametrize("kind", [Kind.ROOM, Kind.DISTRIBUTION])
def test_a_package_has_the_name_of_a_package(tmp_path: Path, kind: Kind) -> None:
    """A mapping may have a hyphen in its name."""
    assert skeleton(Kind.MAPPING, "acme-cloud", tmp_path, TODAY).files
    with pytest.raises(SkeletonError, match="acme-cloud cannot be the name of an adapter"):
        skeleton(kind, "acme-cloud", tmp_path, TODAY)


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("grafana", "--kind", "mapping"), "grafana.yaml: grafana is the name of an adapter of sre-ingest "),
        (("datadog",), "datadog is the name of an adapter of sre-ingest "),
        (("acme", "--to", "nowhere"), "nowhere is no folder; make it with mkdir, or name another with --to\n"),
        (("Acme",), "Acme cannot be the name of an adapter"),
    ],
)
def test_what_cannot_be_begun_is_one_sentence(tmp_path: Path, arguments: tuple[str, ...], told: str) -> None:
    """And nothing is written, neither what could not be served later."""
    ended = run("adapters", "new", *arguments, cwd=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr.count("\n")) == (2, "", 1)
    assert told in ended.stderr
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("[project]\n", '[project]\n\n[project.entry-points."sre_ingest.adapters"]\nacme = "acme:adapter"\n'),
        (
            '[project.entry-points."sre_ingest.adapters"]\nabc = "a:b"\nzoo = "z:y"\n\n[tool.x]\n# a comment\n',
            '[project.entry-points."sre_ingest.adapters"]\nabc = "a:b"\nacme = "acme:adapter"\nzoo = "z:y"\n\n'
            "[tool.x]\n# a comment\n",
        ),
    ],
    ids=["the first", "among others"],
)
def test_an_entry_point_is_added(tmp_path: Path, before: str, after: str) -> None:
    """Sorted, and nothing else is touched."""
    (tmp_path / "pyproject.toml").write_text(before)
    assert project.register(tmp_path / "acme") == tmp_path / "pyproject.toml"
    assert (tmp_path / "pyproject.toml").read_text() == after


def test_a_room_needs_no_project(tmp_path: Path) -> None:
    """Then nothing but its own files is written."""
    assert project.register(tmp_path / "acme") is None


def test_the_command_tells_what_it_wrote(tmp_path: Path) -> None:
    """And how to try it; a second time it is refused, and so is a name that could be no path."""
    first = run("adapters", "new", "acme", "--kind", "mapping", cwd=tmp_path)
    assert (first.returncode, first.stderr) == (0, "")
    assert "wrote acme/firing.expected.json\n" in first.stdout
    assert first.stdout.endswith("try it with: sre-ingest adapters test acme.yaml\n")
    second = run("adapters", "new", "acme", "--kind", "mapping", cwd=tmp_path)
    assert (second.returncode, second.stderr.count("\n")) == (2, 1)
    assert run("adapters", "new", "../Acme", cwd=tmp_path).returncode == 2
