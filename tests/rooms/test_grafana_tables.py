"""The tables of the room's page, held against its samples: each row is what the golden shows."""

import json
import re
from typing import Any

import pytest

from adapters.grafana import adapter
from sre_ingest import catalog

FOLDER = catalog.folder(adapter)
PAGE = (FOLDER / "README.md").read_text()
SAMPLES = {"Unified alerting": "firing-v13", "Dashboard alerts (legacy)": "legacy-alerting"}
ITEM = "alerts[]."


def section(title: str) -> str:
    """The text below a heading."""
    return PAGE.partition(f"### {title}\n")[2].partition("\n#")[0]


def rows(title: str) -> list[tuple[list[str], list[str]]]:
    """The fields that a row speaks of, and those that its second cell names: empty where nothing comes of them."""
    cells = [line.split("|")[1:3] for line in section(title).splitlines() if line.startswith("| `")]
    return [(re.findall(r"`([^`]+)`", field), _targets(becomes)) for field, becomes in cells]


def _targets(cell: str) -> list[str]:
    plain = re.sub(r"`[^`]+`| and |, if .*", "", cell).strip()
    return [] if plain else re.findall(r"`([^`]+)`", cell)


def body(title: str) -> dict[str, Any]:
    """The sample that a section shows."""
    sample: dict[str, Any] = json.loads((FOLDER / "samples" / f"{SAMPLES[title]}.json").read_bytes())
    return sample


def message(title: str) -> dict[str, Any]:
    """What its golden says."""
    golden = json.loads((FOLDER / "samples" / f"{SAMPLES[title]}.expected.json").read_bytes())
    (signal,) = golden["signals"]
    found: dict[str, Any] = signal["message"]
    return found


def sent(document: dict[str, Any], field: str) -> Any:
    """The value of a field, `alerts[].x` being that of the only alert."""
    return document["alerts"][0].get(field.removeprefix(ITEM)) if field.startswith(ITEM) else document.get(field)


def told(found: dict[str, Any], target: str) -> Any:
    """The value of a field of the contract, or of one annotation."""
    if match := re.fullmatch(r'annotations\["(.+)"\]', target):
        return found["annotations"].get(match[1])
    return found.get(re.sub(r"_(.)", lambda part: part[1].upper(), target))


PROMISES = [
    (title, field, target)
    for title in SAMPLES
    for fields, targets in rows(title)
    for field in fields
    for target in targets
]
"""Each section, field and target of a row that names where a field goes."""


@pytest.mark.parametrize(("title", "field", "target"), PROMISES)
def test_a_field_becomes_what_the_table_says(title: str, field: str, target: str) -> None:
    """Its value in the sample stands in the golden at that place."""
    value, found = sent(body(title), field), told(message(title), target)

    if target == "annotations":
        assert value.items() <= found.items()
    elif target == "status":
        assert found == f"ALERT_STATUS_{value.upper()}"
    elif target == "ends_at":
        assert (value, found) == ("0001-01-01T00:00:00Z", None)
    elif target.startswith("annotations["):
        assert found == str(value)
    else:
        assert found == value


@pytest.mark.parametrize("title", SAMPLES)
def test_the_table_speaks_of_every_field(title: str) -> None:
    """All that the sender sends is in the first column."""
    document = body(title)
    fields = {*document, *(ITEM + name for one in document.get("alerts", []) for name in one)} - {"alerts"}

    assert fields <= {field for row, _ in rows(title) for field in row}


def test_most_rows_are_held_against_a_golden() -> None:
    """The reading of the tables has not quietly stopped to find them."""
    assert len(PROMISES) == 30
