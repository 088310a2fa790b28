"""The embedded log on a real disk: what goes in comes out, in groups, within its bounds."""

import asyncio
import os
import resource
import sqlite3
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from sre_ingest.publishing import Outcome, Record, Standing
from sre_ingest.store import files
from sre_ingest.store.files import FILE
from tests.unit.store.conftest import OpenLog, record, records


async def test_what_was_stored_is_read_back_in_order(open_log: OpenLog) -> None:
    """Every byte, empty ones and names of any script included, in the order of the calls."""
    given = [
        Record(b"", (), b""),
        Record(b"\x00\xff", (("ключ", b""), ("", b"\x00"), ("ключ", b"again")), bytes(range(256))),
        *(record(number) for number in range(150)),
    ]
    async with open_log() as log:
        assert await log.publisher.publish(given[:3]) == [Outcome.STORED] * 3
        outcomes = await asyncio.gather(*(log.publisher.publish([r]) for r in given[3:]))
        assert outcomes == [[Outcome.STORED]] * 149
        assert await log.publisher.publish([]) == []
        assert await records(log.data_dir) == given
        assert log.sample("appended_records_total") == 152
    assert await records(log.data_dir) == given


async def test_concurrent_publishes_share_a_commit(open_log: OpenLog) -> None:
    """Two hundred deliveries at once cost a handful of syncs, and one after the other one each."""
    async with open_log() as log:
        before = log.sample("commit_duration_seconds_count")
        await asyncio.gather(*(log.publisher.publish([record(n)]) for n in range(200)))
        together = log.sample("commit_duration_seconds_count") - before
        for n in range(5):
            await log.publisher.publish([record(n)])
        assert 1 <= together <= 5
        assert log.sample("commit_duration_seconds_count") - before == together + 5


async def test_a_cancelled_caller_withdraws_nothing(open_log: OpenLog) -> None:
    """The delivery was taken; that its sender went away does not undo it, nor the order."""
    async with open_log() as log:
        hang = _Hang()
        held = asyncio.create_task(log.database.write(hang, 0, 0))
        assert await asyncio.to_thread(hang.entered.wait, 5)
        calls = [asyncio.create_task(log.publisher.publish([record(n)])) for n in range(3)]
        await asyncio.sleep(0)
        calls[0].cancel()
        await asyncio.sleep(0)
        hang.release()
        assert await held == Outcome.STORED
        assert await asyncio.gather(*calls[1:]) == [[Outcome.STORED]] * 2
        assert await records(log.data_dir) == [record(0), record(1), record(2)]


async def test_stop_finishes_what_was_taken(open_log: OpenLog) -> None:
    """Everything called before `stop` is stored, everything after it fails, and `ready` says why."""
    async with open_log() as log:
        calls = [asyncio.create_task(log.publisher.publish([record(n)])) for n in range(50)]
        await asyncio.sleep(0)
        assert log.publisher.ready() is None
        await log.publisher.stop()
        assert await log.publisher.publish([record(50)]) == [Outcome.FAILED]
        assert log.publisher.ready() == "The embedded log is not open."
        assert await asyncio.gather(*calls) == [[Outcome.STORED]] * 50
        assert len(await records(log.data_dir)) == 50


async def test_a_log_goes_on_where_it_ended(open_log: OpenLog) -> None:
    """Numbers have no gap over a restart, and the gauges are right from the start."""
    async with open_log() as log:
        await log.publisher.publish([record(n) for n in range(7)])
        expected = log.sample("records"), log.sample("bytes")
    with closing(sqlite3.connect(log.data_dir / FILE)) as database:
        # Kept, and not counted at the start: a log of a gigabyte would take its time.
        assert database.execute("SELECT records, bytes FROM log_totals").fetchall() == [expected]
    async with open_log() as log:
        assert (log.sample("records"), log.sample("bytes")) == expected
        assert expected[0] == 7
        await log.publisher.publish([record(7)])
        assert await records(log.data_dir) == [record(n) for n in range(8)]


async def test_the_oldest_are_pruned_first(open_log: OpenLog) -> None:
    """As few as make the rest fit, counted; and what is left stands in the gauges, over a restart too."""
    async with open_log(retention_bytes=10_000) as log:
        for n in range(30):
            assert await log.publisher.publish([record(n, size=970)]) == [Outcome.STORED]
        left = await records(log.data_dir)
        assert left == [record(n, size=970) for n in range(30 - len(left), 30)]
        assert len(left) in (9, 10)
        assert log.sample("records") == len(left)
        assert 9_000 <= log.sample("bytes") <= 10_000
        assert log.sample("pruned_records_total") == 30 - len(left)
        assert log.sample("retention_bytes") == 10_000
        size = log.sample("bytes")
    async with open_log(retention_bytes=10_000) as log:
        assert (log.sample("records"), log.sample("bytes")) == (len(left), size)


