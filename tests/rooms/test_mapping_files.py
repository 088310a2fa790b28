"""Files of mappings: every mistake in one is told at start, with its file, its line and its field, in plain words."""

import os
import re
from pathlib import Path

import pytest

from adapters.generic.mapping import compilation
from adapters.generic.mapping.functions import Functions
from sre_ingest.sdk.adapter import MappingError
from sre_ingest.sdk.json import Value

HEAD = "about: {tool: T, source: s, seen: 2026-01-01}\nshapes:\n- name: a\n  when: a\n"
WHOLE = HEAD + "  alert:\n    title: a\n    status: {value: b, lookup: {c: firing}}\n"
ALL = """\
about: {tool: T, source: s, seen: 2026-01-01}
content_types: [text/json]
form_field: f
shapes:
- {name: a, when: a, ignore: b, each: c, ignore_each: d, alert: {
    title: a, status: {value: b, lookup: {c: firing}}, identity: [e], severity: {value: f, lookup: {g: high}},
    starts_at: {value: h, formats: [go], zone: Europe/Berlin}, ends_at: {value: i}, labels: {j: k}, labels_from: [l],
    annotations: {m: n}, annotations_from: [o], rest: p, generator_url: q, runbook_url: r, dashboard_url: s,
    group_key: t, resource: {type: u, id: v, namespace: w, cluster: x, environment: y}}}
- {name: b, when: a, health_check: {
    title: a, status: {value: b, lookup: {c: healthy}}, resource: {type: d, id: e}, checked_at: {value: f}, message: g}}
- {name: c, when: a, sli_window: {slo_id: a, starts_at: {value: b}, ends_at: {value: c}, good: d, total: e}}
"""


def mistakes(folder: Path, content: str | bytes, name: str = "tool.yaml") -> list[str]:
    """What is told of a file."""
    (folder / name).write_bytes(content if isinstance(content, bytes) else content.encode())
    try:
        compilation.adapters(folder)
    except MappingError as error:
        told = str(error).splitlines()
        assert all(line.startswith(f"{folder}/") for line in told)
        return [line.removeprefix(f"{folder}/") for line in told]
    return []


def test_a_whole_file_has_no_mistake(tmp_path: Path) -> None:
    """Every field, anchors and aliases, a mark of byte order."""
    shared = WHOLE.replace("alert:", "alert: &it") + "- {name: b, when: b, alert: *it}\n"
    for content in (WHOLE, ALL, shared, b"\xef\xbb\xbf" + WHOLE.encode(), WHOLE + "    labels: {'no': a, '1': b}\n"):
        assert mistakes(tmp_path, content) == []


def test_a_shape_may_take_over_the_fields_of_another(tmp_path: Path) -> None:
    """As YAML's own merge does, and then has fields of its own."""
    merged = (
        WHOLE.replace("  alert:", "  alert: &first") + "- name: b\n  when: b\n  alert:\n    <<: *first\n    title: d\n"
    )
    (tmp_path / "tool.yaml").write_text(merged)
    first, second = (shape.alert for shape in compilation.load(tmp_path / "tool.yaml").shapes)
    assert first is not None
    assert second is not None
    assert (first.title.text, second.title.text, second.status.value.text) == ("a", "d", "b")


def test_quotes_keep_what_yaml_would_take_for_its_own(tmp_path: Path) -> None:
    """As docs/mappings.md says it: words that are no text, signs that begin something, names of unusual fields."""
    (tmp_path / "tool.yaml").write_text(
        WHOLE.replace("c: firing", '"on": firing, "off": resolved, "1": firing')
        + """    labels: {a: '"@timestamp"', b: '"host-name"', c: 'event."rule.id"'}\n"""
        + """    annotations: {d: "'x'", e: "`true`", f: "[@]"}\n"""
    )
    [alert] = (shape.alert for shape in compilation.load(tmp_path / "tool.yaml").shapes)
    assert alert is not None
    assert alert.status.lookup == {"on": "firing", "off": "resolved", "1": "firing"}
    scope = Functions(None, 0)
    record: Value = {"@timestamp": 1, "host-name": 2, "event": {"rule.id": 3}}
    found = {
        name: expression.find(record, scope) for name, expression in [*alert.labels.items(), *alert.annotations.items()]
    }
    assert found == {"a": 1, "b": 2, "c": 3, "d": "x", "e": True, "f": [record]}


