"""Documents that cannot rot."""

import os
import re
from pathlib import Path

import pytest

from tests.docs.tables import DOCS, pages

ROOT = DOCS.parent
FOREIGN = {".venv", "build", "var", "third_party"}
MARKDOWN = sorted(path for path in ROOT.rglob("*.md") if not FOREIGN & set(path.relative_to(ROOT).parts))


@pytest.mark.parametrize("name", ["settings.md", "metrics.md", "errors.md"])
def test_generated_tables_are_current(name: str) -> None:
    """Settings, metrics and errors are documented as the code has them; `make goldens` writes the pages anew."""
    page, text = DOCS / name, pages()[name]
    if os.environ.get("UPDATE_GOLDENS") == "1" and (not page.exists() or page.read_text() != text):
        page.write_text(text)
        pytest.fail(f"docs/{name} was rewritten: read the difference")
    assert page.read_text() == text


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of every page names a file or folder that exists."""
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text())
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []


def test_the_settings_of_the_chart_exist() -> None:
    """Every variable that the chart sets is a setting."""
    from tests.docs.tables import settings

    documented = settings()
    for name in (ROOT / "tests/chart/environment.txt").read_text().split():
        path = name.removeprefix("SRE_INGEST_").lower().replace("__", ".")
        assert f"`{path}`" in documented


def test_no_page_quotes_the_contract() -> None:
    """A fenced block of protobuf is at most three lines long: the files are the source, not their copies."""
    for page in MARKDOWN:
        for block in re.findall(r"```proto\w*\n(.*?)```", page.read_text(), re.DOTALL):
            assert block.count("\n") <= 3, page
