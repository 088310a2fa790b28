"""The catalogue of adapters, with distributions made for each test."""

import sys
from importlib.metadata import version
from pathlib import Path

import pytest

from sre_ingest import catalog
from sre_ingest.catalog import CatalogError
from sre_ingest.sdk.adapter import MappingError

_MODULE = """
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.signal import Reading
adapter = Adapter("{name}", lambda delivery: Reading(()))
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder on the import path."""
    monkeypatch.syspath_prepend(tmp_path)
    return tmp_path


def install(folder: Path, distribution: str, entry: str, module: str, source: str) -> None:
    """Put a distribution with one entry point into a folder, as an installer would."""
    (folder / f"{module}.py").write_text(source)
    info = folder / f"{distribution}-1.0.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: 1.0\n")
    (info / "entry_points.txt").write_text(f"[{catalog.GROUP}]\n{entry} = {module}:adapter\n")
    sys.modules.pop(module, None)


def test_our_own_rooms_are_installed() -> None:
    """Every room of this repository is found by its name, and every preset by that of its tool."""
    adapters = Path(catalog.__file__).parents[2] / "adapters"
    rooms = {path.parent.name for path in adapters.glob("*/__init__.py")}
    presets = {path.stem for path in adapters.glob("generic/mappings/*.yaml")}
    assert rooms | presets == set(catalog.installed())


def test_an_entry_point_may_bring_several_adapters(folder: Path) -> None:
    """Each is known by its own name, as the presets of the generic room are."""
    module = _MODULE.format(name="one") + 'adapter = (adapter, Adapter("two", adapter.read))\n'
    install(folder, "stranger", "several", "stranger_several", module)
    assert {"one", "two"} <= set(catalog.installed())


def test_an_adapter_of_another_distribution_is_found(folder: Path) -> None:
    """Strangers' adapters come in by the same entry point."""
    install(folder, "stranger", "stranger", "stranger_room", _MODULE.format(name="stranger"))
    assert catalog.installed()["stranger"].name == "stranger"
    assert catalog.origins()["stranger"].origin == "stranger 1.0"
    assert catalog.origins()["alertmanager"].origin == f"sre-ingest {version('sre-ingest')}"


@pytest.mark.parametrize(
    ("entry", "source", "words"),
    [
        (
            "broken_room",
            "raise RuntimeError('half installed')",
            r"of stranger 1.0 \(.*\) cannot be imported \(RuntimeError: half installed\)",
        ),
        ("other_room", _MODULE.format(name="another"), "of stranger 1.0 is not an Adapter named 'other_room'"),
        ("plain_room", "adapter = 1", "is not an Adapter named 'plain_room'"),
        (
            "alertmanager",
            _MODULE.format(name="alertmanager"),
            r"sre-ingest .* and stranger 1.0 both bring an adapter 'alert",
        ),
    ],
)
def test_a_broken_adapter_ends_the_start(folder: Path, entry: str, source: str, words: str) -> None:
    """Nothing is left out in silence: the sentence names the adapter, its distribution and what is wrong."""
    install(folder, "stranger", entry, f"stranger_{entry}", source)
    with pytest.raises(CatalogError, match=words):
        catalog.installed()


MAPPING = """
about: {tool: Acme, source: invented, seen: 2026-01-01}
shapes: [{name: all, when: a, ignore: a}]
"""


def test_a_users_mappings_are_adapters(tmp_path: Path) -> None:
    """Called as their files are, which is where they came from; one called as a preset takes its place."""
    for name in ("acme", "pagerduty"):
        (tmp_path / f"{name}.yaml").write_text(MAPPING)
    (tmp_path / "README.md").touch()
    found = catalog.origins(tmp_path)
    assert set(found) - set(catalog.installed()) == {"acme"}
    assert (found["acme"].adapter.path, found["acme"].origin) == ("/webhooks/generic/acme", f"{tmp_path}/acme.yaml")
    assert found["pagerduty"].origin == f"{tmp_path}/pagerduty.yaml"


def test_every_mistake_in_a_users_mappings_is_told(tmp_path: Path) -> None:
    """Of all files at once."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text("shapes: []\n")
    with pytest.raises(MappingError, match=r"(?s)one\.yaml:1: about: .*two\.yaml:1: about: "):
        catalog.installed(tmp_path)
