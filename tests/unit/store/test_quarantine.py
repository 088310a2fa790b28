"""What could not be understood, on a real disk: once each, counted, bounded, and there after anything."""

import resource
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing
from dataclasses import replace
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry

from sre_ingest.metrics import QuarantineMetrics
from sre_ingest.quarantine import REASONS, Refusal, body_id
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import QuarantineFull, Unavailable
from sre_ingest.sdk.times import SECOND, Instant
from sre_ingest.store import btree, entries, pages
from sre_ingest.store.database import Database
from sre_ingest.store.entries import Entry, Selection
from sre_ingest.store.files import FILE
from sre_ingest.store.quarantine import ENTRY_BYTES, StoreQuarantine
from tests.unit.deliveries import NOW, delivery
from tests.unit.store.conftest import record
from tests.unit.store.wrecks import overwrite, started


class Ward:
    """An open quarantine with what a test asks of it."""

    def __init__(self, data_dir: Path, max_bytes: int) -> None:
        self.data_dir = data_dir
        self.registry = CollectorRegistry()
        self.told: list[str] = []
        metrics = QuarantineMetrics(self.registry, reasons=REASONS)
        self.database = Database(data_dir, metrics)
        self.quarantine = StoreQuarantine(
            self.database, metrics, max_bytes=max_bytes, told=lambda _, refusal: self.told.append(refusal.id)
        )

    async def keep(self, *refusals: Refusal, of: Delivery | None = None) -> None:
        """Keep what was refused of a delivery."""
        await self.quarantine.keep(of or delivery("bad"), refusals)

    def entries(self, **wanted: object) -> list[Entry]:
        """What a reader beside it sees."""
        return entries.select(self.data_dir, Selection(**wanted))  # type: ignore[arg-type]

    def sample(self, name: str, **labels: str) -> float:
        """The value of a metric."""
        value = self.registry.get_sample_value(f"sre_ingest_{name}", labels)
        assert value is not None, name
        return value


Opened = Callable[..., AbstractAsyncContextManager[Ward]]


@pytest.fixture
def opened(tmp_path: Path) -> Opened:
    """Opens the quarantine of `tmp_path / "var"`, again and again if need be."""

    @asynccontextmanager
    async def ward(max_bytes: int = 1 << 20) -> AsyncIterator[Ward]:
        made = Ward(tmp_path / "var", max_bytes)
        await made.quarantine.start()
        try:
            yield made
        finally:
            await made.quarantine.stop()

    return ward


def refusal(name: str, index: int | None = 0, times: int = 1) -> Refusal:
    """Something refused that is known by this name."""
    return Refusal(name, "bad_time", "alerts[0].startsAt", index, times)


async def test_what_was_kept_is_there_as_it_came(opened: Opened) -> None:
    """Bytes, place, reason, time and sender; over a restart too."""
    given = delivery(
        "bad", body=b"\xffraw", headers=(("user-agent", "test"),), correlation_id="of-the-sender", tracestate="a=b"
    )
    async with opened() as ward:
        await ward.keep(refusal("a", 3), of=given)
    async with opened() as ward:
        (entry,) = ward.entries()
        assert entries.body(ward.data_dir, "a") == b"\xffraw"
        assert entry == Entry(
            id="a",
            reason="bad_time",
            place="alerts[0].startsAt",
            path="/webhooks/toy",
            source="toy",
            instance="default",
            tenant="default",
            received_at=NOW,
            last_seen=NOW,
            count=1,
            index=3,
            headers=(("user-agent", "test"),),
            correlation_id="of-the-sender",
            traceparent=given.traceparent,
            tracestate="a=b",
            body_bytes=4,
        )


async def test_the_same_again_is_counted_and_takes_no_room(opened: Opened) -> None:
    """One entry with the first body and the first time, however often it comes and in whatever body."""
    async with opened() as ward:
        for second in range(100):
            given = delivery("bad", body=b"%d" % second, received_at=Instant(NOW + second * SECOND))
            await ward.keep(refusal("a", second), of=given)
        (entry,) = ward.entries()
        assert (entry.count, entry.index, entry.received_at) == (100, 0, NOW)
        assert entry.last_seen == NOW + 99 * SECOND
        assert entries.body(ward.data_dir, "a") == b"0"
        assert ward.sample("dead_letters_total", reason="bad_time") == ward.sample("dead_letter_records") == 1
        assert ward.sample("dead_letter_bytes") == ENTRY_BYTES + 1
        assert ward.told == ["a"]


