"""Documents that cannot rot."""

import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from adapters.generic.mapping import compilation
from sre_ingest import cli
from tests.docs import mappings_page
from tests.docs.tables import DOCS, pages, setting_names
from tests.docs.walk import Walk, environment
from tests.goldens import assert_golden

ROOT = DOCS.parent
FOREIGN = {".venv", "build", "var", "third_party"}
MARKDOWN = sorted(path for path in ROOT.rglob("*.md") if not FOREIGN & set(path.relative_to(ROOT).parts))


@pytest.mark.parametrize(("name", "text"), pages().items(), ids=pages())
def test_generated_tables_are_current(name: str, text: str) -> None:
    """Settings, metrics and errors are documented as the code has them; `make goldens` writes the pages anew."""
    assert_golden(DOCS / name, text)


def test_the_page_on_mappings_is_current() -> None:
    """Every field and function of the format."""
    assert_golden(DOCS / "mappings.md", mappings_page.render())


def test_the_page_on_mappings_is_followed(tmp_path: Path) -> None:
    """Its mappings compile, and do what it says with its bodies."""
    Walk(tmp_path, environment(Path(sys.executable).parent)).follow(DOCS / "mappings.md")
    assert [one.name for one in compilation.adapters(tmp_path)] == ["example", "objectives", "prober"]


def test_the_readme_names_every_command() -> None:
    """Those that `sre-ingest --help` and the help of its groups list, and no others, in their order."""
    group = typer.main.get_command(cli.app)
    table = (ROOT / "README.md").read_text().partition("| `sre-ingest` |")[2].partition("\n\n")[0]
    named = re.findall(r"^\| `([a-z -]+[a-z])", table, re.MULTILINE)
    assert named == list(commands(group))


def commands(group: Any, above: str = "") -> Iterator[str]:
    """The whole name of every command in a group."""
    for name, command in group.commands.items():
        if hasattr(command, "commands"):
            yield from commands(command, f"{above}{name} ")
        else:
            yield above + name


def test_the_picture_of_the_house_has_its_floors() -> None:
    """Those that the import linter holds, in their order, from the highest."""
    [floors, *_] = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]
    picture = (DOCS / "journey.md").read_text().partition("```mermaid")[2].partition("```")[0]
    drawn = re.findall(r'\w+\["([\w, ]+)(?::[^"]*)?"\]', picture)
    parts = [sorted(floor.split(", ")) for floor in dict.fromkeys(drawn)]
    wanted = [sorted(layer.split(" | ")) for layer in floors["layers"]]
    assert [part for part in parts if part != ["entry points"]] == [["__main__", "cli"], *wanted[2:]]


def test_every_setting_that_a_page_names_is_one() -> None:
    """What a page calls by the name of a section and a field can be set."""
    known = {path.removeprefix("endpoints[].") for path in setting_names()}
    sections = "|".join(sorted({path.partition(".")[0] for path in known if "." in path}))
    pages = {page: page.read_text() for page in MARKDOWN if "helm" not in page.parts}
    named = [(page.name, name) for page, text in pages.items() for name in re.findall(rf"`((?:{sections})\.\w+)", text)]
    assert [(page, name) for page, name in named if name not in known and not name.endswith((".py", "ssl_"))] == []


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of every page names a file or folder that exists."""
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text())
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []
