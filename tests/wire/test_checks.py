"""Every acceptance check of the contract pack has a test that is named after its number."""

import re
from pathlib import Path

CHECKS = range(1, 61)


def test_every_check_of_the_pack_has_a_test() -> None:
    """Each is held by tests of this folder, one or more."""
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    names = re.findall(r"^def test_check((?:_\d\d)+)_", text, re.MULTILINE)
    assert set(CHECKS) - {int(number) for name in names for number in name.split("_")[1:]} == set()
