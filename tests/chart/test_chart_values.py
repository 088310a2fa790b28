"""values.yaml is the manual, the schema its guard, and the README's table its copy."""

import copy
import json
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import pytest
import yaml

Render = Callable[..., dict[str, str]]
ValueSet = Callable[[str], dict[str, Any]]
Path_ = tuple[str, ...]

CHART = Path(__file__).parents[2] / "helm" / "sre-ingest"
DEFAULTS: dict[str, Any] = yaml.safe_load((CHART / "values.yaml").read_text(encoding="utf-8"))
SCHEMA: dict[str, Any] = json.loads((CHART / "values.schema.json").read_text(encoding="utf-8"))


def leaves(values: dict[str, Any], path: Path_ = ()) -> Iterator[tuple[Path_, Any]]:
    """Every value as (path, value); an empty mapping is a value too."""
    for key, value in values.items():
        if isinstance(value, dict) and value:
            yield from leaves(value, (*path, key))
        else:
            yield (*path, key), value


def groups(schema: dict[str, Any], path: Path_ = ()) -> Iterator[tuple[Path_, dict[str, Any]]]:
    """Every object of the schema that lists its properties, as (path, schema)."""
    if "properties" in schema:
        yield path, schema
        for key, inner in schema["properties"].items():
            yield from groups(inner, (*path, key))


def at(values: dict[str, Any], path: Path_) -> Any:
    """The value at a path, None where there is none."""
    for key in path:
        values = values.get(key) or {}
    return values or None


def put(values: dict[str, Any], path: Path_, value: object) -> dict[str, Any]:
    """A copy of the values with one of them replaced."""
    changed = copy.deepcopy(values)
    inner = changed
    for key in path[:-1]:
        inner = inner.setdefault(key, {})
    inner[path[-1]] = value
    return changed


def without(values: dict[str, Any], path: Path_) -> dict[str, Any]:
    """A copy of the values that lacks one of them, so that its default holds."""
    changed = copy.deepcopy(values)
    inner = changed
    for key in path[:-1]:
        inner = inner[key]
    del inner[path[-1]]
    return changed


def readme(*arguments: Path | str) -> subprocess.CompletedProcess[str]:
    """Runs the generator of the README's table."""
    command = [sys.executable, CHART.parent / "readme.py", *arguments]
    return subprocess.run(command, text=True, capture_output=True, check=False)


LEAVES = list(leaves(DEFAULTS))
OBJECTS = [path for path, _ in groups(SCHEMA)]


@pytest.mark.parametrize(
    ("path", "empty", "sentence"),
    [
        (("kafka", "bootstrapServers"), "", "kafka.bootstrapServers is empty: the gateway needs a Kafka cluster. Set"),
        (("kafka", "bootstrapServers"), " ", "kafka.bootstrapServers is empty: the gateway needs a Kafka cluster. Set"),
        (("auth", "existingSecret"), "", "auth.existingSecret is empty: senders must show a token. Make one with"),
    ],
)
def test_what_is_required_is_asked_for(
    render: Render, value_set: ValueSet, path: Path_, empty: str, sentence: str
) -> None:
    """Without a Kafka cluster or a Secret nothing renders, and the sentence names the remedy."""
    with pytest.raises(helm_python.HelmRenderError) as refused:
        render(put(value_set("minimal"), path, empty))
    assert sentence in str(refused.value)


def test_all_that_is_missing_is_told_at_once(render: Render) -> None:
    """The default values lack both, and one failure says both."""
    with pytest.raises(helm_python.HelmRenderError) as refused:
        render({})
    assert "kafka.bootstrapServers is empty" in str(refused.value)
    assert "auth.existingSecret is empty" in str(refused.value)


@pytest.mark.parametrize(
    ("kafka", "sentence"),
    [
        ({"securityProtocol": "SASL_SSL"}, "kafka.securityProtocol is SASL_SSL: set kafka.sasl.mechanism"),
        ({"sasl": {"username": "u"}}, "kafka.sasl is set but kafka.securityProtocol is PLAINTEXT"),
        ({"tls": {"ca": {"existingSecret": "ca"}}}, "kafka.tls is set but kafka.securityProtocol is PLAINTEXT"),
        ({"tls": {"client": {"existingSecret": "me"}}}, "kafka.tls is set but kafka.securityProtocol is PLAINTEXT"),
    ],
)
def test_what_would_be_ignored_is_refused(
    render: Render, value_set: ValueSet, kafka: dict[str, Any], sentence: str
) -> None:
    """A credential that the protocol would not use, or a protocol without one, is refused with the remedy."""
    values = value_set("minimal")
    with pytest.raises(helm_python.HelmRenderError) as refused:
        render({**values, "kafka": {**values["kafka"], **kafka}})
    assert sentence in str(refused.value)


