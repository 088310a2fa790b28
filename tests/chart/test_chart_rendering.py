"""Whatever values the chart accepts, Kubernetes accepts what comes out."""

import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import helm_python
import kubernetes_validate
import pytest

from tests.goldens import ROOT, assert_golden

Render = Callable[..., dict[str, str]]
Documents = Callable[..., dict[str, dict[str, Any]]]
ValueSet = Callable[[str], dict[str, Any]]

GOLDEN = Path(__file__).with_name("minimal.golden.yaml")
KUBERNETES = ["1.28", "1.31", "1.34", "1.37"]
INFORMATION = 1


def manifest(files: dict[str, str]) -> str:
    """All documents of a rendering in one text, each under the name of its template."""
    return "".join(f"---\n# {name}\n{text.strip()}\n" for name, text in files.items() if name != "NOTES.txt")


@pytest.mark.parametrize("kubernetes", KUBERNETES)
def test_kubernetes_accepts_every_document(documents: Documents, values: dict[str, Any], kubernetes: str) -> None:
    """Every document validates against the schemas of each Kubernetes version, unknown fields refused.

    All but the ServiceMonitor: its definition belongs to the Prometheus operator and is not among the schemas.
    The answer is the version that was used: an older one, if the schemas of this one were missing.
    """
    ours = [document for document in documents(values).values() if document["kind"] != "ServiceMonitor"]
    assert len(ours) == 6
    for document in ours:
        assert kubernetes_validate.validate(document, kubernetes, strict=True) == kubernetes


def test_lint_finds_nothing(folder: Path, values: dict[str, Any]) -> None:
    """Helm's own linter has no warning and no error; that it recommends an icon is neither."""
    report = helm_python.lint(folder, values, strict=True, namespace="alerting", kube_version="v1.28.0")
    assert report["errors"] == []
    assert [message for message in report["messages"] if message["severity"] > INFORMATION] == []


def test_minimal_rendering_is_the_golden(render: Render, value_set: ValueSet) -> None:
    """The smallest rendering is committed, so that every change of it is read by somebody."""
    assert_golden(GOLDEN, manifest(render(value_set("minimal"))))


def test_minimal_rendering_is_tidy(render: Render, value_set: ValueSet) -> None:
    """The smallest rendering gives yamllint nothing to say."""
    command = [sys.executable, "-m", "yamllint", "--strict", "--config-file", str(ROOT / ".yamllint.yaml"), "-"]
    ran = subprocess.run(command, input=manifest(render(value_set("minimal"))), text=True, capture_output=True)
    assert ran.stdout + ran.stderr == ""


def test_service_monitor_reads_each_pod_once(documents: Documents, value_set: ValueSet) -> None:
    """The ServiceMonitor selects exactly one Service and a port that it has.

    Its shape is checked by hand here, because its definition (the Prometheus operator's) is not among the schemas.
    """
    rendered = documents(value_set("servicemonitor"))
    monitor = rendered["servicemonitor.yaml"]
    assert (monitor["apiVersion"], monitor["kind"]) == ("monitoring.coreos.com/v1", "ServiceMonitor")
    assert monitor["metadata"]["labels"]["release"] == "prometheus"
    assert set(monitor["spec"]) == {"jobLabel", "selector", "endpoints"}
    assert monitor["spec"]["endpoints"] == [{"port": "http", "path": "/metrics", "interval": "15s"}]
    wanted = monitor["spec"]["selector"]["matchLabels"].items()
    services = [document for document in rendered.values() if document["kind"] == "Service"]
    selected = [service for service in services if wanted <= service["metadata"]["labels"].items()]
    assert [service["metadata"]["name"] for service in selected] == ["sre-ingest-headless"]
    assert [port["name"] for port in selected[0]["spec"]["ports"]] == ["http"]
    assert monitor["spec"]["jobLabel"] in selected[0]["metadata"]["labels"]


def test_service_monitor_is_opt_in(documents: Documents, value_set: ValueSet) -> None:
    """Without the value there is no ServiceMonitor, whatever the cluster has installed."""
    assert "servicemonitor.yaml" not in documents(value_set("minimal"))


def test_selectors_find_the_pods(documents: Documents, values: dict[str, Any]) -> None:
    """Every selector matches the pods' labels, whatever labels the values add."""
    rendered = documents(values)
    stateful = rendered["statefulset.yaml"]["spec"]
    pod = stateful["template"]
    spread = pod["spec"]["topologySpreadConstraints"][0]["labelSelector"]["matchLabels"]
    selectors = [
        rendered["service.yaml"]["spec"]["selector"],
        rendered["service-headless.yaml"]["spec"]["selector"],
        rendered["poddisruptionbudget.yaml"]["spec"]["selector"]["matchLabels"],
        stateful["selector"]["matchLabels"],
        spread,
    ]
    assert [wanted for wanted in selectors if not wanted.items() <= pod["metadata"]["labels"].items()] == []
    assert stateful["serviceName"] == rendered["service-headless.yaml"]["metadata"]["name"]


@pytest.mark.parametrize("release", ["a" * 53, "a.b", "123", "sre-ingest"])
def test_any_release_name_will_do(documents: Documents, value_set: ValueSet, release: str) -> None:
    """Names fit where Kubernetes puts them, for the longest, a dotted and a numeric release and namespace."""
    rendered = documents(value_set("minimal"), release, "456")
    for document in rendered.values():
        assert kubernetes_validate.validate(document, "1.37", strict=True) == "1.37"
        assert document["metadata"]["namespace"] == "456"
        assert len(document["metadata"]["name"]) <= 63
        assert "." not in document["metadata"]["name"]
    assert len(rendered["statefulset.yaml"]["metadata"]["name"]) <= 52


def test_volumes_do_not_change_with_the_chart(documents: Documents, values: dict[str, Any]) -> None:
    """Nothing in the claim templates but what an upgrade leaves alone: Kubernetes refuses to change them."""
    claims = documents(values)["statefulset.yaml"]["spec"]["volumeClaimTemplates"]
    labels = {"app.kubernetes.io/name", "app.kubernetes.io/instance"}
    assert [set(claim["metadata"]["labels"]) for claim in claims] == [labels]


def test_package_holds_what_an_install_needs(folder: Path, tmp_path: Path, value_set: ValueSet) -> None:
    """The chart packs into an archive that renders by itself; the tests' value sets stay at home."""
    archive = helm_python.package(folder, destination=tmp_path)
    with helm_python.Chart.load(archive) as packed:
        assert packed.render(value_set("minimal"), name="sre-ingest", namespace="alerting")
        assert packed.schema is not None
        assert [file["name"] for file in packed.files if file["name"].startswith("ci/")] == []


def test_chart_deploys_this_version(root: Path, chart: helm_python.Chart) -> None:
    """appVersion, and with it the default image tag, is the version of the program."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert chart.metadata["appVersion"] == project["version"]
