"""Copies of the contract's workspace."""

from pathlib import Path

import pytest

from tests.wire import workspace


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the workspace, for this test alone."""
    return workspace.copy(tmp_path)