@pytest.mark.parametrize("path", OBJECTS, ids=".".join)
def test_unknown_value_is_refused(render: Render, value_set: ValueSet, path: Path_) -> None:
    """A misspelt value is refused by name, on every level."""
    with pytest.raises(helm_python.HelmValuesError) as refused:
        render(put(value_set("minimal"), (*path, "mispelt"), 1))
    assert "additional properties 'mispelt' not allowed" in str(refused.value)


def test_schema_lists_exactly_the_values() -> None:
    """Every value is in the schema and the other way round; `global` is Helm's own, affinity Kubernetes'."""
    described = {path: set(group["properties"]) - {"global"} for path, group in groups(SCHEMA)}
    del described["affinity",]
    assert described == {path: set(at(DEFAULTS, path)) for path in described}


def test_schema_is_closed() -> None:
    """Every object of the schema that lists its properties refuses others."""
    assert [path for path, group in groups(SCHEMA) if group.get("additionalProperties") is not False] == []


@pytest.mark.parametrize("path", [path for path, _ in LEAVES], ids=".".join)
def test_a_value_set_to_null_does_no_harm(render: Render, value_set: ValueSet, path: Path_) -> None:
    """`--set x=null` removes a default: that is refused, or what comes out is still sound."""
    usual = render(value_set("everything"))
    try:
        rendered = render(put(value_set("everything"), path, None))
    except helm_python.HelmValuesError:
        return
    except helm_python.HelmRenderError as refused:
        assert "kafka.sasl.mechanism, kafka.sasl.username and" in str(refused)  # noqa: PT017
        return
    changed = {name: text for name, text in rendered.items() if usual[name] != text and name != "servicemonitor.yaml"}
    assert [trace for trace in ("<nil>", "<no value>", "%!") if trace in "".join(rendered.values())] == []
    for name in changed.keys() - {"NOTES.txt"}:
        assert kubernetes_validate.validate(yaml.safe_load(changed[name]), "1.37", strict=True) == "1.37"


def test_everything_sets_everything(value_set: ValueSet) -> None:
    """The value set `everything` differs from the default in every value, so that each is rendered once."""
    everything = value_set("everything")
    assert [".".join(path) for path, default in LEAVES if at(everything, path) in (None, default)] == []


@pytest.mark.parametrize("path", [path for path, _ in LEAVES], ids=".".join)
def test_every_value_is_used(render: Render, value_set: ValueSet, path: Path_) -> None:
    """Without one of its values `everything` renders something else, or asks for it: no value is for show."""
    everything = value_set("everything")
    if path == ("image", "tag"):  # the digest is used instead
        everything = without(everything, ("image", "digest"))
    before = render(everything)
    try:
        after = render(without(everything, path))
    except helm_python.HelmRenderError as refused:
        assert ".".join(path) in str(refused)  # noqa: PT017
    else:
        assert after != before


def test_every_value_is_in_the_readme() -> None:
    """Each value, its default and its sentence are a row of the README, and the README is current."""
    text = (CHART / "README.md").read_text(encoding="utf-8")
    rows = [row.split("|")[1].strip() for row in text.splitlines() if row.startswith("| `")]
    assert rows == [f"`{'.'.join(path)}`" for path, _ in LEAVES]
    assert readme("--check").stderr == ""


def test_stale_readme_is_found(tmp_path: Path) -> None:
    """A value that changed without the README is told, with the command that makes it right."""
    chart = shutil.copytree(CHART, tmp_path / "chart")
    values = chart / "values.yaml"
    values.write_text(values.read_text(encoding="utf-8").replace("replicas: 2", "replicas: 4"), encoding="utf-8")
    stale = readme("--check", "--chart", chart)
    assert (stale.returncode, stale.stderr) == (
        1,
        "helm/sre-ingest/README.md is stale: run `python helm/readme.py`.\n",
    )
    assert readme("--chart", chart).returncode == 0
    assert readme("--check", "--chart", chart).returncode == 0


def test_value_without_a_sentence_is_found(tmp_path: Path) -> None:
    """A value without a sentence of its own directly above it has no place in the manual."""
    chart = shutil.copytree(CHART, tmp_path / "chart")
    with (chart / "values.yaml").open("a", encoding="utf-8") as values:
        values.write("silent: 1\n")
    silent = readme("--check", "--chart", chart)
    assert silent.returncode == 1
    assert "silent needs a sentence of its own above it" in silent.stderr
