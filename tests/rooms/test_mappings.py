"""Which bodies a mapping reads, how the mistakes in its file are told, and whose words the presets follow."""

import json
from pathlib import Path
from urllib.parse import urlencode

import pytest

from adapters.generic.mapping import compilation
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import MappingError
from sre_ingest.sdk.errors import NotJson, WrongShape
from tests.rooms.bodies import alert, only
from tests.rooms.mappings import ALERT, BODY, read


def test_a_form_is_read(tmp_path: Path) -> None:
    """The field that the mapping names holds the JSON; a JSON body is read all the same."""
    form = urlencode({"payload": json.dumps(BODY), "other": "x"}).encode()
    for body in (form, json.dumps(BODY).encode()):
        assert alert(only(read(tmp_path, body, form_field="payload"))).name == "DiskFull"
    for wrong in (b"other=x", b"payload=1&payload=2", b"\xff", b"payload=%ff", b"&".join([b"a=1"] * 100)):
        with pytest.raises(NotJson):
            read(tmp_path, wrong, form_field="payload")


def test_json_inside_text_is_read(tmp_path: Path) -> None:
    """As strictly as a body: what is no JSON is null."""
    shape = {"when": "json(Message)", "each": "[json(Message)]", "alert": ALERT}
    assert alert(only(read(tmp_path, {"Message": json.dumps(BODY)}, shape))).name == "DiskFull"
    for text in ("no JSON", '{"a":NaN}', '{"a":1,"a":2}', 7):
        with pytest.raises(WrongShape):
            read(tmp_path, json.dumps({"Message": text}).encode(), shape)


def test_a_body_of_no_shape_is_refused(tmp_path: Path) -> None:
    """The sentence names the tool."""
    with pytest.raises(WrongShape, match="Tool"):
        read(tmp_path, BODY, {"when": "nothing", "alert": ALERT})
    with pytest.raises(WrongShape, match="no list of records"):
        read(tmp_path, BODY, {"each": "rule", "alert": ALERT})


def test_expressions_may_ask_the_whole_body(tmp_path: Path) -> None:
    """`body()` is there in every field, and null is what a function makes of the wrong type."""
    labels = {
        "env": "body().env",
        "first": "split(path, '/')[0]",
        "low": "lower(rule)",
        "n": "text(number(`5`))",
        "x": "lower(`1`)",
    }
    shape = {"each": "list", "alert": ALERT | {"labels": labels}}
    body = {"env": "prod", "list": [BODY | {"path": "a/b"}]}
    assert dict(alert(only(read(tmp_path, body, shape))).labels) == {
        "alertname": "DiskFull", "env": "prod", "first": "a", "low": "diskfull", "n": "5.0",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("about: {tool: T, source: s, seen: 2026-01-01}\nshapes:\n- name: a\n  when: 'a ||'\n  alert: {}\n",
         "tool.yaml:4: shapes[0].when: "),
        ("about: {tool: T, source: s, seen: 2026-01-01}\nshapes:\n- name: a\n  when: 'odd(a)'\n  ignore: b\n",
         "tool.yaml:4: shapes[0].when: knows no function odd()"),
        ("about: {tool: T, source: s, seen: 2026-01-01}\nshapes:\n- name: a\n  when: a\n",
         "tool.yaml:3: shapes[0]: needs exactly one of alert"),
        ("about: {tool: T, source: s, seen: 2026-01-01}\nshapes: []\n", "tool.yaml:2: shapes: "),
        ("about: {tool: T, source: s, seen: no}\nshapes: [{name: a, when: a, ignore: a}]\n",
         "tool.yaml:1: about.seen: "),
        ("about: {tool: T, source: s, seen: 2026-01-01}\nsahpes: []\n", "tool.yaml:2: sahpes: "),
        ("a: [\n", "tool.yaml:2: is no YAML"),
        ("", "tool.yaml:1: is empty"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_with_file_line_and_field(tmp_path: Path, text: str, complaint: str) -> None:
    """Whoever wrote it finds the place, and every mistake of a folder is told at once."""
    (tmp_path / "tool.yaml").write_text(text)
    (tmp_path / "zoo.yaml").write_text("about: 1\nshapes: 2\n")
    with pytest.raises(MappingError) as caught:
        compilation.adapters(tmp_path)
    lines = str(caught.value).splitlines()
    assert any(line.startswith(complaint) for line in lines), lines
    assert [line[:20] for line in lines if line.startswith("zoo")] == ["zoo.yaml:1: about: m", "zoo.yaml:2: shapes: "]


def test_every_preset_says_whose_words_it_reads() -> None:
    """Tool, source and date; and it has samples."""
    folder = Path(compilation.__file__).parents[1] / "mappings"
    files = sorted(folder.glob("*.yaml"))
    assert files
    for file in files:
        about = compilation.load(file).about
        assert (len(about.tool) > 2, len(about.source) > 20) == (True, True), file.name
        assert samples.find(file.with_suffix("")), f"{file.name} has no samples"
    assert sorted(path.name for path in folder.iterdir() if path.is_dir()) == [file.stem for file in files]
