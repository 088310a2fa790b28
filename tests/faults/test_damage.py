"""The gateway on a disk that has changed what lay on it: it starts, and what can be read arrives."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import pytest

from sre_ingest.store import btree
from tests.faults.test_spool import deliver, drained, gateway_behind, ids
from tests.journey.alerts import alert, group
from tests.journey.test_mappings_dir import metric, until
from tests.parts.relay import Door
from tests.unit.store.wrecks import overwrite_under_the_writer, page_of

PAGE = 4096


def lose_the_first_page(content: bytearray) -> None:
    content[:PAGE] = bytes(PAGE)


def lose_a_page(content: bytearray) -> None:
    """The leaf with the alert of `db-20`, in the middle of the file."""
    at = content.index(b"db-20") // PAGE * PAGE
    content[at : at + PAGE] = b"\xff" * PAGE


def truncate(content: bytearray) -> None:
    del content[len(content) * 2 // 3 :]


def flip(content: bytearray) -> None:
    """One bit of one alert, and one of the header."""
    content[content.index(b"db-20")] ^= 1
    content[44] ^= 0x80


def aside(folder: Path) -> Path:
    """The file that was set aside."""
    (found,) = folder.glob("*.damaged-*Z")
    return found


@pytest.mark.parametrize(
    ("damage", "least"), [(lose_the_first_page, 80), (lose_a_page, 70), (truncate, 20), (flip, 79)]
)
async def test_what_can_be_read_arrives(
    kafka: str, topic: str, tmp_path: Path, damage: Callable[[bytearray], None], least: int
) -> None:
    """Kafka away, 202s, a stop, damage, a start, Kafka back: nothing but what was acknowledged, each once, and new
    deliveries are taken as ever.
    """
    known: list[str] = []
    with Door(kafka) as door:
        gateway = gateway_behind(door, topic, tmp_path)
        with gateway:
            for number in range(40):
                known += deliver(gateway, number)
        file = tmp_path / "data" / "sre-ingest.db"
        content = bytearray(file.read_bytes())
        damage(content)
        file.write_bytes(content)
        door.open()
        with gateway:
            await asyncio.to_thread(until, lambda: drained(gateway) and metric(gateway, "kafka_connected") == 1)
            assert gateway.deliver(group(alert(instance="new"))).status_code == 200
            acked = int(metric(gateway, "spool_acked_records_total") or 0)
            assert metric(gateway, "spool_salvages_total") == 1
            assert metric(gateway, "spool_records") == 0
            arrived = await ids(kafka, topic, acked + 1)
    assert least <= acked <= 80
    assert len(set(arrived) & set(known)) == acked == len(arrived) - 1
    assert aside(tmp_path / "data").read_bytes() == bytes(content)


async def test_damage_while_it_runs_costs_nothing_that_can_be_read(kafka: str, topic: str, tmp_path: Path) -> None:
    """The root of the spool's tree is lost under a running gateway: it mends the file, and everything arrives once."""
    known: list[str] = []
    file = tmp_path / "data" / "sre-ingest.db"
    with Door(kafka) as door, gateway_behind(door, topic, tmp_path) as gateway:
        for number in range(40):
            known += deliver(gateway, number)
        overwrite_under_the_writer(file, page_of(file, btree.INTERIOR))
        door.open()
        await asyncio.to_thread(until, lambda: drained(gateway) and metric(gateway, "spool_salvages_total") == 1)
        assert gateway.deliver(group(alert(instance="new"))).status_code in (200, 202)
        assert metric(gateway, "spool_parked_records_total") == 0
        arrived = await ids(kafka, topic, len(known) + 1)
    assert set(known) < set(arrived)
    assert len(arrived) == len(known) + 1