async def test_a_smaller_retention_holds_from_the_next_append(open_log: OpenLog) -> None:
    """Numbers go on although all but one were pruned."""
    async with open_log() as log:
        await log.publisher.publish([record(n, size=900) for n in range(20)])
    async with open_log(retention_bytes=1_000) as log:
        await log.publisher.publish([record(20, size=900)])
        assert await records(log.data_dir) == [record(20, size=900)]
        assert log.sample("pruned_records_total") == 20
    with closing(sqlite3.connect(log.data_dir / FILE)) as database:
        assert database.execute("SELECT number FROM log").fetchall() == [(21,)]


async def test_damaged_totals_are_counted_anew(open_log: OpenLog) -> None:
    """A wrong total would prune what should be kept."""
    async with open_log() as log:
        await log.publisher.publish([record(n) for n in range(9)])
        size = log.sample("bytes")
    with closing(sqlite3.connect(log.data_dir / FILE)) as database, database:
        database.execute("UPDATE log_totals SET bytes = bytes + 1000000000000")
    async with open_log() as log:
        assert (log.sample("records"), log.sample("bytes")) == (9, size)


async def test_a_record_larger_than_the_log_is_refused(open_log: OpenLog) -> None:
    """It alone; its siblings are stored."""
    async with open_log(retention_bytes=1_000) as log:
        outcomes = await log.publisher.publish([record(0), record(1, size=1_000), record(2)])
        assert outcomes == [Outcome.STORED, Outcome.REFUSED, Outcome.STORED]
        assert await records(log.data_dir) == [record(0), record(2)]


async def test_what_exceeds_the_queue_is_answered_at_once(open_log: OpenLog) -> None:
    """Overload is said, not queued."""
    async with open_log(queue_bytes=5_000) as log:
        outcomes = await asyncio.gather(*(log.publisher.publish([record(n, size=900)]) for n in range(50)))
        stored = [n for n, outcome in enumerate(outcomes) if outcome == [Outcome.STORED]]
        assert {Outcome.FAILED, Outcome.STORED} == {outcome[0] for outcome in outcomes}
        assert await records(log.data_dir) == [record(n, size=900) for n in stored]
        assert await log.publisher.publish([record(50, size=4_900)]) == [Outcome.STORED]


async def test_a_full_database_answers_failed_and_recovers(open_log: OpenLog) -> None:
    """SQLITE_FULL inside the transaction: nothing of the group is there, no number is lost, the next append works."""
    async with open_log() as log:
        await log.publisher.publish([record(0)])
        await log.database.write(_Limit(), 20, 0)
        full = asyncio.gather(*(log.publisher.publish([record(n, size=100_000)]) for n in (1, 2)))
        assert await full == [[Outcome.FAILED]] * 2
        assert log.publisher.ready() == f"There is no room left for {log.data_dir / FILE}: free space on its disk."
        assert log.sample("errors_total", op="append") >= 1
        assert await records(log.data_dir) == [record(0)]
        # The limit was the connection's, which was closed: there is room again, as the writer soon finds.
        async with asyncio.timeout(10):
            while log.publisher.ready() is not None:
                await asyncio.sleep(0.05)
        assert await log.publisher.publish([record(3, size=100_000)]) == [Outcome.STORED]
        assert log.publisher.ready() is None
        assert await records(log.data_dir) == [record(0), record(3, size=100_000)]
        assert (log.sample("records"), log.sample("appended_records_total")) == (2, 2)


class _Limit:
    """Writing a number makes it the greatest number of pages."""

    def open(self, connection: sqlite3.Connection) -> None:
        raise AssertionError

    def write(self, connection: sqlite3.Connection, items: Sequence[int]) -> None:
        connection.execute(f"PRAGMA max_page_count={items[0]}")

    def committed(self) -> None:
        pass