async def test_items_of_one_body_share_its_bytes(opened: Opened) -> None:
    """The body goes with the last of them."""
    given = delivery("bad", body=b"x" * 10_000)
    async with opened() as ward:
        await ward.keep(refusal("a"), refusal("b", 1, times=7), of=given)
        assert ward.sample("dead_letter_bytes") == 10_000 + 2 * ENTRY_BYTES
        assert [entry.count for entry in ward.entries()] == [1, 7]
        await ward.quarantine.remove("a")
        assert entries.body(ward.data_dir, "a") is None
        assert entries.body(ward.data_dir, "b") == given.body
        await ward.quarantine.remove("b")
        assert (ward.sample("dead_letter_bytes"), ward.sample("dead_letter_records")) == (0, 0)
    with closing(sqlite3.connect(ward.data_dir / FILE)) as database:
        assert database.execute("SELECT count(*) FROM quarantine_bodies").fetchone() == (0,)


async def test_a_full_quarantine_takes_nothing_new_and_evicts_nothing(opened: Opened) -> None:
    """What is there is still counted up; what fits beside what does not is kept; and there is room after a drop."""
    room = 3 * ENTRY_BYTES + 2_000
    async with opened(max_bytes=room) as ward:
        await ward.keep(refusal("a"), refusal("b"), of=delivery("bad", body=b"1" * 1_000))
        with pytest.raises(QuarantineFull, match=r"quarantine\.max_bytes"):
            await ward.keep(refusal("c"), of=delivery("bad", body=b"2" * 1_001))
        await ward.keep(refusal("a"), of=delivery("bad", body=b"3" * 9_000))
        with pytest.raises(QuarantineFull):
            await ward.keep(refusal("d"), refusal("e"), of=delivery("bad", body=b"4" * 1_000))
        assert {entry.id: entry.count for entry in ward.entries()} == {"a": 2, "b": 1, "d": 1}
        assert ward.sample("dead_letter_bytes") == room == ward.sample("dead_letter_capacity_bytes")
        assert ward.sample("dead_letters_refused_total", why="full") == 2
        await ward.quarantine.remove("b")
        await ward.keep(refusal("e"), of=delivery("bad", body=b"4" * 1_000))
    async with opened(max_bytes=room) as ward:
        assert ward.sample("dead_letter_bytes") == room
        assert ward.sample("dead_letter_records") == 3


async def test_a_reason_can_change(opened: Opened) -> None:
    """Refused anew by a replay: another reason and place, the same count and times."""
    async with opened() as ward:
        await ward.keep(refusal("a"))
        (before,) = ward.entries()
        await ward.quarantine.amend(Refusal("a", "no_labels", "alerts[0].labels", 0))
        assert ward.entries() == [replace(before, reason="no_labels", place="alerts[0].labels")]


async def test_a_selection_leaves_the_others_out(opened: Opened) -> None:
    """By id, source, reason and the time when it was seen last; in the order in which they came."""
    async with opened() as ward:
        for number, name in enumerate("cab"):
            await ward.keep(refusal(name), of=delivery("bad", received_at=Instant(NOW + number * SECOND)))
        await ward.keep(Refusal("d", "schema", ""), of=delivery("bad", received_at=Instant(NOW + 9 * SECOND)))

        def ids(**wanted: object) -> str:
            return "".join(entry.id for entry in ward.entries(**wanted))

        assert ids() == "cabd"
        assert ids(ids=["b", "c", "x"]) == "cb"
        assert ids(reason="schema") == "d"
        assert ids(since=NOW + 2 * SECOND, reason="bad_time") == "b"
        assert (ids(source="toy"), ids(source="other")) == ("cabd", "")


async def test_a_place_that_is_no_text_costs_nobody_anything(opened: Opened) -> None:
    """Half of a surrogate pair, and a very long one."""
    async with opened() as ward:
        await ward.keep(Refusal("a", "bad_field", "\ud800" + "x" * 10_000))
        (entry,) = ward.entries()
        assert entry.place == "?" + "x" * 511


async def test_a_disk_that_cannot_be_written_is_said(opened: Opened) -> None:
    """Unavailable, which the sender is told; nothing is there, and with room it works again."""
    async with opened() as ward:
        await ward.keep(refusal("a"))
        (ward.data_dir / FILE).rename(ward.data_dir / "away")
        with pytest.raises(Unavailable):
            await ward.keep(refusal("b"))
        assert ward.sample("dead_letters_refused_total", why="disk") == 1
        (ward.data_dir / "away").rename(ward.data_dir / FILE)
        await ward.keep(refusal("b"))
        assert [entry.id for entry in ward.entries()] == ["a", "b"]


