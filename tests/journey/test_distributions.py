"""Adapters of other distributions: built, installed beside the gateway's own wheel, served; or the start ends."""

import shutil
from datetime import date
from pathlib import Path

import pytest

from sre_ingest.scaffold import skeleton
from sre_ingest.scaffold.skeleton import Kind
from tests.parts.gateway import Gateway
from tests.parts.installation import Installation, gateway_wheel, wheel
from tests.parts.processes import PartFailedError


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gateway's own wheel."""
    return gateway_wheel(tmp_path_factory.mktemp("own"))


@pytest.fixture
def installation(own: Path, tmp_path: Path) -> Installation:
    """The gateway, and nothing else yet."""
    return Installation(tmp_path / "venv", own)


def begun(folder: Path) -> Path:
    """The project of a new adapter."""
    skeleton.write(skeleton.skeleton(Kind.DISTRIBUTION, "acme", folder, date(2026, 1, 2)))
    return folder / "sre-ingest-acme"


def test_an_adapter_of_another_distribution_is_served(installation: Installation, tmp_path: Path) -> None:
    """It is listed with its distribution; a body that is posted to it is a valid record in the embedded log."""
    installation.command("adapters", "new", "acme", "--to", str(tmp_path))
    project = tmp_path / "sre-ingest-acme"
    installation.command("adapters", "test", str(project / "sre_ingest_acme"), "--mutations", "20")
    installation.install(wheel(project, tmp_path))
    shutil.rmtree(project)

    assert "acme\t/webhooks/acme\talert\tsre-ingest-acme 0.1.0\n" in installation.command("adapters", "list")
    with Gateway(tmp_path, program=installation.program) as gateway:
        body = {"problems": [{"id": "7", "rule": "DiskFull", "status": "open", "level": "high", "host": "db-1"}]}
        answer = gateway.post("/webhooks/acme", body)
        sent = gateway.command("send", "acme", "resolved", "--url", f"{gateway.url}/webhooks/acme")
        first, second = gateway.tail()
    assert answer.status_code == 202
    assert first["headers"]["ce_id"] == answer.json()["items"][0]["message_id"]
    alert = first["intent"]["ingestAlertRequested"]
    assert (alert["alertId"], alert["severity"]) == ("acme:default:7", "SEVERITY_HIGH")
    assert sent.startswith("202 ")
    assert second["intent"]["ingestAlertRequested"]["alertId"] == "acme:default:4711"


def test_two_distributions_of_one_adapter_end_the_start(installation: Installation, tmp_path: Path) -> None:
    """The sentence names both; neither of them is served."""
    first = begun(tmp_path / "first")
    second = begun(tmp_path / "second")
    (second / "sre_ingest_acme").rename(second / "rival")
    settings = second / "pyproject.toml"
    settings.write_text(settings.read_text().replace("sre-ingest-acme", "rival").replace("sre_ingest_acme", "rival"))
    for module in (second / "rival").glob("*.py"):
        module.write_text(module.read_text().replace("sre_ingest_acme", "rival"))
    installation.install(wheel(first, tmp_path), wheel(second, tmp_path))

    both = "rival 0.1.0 and sre-ingest-acme 0.1.0 both bring an adapter 'acme'"
    refused(installation, tmp_path, f"{both}; uninstall one of them, or give its adapter another name")


def test_an_adapter_that_cannot_be_imported_ends_the_start(installation: Installation, tmp_path: Path) -> None:
    """The sentence names its distribution: the gateway does not start without it in silence."""
    project = begun(tmp_path / "strangers")
    (project / "sre_ingest_acme" / "translate.py").write_text("import nowhere\n")
    installation.install(wheel(project, tmp_path))

    told = (
        "adapter 'acme' of sre-ingest-acme 0.1.0 (sre_ingest_acme:adapter) cannot be imported "
        "(ModuleNotFoundError: No module named 'nowhere'); mend or uninstall that distribution"
    )
    refused(installation, tmp_path, told)


def refused(installation: Installation, folder: Path, told: str) -> None:
    """Neither served nor listed: one sentence, exit code 2."""
    with pytest.raises(PartFailedError, match="ended with 2") as listed:
        installation.command("adapters", "list")
    gateway = Gateway(folder, program=installation.program)
    with pytest.raises(PartFailedError, match="ended with 2"):
        gateway.start()
    assert str(listed.value).endswith(f"\nsre-ingest: {told}\n")
    assert gateway.log.read_text() == f"sre-ingest: {told}\n"