async def test_a_write_that_the_system_refuses_is_never_stored(open_log: OpenLog) -> None:
    """The write-ahead log cannot grow: an error at the commit is no more than uncertain, and then it works again."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with open_log() as log:
        await log.publisher.publish([record(0)])
        wal = _size_of(f"{log.data_dir / FILE}-wal")
        resource.setrlimit(resource.RLIMIT_FSIZE, (wal + 1_000, hard))
        try:
            failed = await log.publisher.publish([record(1, size=50_000)])
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert failed in ([Outcome.FAILED], [Outcome.UNCERTAIN])
        assert log.publisher.ready() is not None
        assert await log.publisher.publish([record(2, size=50_000)]) == [Outcome.STORED]
        assert await records(log.data_dir) == [record(0), record(2, size=50_000)]


def _size_of(path: str) -> int:
    return Path(path).stat().st_size


async def test_without_traffic_it_becomes_ready_again(open_log: OpenLog) -> None:
    """Who is not ready gets no traffic, so readiness must not wait for an append."""
    async with open_log() as log:
        await log.database.write(_Limit(), 20, 0)
        assert await log.publisher.publish([record(1, size=100_000)]) == [Outcome.FAILED]
        assert log.publisher.ready() is not None
        async with asyncio.timeout(5):
            while log.publisher.ready() is not None:
                await asyncio.sleep(0.05)


async def test_an_error_of_ours_costs_its_group_and_no_more(open_log: OpenLog) -> None:
    """The thread lives, the waiting are answered, the next append works."""
    async with open_log() as log:
        assert await log.database.write(_Broken(), 0, 0) == Outcome.FAILED
        assert await log.publisher.publish([record(1)]) == [Outcome.STORED]


class _Broken:
    """Writing is a defect of ours."""

    def open(self, connection: sqlite3.Connection) -> None:
        raise AssertionError

    def write(self, connection: sqlite3.Connection, items: Sequence[int]) -> None:
        raise LookupError

    def committed(self) -> None:
        raise AssertionError


async def test_a_disk_that_hangs_is_answered_within_the_deadline(open_log: OpenLog) -> None:
    """What the writer has is uncertain, what still waits has certainly failed, and `stop` does not wait for ever."""
    async with open_log(deadline=0.3) as log:
        hang = _Hang()
        held = asyncio.create_task(log.database.write(hang, 0, 0))
        assert await asyncio.to_thread(hang.entered.wait, 5)
        waiting = asyncio.create_task(log.publisher.publish([record(1)]))
        async with asyncio.timeout(2):
            assert await held == Outcome.UNCERTAIN
            assert await waiting == [Outcome.FAILED]
        assert "has not answered for" in (log.publisher.ready() or "")
        async with asyncio.timeout(2):
            await log.publisher.stop()
        hang.release()
    async with asyncio.timeout(5):
        await _unlocked(log.data_dir)
    assert await records(log.data_dir) == []


async def _unlocked(data_dir: Path) -> None:
    while True:
        try:
            os.close(files.lock(data_dir))
        except files.StoreError:
            await asyncio.sleep(0.02)
        else:
            return


class _Hang:
    """Writing blocks the writer's thread, as a disk would, until released."""

    def __init__(self) -> None:
        self.entered = threading.Event()
        self._read, self._write = os.pipe()

    def open(self, connection: sqlite3.Connection) -> None:
        raise AssertionError

    def write(self, connection: sqlite3.Connection, items: Sequence[int]) -> None:
        self.entered.set()
        os.read(self._read, 1)

    def committed(self) -> None:
        os.close(self._read)

    def release(self) -> None:
        os.write(self._write, b"x")
        os.close(self._write)


async def test_a_log_that_cannot_prune_still_takes_records(open_log: OpenLog) -> None:
    """The error is counted; the totals say what is really there."""
    async with open_log(retention_bytes=2_000) as log:
        await log.publisher.publish([record(n, size=900) for n in range(2)])
        await log.database.write(_Trigger(), 0, 0)
        assert await log.publisher.publish([record(2, size=900)]) == [Outcome.STORED]
        assert log.sample("errors_total", op="prune") == 1
        assert (log.sample("records"), log.sample("pruned_records_total")) == (3, 0)


class _Trigger:
    """Makes every DELETE fail."""

    def open(self, connection: sqlite3.Connection) -> None:
        raise AssertionError

    def write(self, connection: sqlite3.Connection, items: Sequence[int]) -> None:
        connection.execute("CREATE TRIGGER no BEFORE DELETE ON log BEGIN SELECT RAISE(ABORT, 'no'); END")

    def committed(self) -> None:
        pass


async def test_large_values_are_kept_whole(open_log: OpenLog) -> None:
    """Pages overflow; nobody notices."""
    async with open_log() as log:
        given = [Record(b"k", (("h", b"x" * 3_000_000),), b"y" * 3_000_000), record(1)]
        assert await log.publisher.publish(given) == [Outcome.STORED] * 2
        assert await records(log.data_dir) == given


async def test_the_log_says_where_records_are(open_log: OpenLog) -> None:
    """Pruned or not, all that it took; less what somebody took out of its middle while it was closed for a moment."""
    async with open_log(retention_bytes=1_000) as log:
        await log.publisher.publish([record(number, size=90) for number in range(5)])
        for number in range(20):
            await log.publisher.publish([record(number, size=90)])
        assert log.sample("pruned_records_total") > 0
        assert log.publisher.standing() == Standing(waiting=25)
        with closing(sqlite3.connect(log.data_dir / FILE, isolation_level=None)) as other:
            other.execute("DELETE FROM log WHERE number = (SELECT max(number) - 1 FROM log)")
            other.execute("DELETE FROM log_totals")  # so that the next opening counts
        (log.data_dir / FILE).rename(log.data_dir / "away")
        assert await log.publisher.publish([record(1)]) == [Outcome.FAILED]
        (log.data_dir / "away").rename(log.data_dir / FILE)
        assert await log.publisher.publish([record(1)]) == [Outcome.STORED]
        assert log.publisher.standing() == Standing(waiting=25)
    async with open_log(retention_bytes=1_000) as log:
        assert log.publisher.standing() == Standing()
