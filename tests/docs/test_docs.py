"""Documents that cannot rot."""

import re
from pathlib import Path

import pytest

from tests.docs.tables import DOCS, pages
from tests.goldens import assert_golden

ROOT = DOCS.parent
FOREIGN = {".venv", "build", "var", "third_party"}
MARKDOWN = sorted(path for path in ROOT.rglob("*.md") if not FOREIGN & set(path.relative_to(ROOT).parts))


@pytest.mark.parametrize(("name", "text"), pages().items(), ids=pages())
def test_generated_tables_are_current(name: str, text: str) -> None:
    """Settings, metrics and errors are documented as the code has them; `make goldens` writes the pages anew."""
    assert_golden(DOCS / name, text)


@pytest.mark.parametrize("page", MARKDOWN, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    """Every relative link of every page names a file or folder that exists."""
    targets = re.findall(r"\]\((?!https?://|#|mailto:)([^)#\s]+)", page.read_text())
    missing = [target for target in targets if not (page.parent / target).exists()]
    assert missing == []