@pytest.mark.parametrize("name", ["Tool", "my tool", "a:b", "x" * 64, "-x", "ä"])
def test_a_file_is_called_what_a_source_may_be_called(tmp_path: Path, name: str) -> None:
    """Its name becomes a path, a label and part of every id."""
    (told,) = mistakes(tmp_path, WHOLE, f"{name}.yaml")
    assert told.startswith(f"{name}.yaml: its name becomes a path and part of every id; use at most 63 ")


def test_what_is_no_file_is_not_read(tmp_path: Path) -> None:
    """A pipe or a device would be read for ever, and what is far too large is no mapping; each is told for itself."""
    (tmp_path / "dir.yaml").mkdir()
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "device.yaml").symlink_to("/dev/zero")
    (tmp_path / "large.yaml").write_bytes(b" " * (compilation.MAX_BYTES + 1))
    assert mistakes(tmp_path, "") == [
        "device.yaml: is no file",
        "dir.yaml: is no file",
        f"large.yaml: has more than {compilation.MAX_BYTES} bytes, which no mapping needs",
        "pipe.yaml: is no file",
        "tool.yaml:1: is empty",
    ]


def test_the_other_ending_of_yaml_is_told(tmp_path: Path) -> None:
    """In a folder, beside the mistakes of all others, and of a single file: it would not be read in silence."""
    told = "other.yml: names of mappings end with .yaml; rename it"
    (tmp_path / "other.yml").write_text(WHOLE)
    assert mistakes(tmp_path, "") == [told, "tool.yaml:1: is empty"]
    with pytest.raises(MappingError, match=re.escape(f"{tmp_path}/{told}")):
        compilation.adapter(tmp_path / "other.yml")


UNREADABLE = "is no YAML: look here and just above for a bracket, quote, colon, tab or indentation"
QUOTE = "which YAML reads as something else than text; quote it"
WORDS = "critical, page, p1, error, high, major, p2, warning, medium, minor, p3, info, low, none, p4, p5"


