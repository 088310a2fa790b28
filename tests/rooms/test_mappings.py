"""Which bodies a mapping reads, and whose words the presets follow."""

import json
from pathlib import Path
from typing import Any

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


def explained(folder: Path, body: object, shape: dict[str, Any]) -> list[str]:
    """What is told of the one record of a body."""
    made = written(folder, shapes=[{"name": "only", "when": "`true`", **shape}])
    told = list(explanation.explain(made, json.dumps(body).encode()))
    return [line.strip() for line in told[told.index("record 0") + 1 :]]


def test_an_explanation_names_every_field(tmp_path: Path) -> None:
    """As its file does, down to the members of lists and of sections."""
    changes = {"identity": ["a", "b"], "labels": {"c": "rule"}}
    assert explained(tmp_path, BODY, {"alert": ALERT | changes}) == [
        "title: rule -> DiskFull",
        "status.value: state -> bad",
        "identity[0]: a -> null",
        "identity[1]: b -> null",
        "labels.c: rule -> DiskFull",
        "status => firing",
        'labels => {"c":"DiskFull"}',
    ]


@pytest.mark.parametrize(
    ("body", "told"),
    [
        ({"state": "GOOD"}, "status => resolved"),
        ({"state": "test"}, "status => ignored"),
        ({"state": "odd"}, "status => cannot be understood [unknown_status]"),
        ({"level": "SEV1"}, "severity => critical"),
        ({"level": "p2"}, "severity => p2"),
        (
            {"level": "odd"},
            "severity => odd, which is not built in: the settings severity.map and severity.default decide",
        ),
        ({"at": 1767355200500}, "starts_at => 2026-01-02T12:00:00.500Z"),
        ({"at": "soon"}, "starts_at => cannot be understood [bad_time]"),
        ({}, "starts_at => none"),
        ({"tags": ["env:prod"], "host": "db1"}, 'labels => {"env":"prod","host":"db1"}'),
        ({"tags": 7}, "labels => cannot be understood [bad_field]"),
    ],
)
def test_an_explanation_tells_what_words_and_times_become(tmp_path: Path, body: dict[str, object], told: str) -> None:
    """After what was found: the status, the severity, each time, the labels together."""
    changes = {
        "severity": {"value": "level", "lookup": {"sev1": "critical"}},
        "starts_at": {"value": "at", "formats": ["epoch_ms"]},
        "labels": {"host": "host"},
        "labels_from": ["tags"],
    }
    assert told in explained(tmp_path, BODY | body, {"alert": ALERT | changes})


@pytest.mark.parametrize(
    ("kind", "told"),
    [
        ("host", "host -> null; if you mean the word itself, write \"'host'\", with both kinds of quotes"),
        ("'host'", "'host' -> host"),
        ("a.b", "a.b -> null"),
        ("rule", "rule -> DiskFull"),
    ],
)
def test_an_explanation_advises_whoever_forgot_the_inner_quotes(tmp_path: Path, kind: str, told: str) -> None:
    """A bare word is the name of a field; where that is not there, the word itself may have been meant."""
    lines = explained(tmp_path, BODY, {"alert": ALERT | {"resource": {"type": kind, "id": "x"}}})
    assert f"resource.type: {told}" in lines
    assert "resource.id: x -> null" in lines
