"""Expected outputs that lie beside the tests: compared, or with `UPDATE_GOLDENS=1` written anew where they differ."""

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


def assert_golden(path: Path, actual: str) -> None:
    """Fail unless the file holds this text, and when it was rewritten, so that a person reads the difference."""
    if os.environ.get("UPDATE_GOLDENS") and (not path.exists() or path.read_text(encoding="utf-8") != actual):
        path.write_text(actual, encoding="utf-8")
        pytest.fail(f"{path.relative_to(ROOT)} was rewritten: read the difference")
    assert path.exists(), f"{path.relative_to(ROOT)} is missing: `make goldens` writes it"
    assert path.read_text(encoding="utf-8") == actual, "`make goldens` writes it anew"
