"""From a folder to the adapters in it, and the command that tries them."""

import shutil
import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from sre_ingest import catalog
from sre_ingest.conformance import folder
from sre_ingest.conformance.folder import FolderError
from sre_ingest.sdk.adapter import MappingError
from tests.unit.test_cli import PRESETS, run

ROOM = """
from {package}.translate import read
from sre_ingest.sdk.adapter import Adapter
adapter = Adapter("tiny", read)
"""
TRANSLATE = """
from sre_ingest.sdk import json
from sre_ingest.sdk.errors import WrongShape
def read(delivery):
    json.parse(delivery.body)
    raise WrongShape("No body is known yet.")
"""


@pytest.fixture(autouse=True)
def path(monkeypatch: pytest.MonkeyPatch) -> None:
    """The import path as it was, afterwards."""
    monkeypatch.setattr(sys, "path", sys.path.copy())


def write(where: Path, package: str, room: str = ROOM) -> Path:
    """A room in a package inside a folder, with one sample."""
    made = where.joinpath(*package.split("."))
    (made / "samples").mkdir(parents=True)
    for parent in (made, *made.parents[: package.count(".")]):
        (parent / "__init__.py").touch()
    (made / "__init__.py").write_text(room.format(package=package))
    (made / "translate.py").write_text(TRANSLATE)
    (made / "samples" / "firing.json").write_text("{}")
    return made


@pytest.mark.parametrize("package", ["kit_plain_room", "kit_outer.kit_inner"])
def test_a_room_is_imported_from_its_folder(tmp_path: Path, package: str) -> None:
    """By its whole name, so that its own imports work."""
    made = write(tmp_path, package)
    (subject,) = folder.subjects(made, catalog.mapper)
    assert (subject.adapter.name, subject.folder) == ("tiny", made / "samples")


def test_mappings_are_compiled_one_or_all() -> None:
    """Each with the folder of samples that is called as it is."""
    (one,) = folder.subjects(PRESETS / "pagerduty.yaml", catalog.mapper)
    assert (one.adapter.name, one.folder) == ("pagerduty", PRESETS / "pagerduty")
    names = [subject.adapter.name for subject in folder.subjects(PRESETS, catalog.mapper)]
    assert names == sorted(path.stem for path in PRESETS.glob("*.yaml"))


@pytest.mark.parametrize(
    ("package", "room", "told"),
    [
        ("kit_broken", "import kit_nowhere", "kit_broken in .* cannot be imported .ModuleNotFoundError"),
        ("kit_valueless", "adapter = 1", "has no value adapter that is an Adapter"),
        ("json", "", "is imported from .* and not from"),
    ],
)
def test_a_room_that_cannot_be_tried_is_told(tmp_path: Path, package: str, room: str, told: str) -> None:
    """With the remedy; a package that is called as another would not be the one that is tried."""
    with pytest.raises(FolderError, match=told):
        list(folder.subjects(write(tmp_path, package, room), catalog.mapper))


def test_a_folder_of_nothing_is_told(tmp_path: Path) -> None:
    """It has neither of the two; a file that is no mapping is told by its mistakes."""
    with pytest.raises(FolderError, match=r"neither a room \(__init__.py .*\) nor mappings \(\*.yaml\)"):
        list(folder.subjects(tmp_path, catalog.mapper))
    (tmp_path / "odd.yaml").write_text("a: 1\n")
    with pytest.raises(MappingError, match=r"odd\.yaml:1: about: is missing"):
        list(folder.subjects(tmp_path, catalog.mapper))


def test_a_folder_is_listed_as_serving_does(tmp_path: Path) -> None:
    """Without the files of editors, and every mistake in every file; rooms in it are tried, too."""
    shutil.copy(PRESETS / "pagerduty.yaml", tmp_path)
    (tmp_path / ".acme.yaml").write_text("no mapping")
    write(tmp_path, "kit_below")
    tried = list(folder.subjects(tmp_path, catalog.mapper))
    assert [one.folder for one in tried] == [tmp_path / "pagerduty", tmp_path / "kit_below" / "samples"]
    for name in ("one.yaml", "two.yaml", "three.yml"):
        (tmp_path / name).write_text("shapes: []\n")
    with pytest.raises(MappingError, match=r"(?s)one\.yaml:1: .*three\.yml: .*two\.yaml:1: "):
        list(folder.subjects(tmp_path, catalog.mapper))


@pytest.mark.parametrize("place", ["", "grafana.yaml"])
def test_a_mapping_that_could_not_be_served_is_told_before_it_is_tried(tmp_path: Path, place: str) -> None:
    """It is called as a room; one called as a preset takes its place."""
    for name in ("grafana", "pagerduty"):
        shutil.copy(PRESETS / "pagerduty.yaml", tmp_path / f"{name}.yaml")
    ended = run("adapters", "test", str(tmp_path / place), cwd=tmp_path)
    assert (ended.returncode, ended.stdout) == (2, "")
    told = f"grafana is the name of an adapter of sre-ingest {version('sre-ingest')} already; choose another"
    assert ended.stderr == f"sre-ingest: {tmp_path / place}: {told}\n"


def test_the_command_tries_updates_and_tells(tmp_path: Path) -> None:
    """A line for each check; exit code 1 while a golden is missing, 0 once it was written."""
    made = str(write(tmp_path, "kit_tried"))
    failing = run("adapters", "test", made, cwd=tmp_path)
    assert failing.returncode == 1
    assert "FAIL tiny: firing: refused: schema\n" in failing.stdout
    assert "       firing.rejected.json is missing; --update writes it" in failing.stdout
    assert failing.stdout.endswith("1 failed\n")

    updated = run("adapters", "test", made, "--update", "--mutations", "7", "--seed", "3", cwd=tmp_path)
    assert (updated.returncode, updated.stderr) == (0, "")
    assert f"wrote {made}/samples/firing.rejected.json: read whether it is right\n" in updated.stdout
    assert updated.stdout.endswith("ok   tiny: mutated bodies, seed 3: 7: 0 read, 7 refused\n")


def test_the_command_ends_with_a_sentence_where_there_is_nothing_to_try(tmp_path: Path) -> None:
    """Exit code 2."""
    ended = run("adapters", "test", str(tmp_path), cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith(f"sre-ingest: {tmp_path} holds neither a room")
    assert ended.stderr.count("\n") == 1
