"""The page on presets: what it lists is what there is, and what it tells users to do works."""

import sys
from pathlib import Path

from tests.docs import presets_page
from tests.docs.walk import Walk, environment
from tests.goldens import assert_golden


def test_the_page_on_presets_is_current() -> None:
    """Every preset with its path, what it becomes and what it follows; `make goldens` writes the page anew."""
    assert_golden(presets_page.PAGE, presets_page.render())


def test_the_page_is_followed(tmp_path: Path) -> None:
    """The token is let in as the page shows it, and in no other way; its settings are settings."""
    Walk(tmp_path, environment(Path(sys.executable).parent)).follow(presets_page.PAGE)