async def test_a_disk_that_takes_no_more_is_said(opened: Opened) -> None:
    """The system refuses to write: Unavailable, and it works again once there is room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    async with opened() as ward:
        await ward.keep(refusal("a"))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_wal_size(ward) + 1_000, hard))
        try:
            with pytest.raises(Unavailable):
                await ward.keep(refusal("b"), of=delivery("bad", body=b"x" * 50_000))
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        await ward.keep(refusal("b"), of=delivery("bad", body=b"x" * 50_000))
        assert [entry.id for entry in ward.entries()] == ["a", "b"]
        assert ward.sample("dead_letter_records") == 2


def _wal_size(ward: Ward) -> int:
    return Path(f"{ward.data_dir / FILE}-wal").stat().st_size


async def test_damage_costs_what_was_on_its_pages(opened: Opened) -> None:
    """The next start sets the damaged file aside, keeps the rest of what was refused with its bodies, and goes on."""
    async with opened() as ward:
        for number in range(200):
            await ward.keep(refusal(f"{number:03}"), of=delivery("bad", body=b"%d" % number))
        before = {entry.id: entry for entry in ward.entries()}
    overwrite(ward.data_dir / FILE, _first_leaf(ward.data_dir / FILE))
    async with opened() as ward:
        kept = {entry.id: entry for entry in ward.entries()}
        assert 150 < len(kept) < 200
        assert kept.items() <= before.items()
        assert all(entries.body(ward.data_dir, name) == b"%d" % int(name) for name in kept)
        assert ward.sample("dead_letter_salvages_total") == 1
        assert ward.sample("dead_letter_records") == len(kept)
        await ward.keep(refusal("new"))
        assert len(ward.entries()) == len(kept) + 1


def _first_leaf(path: Path) -> int:
    with pages.opened(path) as found, closing(sqlite3.connect(path)) as database:
        (root,) = database.execute("SELECT rootpage FROM sqlite_master WHERE name = 'quarantine'").fetchone()
        return btree.children(found.read(root), root)[0].page


async def test_a_body_that_changed_on_the_disk_is_not_shown(opened: Opened) -> None:
    """It is known by its digest."""
    async with opened() as ward:
        await ward.keep(refusal("a"))
    with closing(sqlite3.connect(ward.data_dir / FILE)) as database, database:
        database.execute("UPDATE quarantine_bodies SET bytes = x'00'")
    assert entries.body(ward.data_dir, "a") is None
    assert [entry.id for entry in entries.select(ward.data_dir, Selection())] == ["a"]


async def test_the_id_of_a_body_names_it() -> None:
    """Another tenant's same bytes are another body."""
    given = delivery("bad")
    other = replace(given, endpoint=replace(given.endpoint, tenant="other"))
    assert body_id(given) == body_id(delivery("bad", received_at=Instant(NOW + 1)))
    assert len({body_id(given), body_id(other), body_id(delivery("worse"))}) == 3


async def test_parked_records_count_and_are_kept_beyond_the_limit(tmp_path: Path) -> None:
    """They were acknowledged: none is dropped for want of room, and what is not acknowledged yet is refused instead."""
    async with started(tmp_path) as spool:
        metrics = QuarantineMetrics(spool.registry, reasons=REASONS)
        quarantine = StoreQuarantine(spool.database, metrics, max_bytes=10_000)
        await quarantine.start()
        numbers = await spool.keep(*(record(number, size=4_000) for number in range(4)))
        await quarantine.keep(delivery("bad"), [refusal("before")])
        await spool.store.park(numbers)
        assert (spool.registry.get_sample_value("sre_ingest_dead_letter_bytes") or 0) > 4 * 4_000
        with pytest.raises(QuarantineFull):
            await quarantine.keep(delivery("worse"), [refusal("after")])
        assert spool.registry.get_sample_value("sre_ingest_dead_letter_records") == 5
        for number in numbers:
            await quarantine.remove(f"parked-{number}")
        await quarantine.keep(delivery("worse"), [refusal("after")])
        assert {entry.id for entry in entries.select(tmp_path, Selection())} == {"before", "after"}
        await quarantine.stop()


async def test_parked_records_are_counted_at_the_start(tmp_path: Path) -> None:
    """A restart makes no room."""
    async with started(tmp_path) as spool:
        await spool.store.park(await spool.keep(record(1, size=9_000)))
    async with started(tmp_path) as spool:
        quarantine = StoreQuarantine(
            spool.database, QuarantineMetrics(spool.registry, reasons=REASONS), max_bytes=10_000
        )
        await quarantine.start()
        with pytest.raises(QuarantineFull):
            await quarantine.keep(delivery("bad"), [refusal("one")])
        await quarantine.stop()


async def test_one_parked_record_is_found_among_many(tmp_path: Path) -> None:
    """By its id, its source and its reason; what never was an id finds nothing."""
    async with started(tmp_path) as spool:
        numbers = await spool.keep(*map(record, range(3)))
        await spool.store.park(numbers)
        assert entries.record(tmp_path, f"parked-{numbers[1]}") == record(1)
        assert entries.record(tmp_path, "parked-other") is None
        assert [entry.id for entry in entries.select(tmp_path, Selection(ids=[f"parked-{numbers[2]}"]))] == ["parked-3"]
        assert len(entries.select(tmp_path, Selection(source="spool", reason="parked"))) == 3
        assert entries.select(tmp_path, Selection(source="acme")) == []
        assert entries.select(tmp_path, Selection(reason="bad_time")) == []
