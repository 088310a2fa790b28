"""Files of older gateways are read, and every table says what is done with it when its file is damaged."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from sre_ingest.store import schema
from sre_ingest.store.files import FILE
from tests.unit.store.conftest import OpenLog, record, records
from tests.unit.store.wrecks import started

FORMATS = Path(__file__).parent / "formats"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A data directory of the first gateway: a log of 21 records, and a spool of which some are done with."""
    (tmp_path / "var").mkdir()
    shutil.copy(FORMATS / "1.db", tmp_path / "var" / FILE)
    return tmp_path / "var"


@pytest.fixture
def connection() -> Iterator[sqlite3.Connection]:
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
        yield connection


async def test_a_file_of_format_1_is_read(folder: Path, open_log: OpenLog) -> None:
    """Both its log and its spool, and it goes on where it ended."""
    async with open_log() as log:
        assert await records(folder) == [*(record(n) for n in range(20)), record(20, size=6_000)]
        await log.publisher.publish([record(21)])
        assert (await records(folder))[-1] == record(21)
    async with started(folder) as spool:
        moved = [*(record(n) for n in range(20)), record(20, size=6_000), record(21)]
        waiting = {n: record(99 + n) for n in (3, 4, 6, 7, 8, 9, 10)}
        assert await spool.readable() == waiting | dict(enumerate(moved, 11))
        assert await spool.keep(record(110)) == range(33, 34)
        assert spool.count("salvages_total") == 0


async def test_a_file_of_format_1_is_salvaged(folder: Path, open_log: OpenLog) -> None:
    """It has no second schema yet; the first page is there, and another one is not."""
    content = bytearray((folder / FILE).read_bytes())
    content[3 * 4096 : 4 * 4096] = bytes(4096)
    (folder / FILE).write_bytes(content)
    async with started(folder) as spool:
        assert spool.count("salvages_total") == 1
        found = await spool.readable()
        assert len(found) == 7 + 21
        assert {n: found[n] for n in (3, 4, 6, 7, 8, 9, 10)} == {n: record(99 + n) for n in (3, 4, 6, 7, 8, 9, 10)}


async def test_every_table_is_known_to_the_salvage(folder: Path, open_log: OpenLog) -> None:
    """A table that nobody declared would be left behind in the damaged file: add it to `schema.HOLDINGS`."""
    async with open_log(), started(folder.parent / "other"):
        pass
    for place in (folder, folder.parent / "other"):
        with closing(sqlite3.connect(place / FILE)) as database:
            tables = {name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
            assert tables <= schema.NAMES


def test_a_file_comes_to_the_newest_format_step_by_step(connection: sqlite3.Connection) -> None:
    """Only through what is newer than itself; a new file has the newest at once."""
    steps = {-1: ("CREATE TABLE first (a)",), 0: ("CREATE TABLE second (a)", "CREATE TABLE third (a)")}
    schema.migrate(connection, -1, steps)
    assert connection.execute("SELECT name FROM sqlite_master").fetchall() == [("first",), ("second",), ("third",)]
    assert connection.execute("PRAGMA user_version").fetchone() == (schema.FORMAT,)


def test_the_second_schema_is_sealed() -> None:
    """What has changed in it is not believed."""
    row = schema.sealed((2, "spool", 17))
    assert schema.unsealed(row) == (2, "spool", 17)
    for changed in ((3, *row[1:]), (2, "spoof", *row[2:]), (2, "spool", 16, row[3]), (*row[:3], row[3] ^ 1)):
        assert schema.unsealed(changed) is None
