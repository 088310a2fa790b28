"""Which bodies a mapping reads, and whose words the presets follow."""

import json
from pathlib import Path

import pytest

from adapters.generic.mapping import compilation, explanation
from sre_ingest.sdk import samples
from sre_ingest.sdk.errors import WrongShape
from tests.rooms.bodies import alert, only
from tests.rooms.mappings import ALERT, BODY, read, written


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


def test_an_explanation_names_every_field(tmp_path: Path) -> None:
    """As its file does, down to the members of lists and of sections."""
    made = written(
        tmp_path,
        shapes=[{"name": "only", "when": "rule", "alert": ALERT | {"identity": ["a", "b"], "labels": {"c": "rule"}}}],
    )
    told = [line.strip() for line in explanation.explain(made, json.dumps(BODY).encode())]
    assert told[-5:] == [
        "title: rule -> DiskFull",
        "status.value: state -> bad",
        "identity[0]: a -> null",
        "identity[1]: b -> null",
        "labels.c: rule -> DiskFull",
    ]
