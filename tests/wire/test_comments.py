"""Everything in the contract is explained where it stands, and nowhere else."""

import re
from collections.abc import Iterator
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from sre_ingest.contract import comments
from tests.wire import contract
from tests.wire.comments import missing

ELSEWHERE = {"build", "dist", "node_modules", "third_party", "var", "venv"}
FENCE = re.compile(r"^ *(```+|~~~+) *([\w-]*)[^\n]*\n(.*?)^ *\1", re.MULTILINE | re.DOTALL)
PROTO = re.compile(r'^\s*(syntax = "proto|(message|enum|service|oneof) \w+ \{|(\w+ )+= \d+ *[;\[])', re.MULTILINE)


def documents(folder: Path = contract.ROOT) -> Iterator[Path]:
    """All Markdown of the project."""
    for path in folder.iterdir():
        if path.is_dir() and not path.name.startswith(".") and path.name not in ELSEWHERE:
            yield from documents(path)
        elif path.suffix == ".md":
            yield path


def embedded(text: str) -> list[str]:
    """Fenced blocks of proto text, said to be so or looking so, that are longer than three lines."""
    blocks = ((language.lower(), body) for _, language, body in FENCE.findall(text))
    return [
        body
        for language, body in blocks
        if body.count("\n") > 3 and (language.startswith("proto") or (not language and PROTO.search(body)))
    ]


def test_check_55_no_document_embeds_the_contract() -> None:
    """The .proto files are the only place where the contract is written down; a copy elsewhere would drift."""
    found = list(documents())
    assert contract.ROOT / "proto" / "README.md" in found
    assert [path.relative_to(contract.ROOT) for path in found if embedded(path.read_text(encoding="utf-8"))] == []


def test_check_55_embedded_text_would_be_seen() -> None:
    """Three lines pass, four do not, with or without the name of the language."""
    lines = ["message A {", "  string b = 1;", "  string c = 2;", "}"]
    for language in ("proto", "protobuf", ""):
        assert embedded("\n".join([f"```{language}", *lines, "```", ""])) != []
        assert embedded("\n".join([f"```{language}", *lines[:3], "```", ""])) == []
    assert embedded("\n".join(["```python", *lines, "```", ""])) == []


def test_check_56_everything_has_a_comment_in_sentences(image: FileDescriptorSet) -> None:
    """Messages, fields, oneofs, enums, values, services, rpcs, options and files say what they mean."""
    assert missing(image) == []


def test_check_56_comments_carry_no_marks_of_their_making(image: FileDescriptorSet) -> None:
    """A comment speaks to its reader: it names no working paper and leaves nothing to do."""
    marks = re.compile(r"\[inferred\]|\b(TODO|FIXME|XXX|TBD|DOM|CAP|PRJ|AGT)\b")
    assert [name for name, text in comments.read(image).items() if marks.search(text)] == []
