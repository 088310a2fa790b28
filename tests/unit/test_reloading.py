"""A folder of mappings that changes while the gateway runs."""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest
import structlog.testing
from prometheus_client import CollectorRegistry

from sre_ingest import catalog
from sre_ingest.metrics import ReloadMetrics
from sre_ingest.reloading import Reload, stamp
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.times import SECOND, Instant

START = 1_700_000_000


def mapping(title: str = "rule") -> str:
    """A mapping of a tool whose alerts are called as one field says."""
    return f"""
about: {{tool: Acme, source: its manual, seen: 2026-01-01}}
shapes:
  - name: events
    when: "{title}"
    alert: {{title: "{title}", status: {{value: state, lookup: {{open: firing}}}}}}
"""


class Gateway:
    """What a reload hands over to, with a clock that stands still."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.taken: list[Mapping[str, Adapter]] = []
        self.registry = CollectorRegistry()
        self.now = START
        self.refusal: Exception | None = None
        self.reload = Reload(
            folder,
            self.take,
            seen=stamp(folder),
            interval=timedelta(seconds=1),
            clock=lambda: Instant(self.now * SECOND),
            metrics=ReloadMetrics(self.registry),
        )

    def take(self, adapters: Mapping[str, Adapter]) -> None:
        """Take them, or refuse them as the settings would."""
        if self.refusal:
            raise self.refusal
        self.taken.append(adapters)

    def told(self) -> tuple[float | None, float | None]:
        """Whether the last reload succeeded, and when one last did."""
        names = ("config_last_reload_successful", "config_last_reload_success_timestamp_seconds")
        successful, at = (self.registry.get_sample_value(f"sre_ingest_{name}") for name in names)
        return successful, at


@pytest.fixture
def gateway(tmp_path: Path) -> Gateway:
    """One that was started with a single mapping."""
    (tmp_path / "acme.yaml").write_text(mapping())
    return Gateway(tmp_path)


async def test_nothing_is_read_while_nothing_changes(gateway: Gateway) -> None:
    """The start counts as the first success."""
    await gateway.reload.look()
    assert gateway.taken == []
    assert gateway.told() == (1, START)


async def test_a_new_file_is_taken_beside_all_others(gateway: Gateway) -> None:
    """What the take gets is complete: the bundled adapters, the old file and the new one."""
    (gateway.folder / "newcomer.yaml").write_text(mapping())
    gateway.now += 60
    await gateway.reload.look()
    (adapters,) = gateway.taken
    assert set(adapters) == {*catalog.installed(), "acme", "newcomer"}
    assert gateway.told() == (1, START + 60)


async def test_mappings_are_counted_and_not_their_samples(gateway: Gateway) -> None:
    """What the log says is what there is to serve."""
    (gateway.folder / "newcomer.yaml").write_text(mapping())
    for name in ("acme", "newcomer"):
        (gateway.folder / name).mkdir()
    with structlog.testing.capture_logs() as logged:
        await gateway.reload.look()
    assert [(one["event"], one["mappings"]) for one in logged] == [("mappings reloaded", 2)]


async def test_a_file_taken_away_is_a_source_less(gateway: Gateway) -> None:
    """And the bundled mapping that it replaced is back."""
    (gateway.folder / "datadog.yaml").write_text(mapping())
    await gateway.reload.look()
    (gateway.folder / "datadog.yaml").unlink()
    await gateway.reload.look()
    mine, bundled = (adapters["datadog"] for adapters in gateway.taken)
    assert (mine.samples, bundled) == (gateway.folder / "datadog", catalog.installed()["datadog"])


async def test_one_mistake_keeps_all_of_the_last_good(gateway: Gateway) -> None:
    """All or nothing, told as long as it stands, and over as soon as it is mended."""
    (gateway.folder / "newcomer.yaml").write_text(mapping())
    (gateway.folder / "acme.yaml").write_text(mapping("][") + "#")
    gateway.now += 60
    await gateway.reload.look()
    await gateway.reload.look()
    assert (gateway.taken, gateway.told()) == ([], (0, START))

    (gateway.folder / "acme.yaml").write_text(mapping() + "# mended")
    await gateway.reload.look()
    assert ("newcomer" in gateway.taken[0], gateway.told()) == (True, (1, START + 60))


async def test_what_the_settings_refuse_is_a_mistake_too(gateway: Gateway) -> None:
    """Such as a mapping that an endpoint names and that is gone."""
    gateway.refusal = ValueError("endpoints: /hook names the adapter 'acme'")
    (gateway.folder / "acme.yaml").unlink()
    await gateway.reload.look()
    assert gateway.told() == (0, START)


async def test_a_folder_that_goes_away_takes_nothing_with_it(gateway: Gateway) -> None:
    """The last good ones stay, and the metric says that something is wrong."""
    gateway.folder.rename(gateway.folder.with_name("elsewhere"))
    await gateway.reload.look()
    assert (gateway.taken, gateway.told()) == ([], (0, START))


async def test_a_config_map_is_exchanged_by_a_link(tmp_path: Path) -> None:
    """As the kubelet does it: files are links through `..data`, which is pointed elsewhere in one step."""
    for version in ("..one", "..two"):
        (tmp_path / version).mkdir()
        (tmp_path / version / "acme.yaml").write_text(mapping())
    (tmp_path / "..data").symlink_to("..one")
    (tmp_path / "acme.yaml").symlink_to("..data/acme.yaml")
    gateway = Gateway(tmp_path)
    (tmp_path / "..next").symlink_to("..two")
    (tmp_path / "..next").replace(tmp_path / "..data")
    await gateway.reload.look()
    assert len(gateway.taken) == 1


@pytest.mark.parametrize("name", [".acme.yaml.swp", ".#acme.yaml", "..data"])
async def test_the_files_of_editors_are_no_mappings(gateway: Gateway, name: str) -> None:
    """Nor are the folders of a ConfigMap."""
    (gateway.folder / name).write_text("no mapping")
    await gateway.reload.look()
    assert (gateway.taken, gateway.told()) == ([], (1, START))
    assert set(catalog.installed(gateway.folder)) == {*catalog.installed(), "acme"}


def test_a_mapping_cannot_take_the_name_of_another_kind_of_adapter(tmp_path: Path) -> None:
    """The name is in the id of every alert of that source."""
    (tmp_path / "alertmanager.yaml").write_text(mapping())
    with pytest.raises(
        catalog.CatalogError, match=r"alertmanager\.yaml: alertmanager is the name of an adapter of sre-"
    ):
        catalog.installed(tmp_path)


def test_a_folder_that_is_not_there_ends_the_start(tmp_path: Path) -> None:
    """With the setting's name and the remedy."""
    with pytest.raises(catalog.CatalogError, match=r"mappings_dir: .* is no folder; put"):
        catalog.installed(tmp_path / "nowhere")


def test_a_file_with_the_other_ending_is_told(tmp_path: Path) -> None:
    """It would otherwise be a source that silently is not there."""
    (tmp_path / "acme.yml").write_text(mapping())
    with pytest.raises(ValueError, match=r"acme.yml: names of mappings end with .yaml"):
        catalog.installed(tmp_path)
