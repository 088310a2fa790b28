"""A page that is followed fails as soon as it does not tell the truth."""

from pathlib import Path

import pytest

from tests.docs.walk import Walk, environment
from tests.parts.processes import PartFailedError

TRUE = """
```json a.json
{"a": 1}
```
```diff
--- a.json
+++ a.json
@@ -1 +1 @@
-{"a": 1}
+{"a": 2}
```
```console
cat a.json
```
```text
"a":2
```
```console fails
exit 3
```
"""


def follow(folder: Path, page: str) -> None:
    """Follow a page in a folder."""
    (folder / "page.md").write_text(page)
    Walk(folder, environment(folder)).follow(folder / "page.md")


def test_a_true_page_is_followed(tmp_path: Path) -> None:
    """To its end."""
    follow(tmp_path, TRUE)
    assert (tmp_path / "a.json").read_text() == '{"a": 2}\n'


@pytest.mark.parametrize(
    ("word", "instead"),
    [
        ('"a":2', '"a":1'),
        ("exit 3", "exit 0"),
        ("cat a.json", "cat b.json"),
        ("cat a.json", "false; cat a.json"),
        ('-{"a": 1}', '-{"a": 3}'),
        ("```json a.json", "```json"),
        ("```text", "```odd"),
    ],
)
def test_a_page_that_lies_is_not(tmp_path: Path, word: str, instead: str) -> None:
    """Another output, another end, a change that does not fit, a block that nobody can follow."""
    with pytest.raises(AssertionError):
        follow(tmp_path, TRUE.replace(word, instead))


def test_a_server_that_does_not_start_is_told(tmp_path: Path) -> None:
    """Rather than waited for."""
    with pytest.raises(PartFailedError, match="ended with 5"):
        follow(tmp_path, "```console serve\nsh -c 'exit 5'\n```\n")
