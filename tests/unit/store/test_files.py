"""A data directory that cannot be used ends the start with one sentence and the remedy."""

import os
import sqlite3
import stat
from contextlib import closing
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from sre_ingest.metrics import LogMetrics
from sre_ingest.store import reserve
from sre_ingest.store.database import Database
from sre_ingest.store.files import FILE, LOCK, StoreError
from sre_ingest.store.log import LogPublisher
from sre_ingest.store.schema import FORMAT, FORMAT_ROW, sealed
from tests.unit.store.conftest import OpenLog, record, records


async def refusal(open_log: OpenLog) -> str:
    """The sentence with which a log does not open."""
    with pytest.raises(StoreError) as caught:
        async with open_log():
            pass
    return str(caught.value)


async def test_the_directory_is_made_for_its_owner_alone(open_log: OpenLog) -> None:
    """Alerts are nobody else's business."""
    async with open_log() as log:
        files = {path.name: stat.S_IMODE(path.stat().st_mode) for path in log.data_dir.iterdir()}
        assert stat.S_IMODE(log.data_dir.stat().st_mode) == 0o700
        assert files == {LOCK: 0o600, reserve.FILE: 0o600, FILE: 0o600, f"{FILE}-wal": 0o600, f"{FILE}-shm": 0o600}


async def test_the_database_is_safe_by_its_settings(open_log: OpenLog) -> None:
    """WAL lies in the file; the format and whose it is, too."""
    async with open_log() as log:
        pass
    with closing(sqlite3.connect(log.data_dir / FILE)) as database:
        assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert database.execute("PRAGMA user_version").fetchone() == (FORMAT,)
        assert database.execute("PRAGMA application_id").fetchone() == (0x53524549,)


async def test_one_gateway_a_data_directory(open_log: OpenLog) -> None:
    """The second is told which process has it; when the first has stopped, another may start."""
    async with open_log() as first:
        assert await refusal(open_log) == (
            f"Another gateway (process {os.getpid()}) uses {first.data_dir}: stop it, or give this one a data "
            "directory of its own (SRE_INGEST_DATA_DIR)."
        )
        await first.publisher.publish([record(1)])
    async with open_log() as second:
        assert await records(second.data_dir) == [record(1)]


async def test_a_file_is_no_data_directory(open_log: OpenLog, tmp_path: Path) -> None:
    """Nor is a path below one."""
    (tmp_path / "var").write_text("mine")
    assert await refusal(open_log) == (
        f"{tmp_path / 'var'} is not a directory: move that file away, or name another data directory "
        "(SRE_INGEST_DATA_DIR)."
    )
    assert (tmp_path / "var").read_text() == "mine"


async def test_a_database_that_cannot_be_opened(open_log: OpenLog, tmp_path: Path) -> None:
    """A directory stands where the file should: opening fails for every user, root included."""
    (tmp_path / "var" / FILE).mkdir(parents=True)
    assert await refusal(open_log) == (
        f"{tmp_path / 'var' / FILE} cannot be opened: make it and its directory readable and writable for this user."
    )


async def test_a_directory_where_nobody_may_write() -> None:
    """Not even root: in Linux's /proc no file can be made."""
    metrics = LogMetrics(CollectorRegistry())
    log = LogPublisher(Database(Path("/proc/self/attr"), metrics), metrics, clock=lambda: 0)
    with pytest.raises(StoreError, match=r"^/proc/self/attr cannot be "):
        await log.start()
    assert log.ready() == "The embedded log is not open."
    await log.stop()


async def test_a_strangers_database_is_not_written_into(open_log: OpenLog, tmp_path: Path) -> None:
    """It has tables and does not say that it is ours."""
    (tmp_path / "var").mkdir()
    with closing(sqlite3.connect(tmp_path / "var" / FILE)) as database:
        database.execute("CREATE TABLE theirs (a)")
    assert await refusal(open_log) == (
        f"{tmp_path / 'var' / FILE} is a database of another program: move it away, or name another data directory."
    )


def newer_layout() -> tuple[int, int, int]:
    """What a newer gateway notes beside the schema's second copy."""
    root, _, version, crc = sealed((0, FORMAT_ROW, FORMAT + 1))
    return version, crc, root


async def test_a_newer_format_is_refused(open_log: OpenLog) -> None:
    """An older gateway would write what the newer one cannot read, or lose what it does not know."""
    async with open_log() as log:
        await log.publisher.publish([record(1)])
    with closing(sqlite3.connect(log.data_dir / FILE)) as database:
        database.execute(f"PRAGMA user_version={FORMAT + 1}")
        database.execute("UPDATE layout SET statement=?, crc=? WHERE root=?", newer_layout())
        database.commit()
    sentence = (
        f"{log.data_dir / FILE} has format {FORMAT + 1} and this version knows {FORMAT} at the most: start the newer "
        "version again, or name another data directory."
    )
    assert await refusal(open_log) == sentence
    with pytest.raises(StoreError) as caught:
        await records(log.data_dir)
    assert str(caught.value) == sentence


async def test_a_refused_start_leaves_nothing_behind(open_log: OpenLog, tmp_path: Path) -> None:
    """The lock is free: once the reason is removed the same directory opens."""
    (tmp_path / "var" / FILE).mkdir(parents=True)
    await refusal(open_log)
    (tmp_path / "var" / FILE).rmdir()
    async with open_log() as log:
        assert log.publisher.ready() is None
