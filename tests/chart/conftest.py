"""The chart, rendered by the real Helm engine; no cluster and no network."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from helm_python import Chart

ROOT = Path(__file__).parents[2]
CHART = ROOT / "helm" / "sre-ingest"
VALUE_SETS = sorted(CHART.glob("ci/*-values.yaml"))

Values = dict[str, Any]
Document = dict[str, Any]


@pytest.fixture(scope="session")
def root() -> Path:
    """The repository's root."""
    return ROOT


@pytest.fixture(scope="session")
def folder() -> Path:
    """The chart's folder."""
    return CHART


@pytest.fixture(scope="session")
def chart() -> Iterator[Chart]:
    """The chart as the engine loads it."""
    with Chart.load(CHART) as loaded:
        yield loaded


@pytest.fixture(scope="session")
def value_set() -> Callable[[str], Values]:
    """Reads a value set of ci/ by its name."""

    def read(name: str) -> Values:
        values: Values = yaml.safe_load((CHART / "ci" / f"{name}-values.yaml").read_text(encoding="utf-8"))
        return values

    return read


@pytest.fixture(params=VALUE_SETS, ids=lambda path: path.name.removesuffix("-values.yaml"))
def values(request: pytest.FixtureRequest) -> Values:
    """Each value set of ci/ in turn."""
    read: Values = yaml.safe_load(request.param.read_text(encoding="utf-8"))
    return read


@pytest.fixture(scope="session")
def render(chart: Chart) -> Callable[..., dict[str, str]]:
    """Renders values to {template's file name: text}; `release` and `namespace` may be named."""

    def run(values: Values, release: str = "sre-ingest", namespace: str = "alerting") -> dict[str, str]:
        files = chart.render(values, name=release, namespace=namespace)
        return {path.rpartition("/")[2]: text for path, text in sorted(files.items()) if text.strip()}

    return run


@pytest.fixture(scope="session")
def documents(render: Callable[..., dict[str, str]]) -> Callable[..., dict[str, Document]]:
    """Renders values to {template's file name: its document}, without the notes."""

    def run(values: Values, release: str = "sre-ingest", namespace: str = "alerting") -> dict[str, Document]:
        files = render(values, release, namespace)
        return {name: yaml.safe_load(text) for name, text in files.items() if name != "NOTES.txt"}

    return run