@pytest.mark.parametrize(
    ("content", "told"),
    [
        ("", "1: is empty"),
        ("# nothing\n", "1: is empty"),
        ("a: [\n", f"2: {UNREADABLE}"),
        ("a:\n\t- b\n", f"2: {UNREADABLE}"),
        ("a: b: c\n", f"1: {UNREADABLE}"),
        ("a: \x07\n", "1: is no YAML: it holds a control character"),
        (b"a: \xff\n", "1: is not UTF-8"),
        (WHOLE + "---\na: 1\n", "8: holds more than one document"),
        (WHOLE + "    labels: *l\n", "8: has an alias without an anchor before it, or the same anchor twice"),
        (WHOLE + "    labels: &l {x: *l}\n", "8: shapes[0].alert.labels: has too many parts, or too deep ones"),
        ("a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
            f"{chr(b)}: &{chr(b)} [{','.join([f'*{chr(b - 1)}'] * 10)}]\n" for b in range(98, 106)),
         "1: e[0][6][8]: has too many parts, or too deep ones"),
        (WHOLE + "    labels: " + "[" * 5_000 + "\n", "1: is nested too deeply"),
        (WHOLE + "    labels: " + "[" * 50 + "]" * 50,
         "8: shapes[0].alert.labels: has too many parts, or too deep ones"),
        (WHOLE + "# " + "x" * 300_000, "1: is larger than 256 KiB"),
        (WHOLE + "    title: b\n", "8: shapes[0].alert.title: is there twice"),
        (WHOLE + "    ? [a]\n    : b\n", f"8: shapes[0].alert: has the name [...], {QUOTE}"),
        (WHOLE + "    labels: {no: a}\n", f"8: shapes[0].alert.labels: has the name 'no', {QUOTE}"),
        (WHOLE + "    labels: {" + "7" * 999 + ": a}\n",
         f"8: shapes[0].alert.labels: has the name '{'7' * 40}', {QUOTE}"),
        (WHOLE + "    yes: a\n", f"8: shapes[0].alert: has the name 'yes', {QUOTE}"),
        (WHOLE + "    rest: !!python/name:os.system\n",
         "8: shapes[0].alert.rest: has the tag !!python/name:os.system, which no mapping needs"),
        (WHOLE + "    rest: !!int x\n", "1: has a value that is not what its tag says"),
        (WHOLE + "    rest: \"\\ud83d\"\n", "8: shapes[0].alert.rest: holds half a character"),
        (WHOLE + "    labels: {\"\\ud83d\": a}\n", "8: shapes[0].alert.labels: holds half a character"),
        ("- a\n", "1: must be a section: fields with their values"),
        (HEAD.replace("seen: 2026-01-01", "seen: 2026-02-30") + "  ignore: a\n",
         "1: about.seen: must be a date such as 2026-01-31"),
        ("content_types: [JSON]\n" + WHOLE,
         "1: content_types[0]: must be a media type in small letters, such as text/json"),
        (HEAD, "3: shapes[0]: needs exactly one of alert, health_check and sli_window, or ignore"),
        (WHOLE + "    lables: {}\n",
         "8: shapes[0].alert.lables: is no field of a mapping; docs/mappings.md lists those that are"),
        (WHOLE + "    labels: {x: no}\n", "8: shapes[0].alert.labels.x: must be an expression; put it between quotes"),
        (WHOLE + "    labels: {'': a}\n", "8: shapes[0].alert.labels.: must not be empty"),
        (WHOLE + "    identity: a\n", "8: shapes[0].alert.identity: must be a list"),
        (WHOLE + "    rest: 7\n", "8: shapes[0].alert.rest: must be text; put it between quotes"),
        (WHOLE.replace("c: firing", "c: burning"),
         "7: shapes[0].alert.status.lookup.c: must be 'firing', 'resolved', 'suppressed' or 'ignored'"),
        (WHOLE.replace("c: firing", "c: firing, C: firing"),
         "7: shapes[0].alert.status.lookup: has a word twice: capital and small letters are the same here"),
        (WHOLE + "    severity: {value: a, lookup: {b: high, sev1: Critcal}}\n",
         f"8: shapes[0].alert.severity.lookup.sev1: must be one of {WORDS}; perhaps critical"),
        (WHOLE + "    severity: {value: a, lookup: {b: xyz}}\n",
         f"8: shapes[0].alert.severity.lookup.b: must be one of {WORDS}"),
        (WHOLE + "    starts_at: {value: a, formats: [epoch]}\n",
         "8: shapes[0].alert.starts_at.formats[0]: must be one of rfc3339, go, epoch_s, epoch_ms, epoch_us, epoch_ns, "
         "or a pattern of Python's strptime"),
        (WHOLE + "    starts_at: {value: a, formats: []}\n", "8: shapes[0].alert.starts_at.formats: must not be empty"),
        (WHOLE + "    starts_at: {value: a, zone: Europe/Berln}\n",
         "8: shapes[0].alert.starts_at.zone: is no time zone of the IANA database, such as Europe/Berlin"),
        # Where one shape is wrong, that there is no other is not told.
        (WHOLE.replace("value: b", "value: 'b ||'"),
         "7: shapes[0].alert.status.value: is no JMESPath expression: it ends too early"),
    ],
)  # fmt: skip
def test_a_mistake_is_told_once_and_where_it_is(tmp_path: Path, content: str | bytes, told: str) -> None:
    """One line for one mistake."""
    assert mistakes(tmp_path, content) == [f"tool.yaml:{told}"]


def test_all_mistakes_of_a_file_are_told(tmp_path: Path) -> None:
    """Whoever writes one is not sent back once for each."""
    content = (
        WHOLE.replace("title: a", "title: odd(a)") + "    identity: ['a ||']\n- name: b\n  when: a[::0]\n  ignore: b\n"
    )
    assert [line.split(": ")[1] for line in mistakes(tmp_path, content)] == [
        "shapes[0].alert.title", "shapes[0].alert.identity[0]", "shapes[1].when",
    ]  # fmt: skip


@pytest.mark.parametrize("wrong", ["7", "no", "null", "[]", "{}", "[[7]]", "{x: {y: 7}}", "''", "2026-01-01", "1e9"])
def test_no_mistake_is_told_in_the_words_of_a_library(tmp_path: Path, wrong: str) -> None:
    """Whatever stands in whichever field: the sentence is one of ours."""
    every: list[str] = []
    for place in re.finditer(r": (?=[a-z\[{])", ALL):
        content = re.sub(r"\A(\[[^\]]*\]|\{[^{}]*\}|[\w/-]+)", wrong, ALL[place.end() :], count=1)
        every += mistakes(tmp_path, ALL[: place.end()] + content)
    assert len(every) > 10
    for told in every:
        assert "Input" not in told
        assert "cannot be used here" not in told
        assert re.match(r"tool\.yaml:\d+: ([\w.\[\]]+: )?(is|has|holds|must|needs|gives|knows) ", told), told
