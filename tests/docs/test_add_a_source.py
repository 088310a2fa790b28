"""docs/add-a-source.md: followed in a copy of this repository, from a captured body to a served source."""

import shutil
from pathlib import Path

import pytest

from tests.docs.tables import DOCS
from tests.docs.walk import Walk, environment
from tests.goldens import ROOT
from tests.parts.installation import OFFLINE, Installation

PAGE = DOCS / "add-a-source.md"
LEFT_OUT = shutil.ignore_patterns(".venv", ".git", "build", "var", "dist", ".*_cache", "__pycache__", ".hypothesis")


@pytest.mark.timeout(600)
def test_the_page_is_followed(tmp_path: Path) -> None:
    """Every file is written, every change made, every command run, and each prints what the page says."""
    copy = tmp_path / "copy"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    installation = Installation(copy / ".venv", "-e", copy)
    (copy / ".venv" / ".dev").touch()
    Walk(copy, environment(installation.bin, **OFFLINE)).follow(PAGE)
