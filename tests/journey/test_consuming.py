"""The consumer of docs/consuming.md as a process of its own, beside a real gateway, on either log."""

import asyncio
import sqlite3
import sys
from collections.abc import AsyncIterator
from contextlib import aclosing, asynccontextmanager, closing
from pathlib import Path
from uuid import uuid4

from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested, SreDomainIntent
from examples.consumer.consumer import TABLES, from_kafka
from sre_ingest import addressing
from sre_ingest.publishing import Record
from sre_ingest.sdk.times import SECOND, Instant, write
from tests.goldens import ROOT
from tests.journey.alerts import alert, group, now
from tests.journey.sources import EmbeddedLog, Source, Topic
from tests.parts.gateway import Gateway
from tests.parts.processes import Process

CONSUMER = ROOT / "examples" / "consumer" / "consumer.py"
DELIVERED = [
    ("A", "firing"),
    ("A", "firing"),
    ("A", "resolved"),
    ("A", "firing"),
    ("B", "firing"),
    ("B", "resolved"),
]
POISON = b"\xff\xff\xff\xff"
IN_THE_END = {"A": "FIRING", "B": "RESOLVED", "newer": "FIRING", "traceless": "FIRING"}
SET_ASIDE = ["not to be understood (DecodeError)", "written with another major version of the contract"]


async def test_the_consumer_on_the_embedded_log(tmp_path: Path) -> None:
    """On a machine without Kafka, the states in the end are those that docs/identity.md says."""
    async with story(EmbeddedLog(tmp_path / "data"), tmp_path):
        pass


async def test_the_consumer_on_kafka(tmp_path: Path, kafka: str, topic: str) -> None:
    """The same on a topic; what was processed is committed, and poison among it holds nothing up."""
    source = Topic(kafka, topic)
    async with story(source, tmp_path):
        await source.until_committed()
        assert states(tmp_path) == IN_THE_END


async def test_nothing_is_committed_before_it_is_processed(kafka: str, topic: str) -> None:
    """A consumer that ends with a batch in its hands gets it again; to ask for the next batch commits it."""
    source = Topic(kafka, topic)
    await source.append([Record(b"one", (), b"1"), Record(b"one", (), b"2")])
    for _ in range(2):
        async with aclosing(from_kafka(kafka, topic, source.group)) as batches:
            batch = await next_batch(batches)
        assert [one.value for one in batch] == [b"1", b"2"]
        assert await source.uncommitted() == 2
    async with aclosing(from_kafka(kafka, topic, source.group)) as batches:
        await next_batch(batches)
        await anext(batches)
    assert await source.uncommitted() == 0


async def next_batch(batches: AsyncIterator[list[Record]]) -> list[Record]:
    """The next batch that holds anything."""
    while not (batch := await anext(batches)):
        pass
    return batch


@asynccontextmanager
async def story(source: Source, folder: Path) -> AsyncIterator[None]:
    """From the first alert to the states in the end, with a consumer that is killed once; it still runs."""
    await deliver(source, folder)
    async with consuming(source, folder) as consumer:
        await knows(consumer, folder, {"A": "FIRING", "B": "RESOLVED"})
    await source.append(others(await source.records(5)))
    async with consuming(source, folder) as consumer:
        await knows(consumer, folder, IN_THE_END)
        assert [why for (why,) in ask(folder, "SELECT why FROM set_aside ORDER BY rowid")] == SET_ASIDE
        yield


async def deliver(source: Source, folder: Path) -> None:
    """A fires, is sent again, resolves and fires again with the same start; B fires and resolves."""
    starts_at = now()
    gateway = Gateway(folder, source.settings)
    await asyncio.to_thread(gateway.start)
    try:
        await asyncio.to_thread(gateway.wait_until_ready)
        for name, status in DELIVERED:
            answer = await asyncio.to_thread(gateway.deliver, group(alert(name, status, starts_at)))
            assert answer.is_success
    finally:
        await asyncio.to_thread(gateway.stop)


def others(published: list[Record]) -> list[Record]:
    """What comes beside the records of one gateway, each so that a consumer without the rule for it goes wrong."""
    a_fires, a_resolves, a_fires_again = [one for one in published if body(one).name == "A"]
    b_fires, _ = [one for one in published if body(one).name == "B"]
    between = Instant((received_at(a_resolves) + received_at(a_fires_again)) // 2)
    later = Instant(max(received_at(one) for one in published) + SECOND)
    return [
        # Poison stands first on A's partition. It must not hold up what comes after it.
        Record(a_fires.key, a_fires.headers, POISON),
        # A time-out had lied: the firing was published, another gateway took the resolve, and the sender tries again.
        altered(b_fires, later),
        # Another gateway's spool drains late.
        altered(a_resolves, between, message_id=str(uuid4())),
        altered(a_resolves, later, message_id=str(uuid4()), schema_version="v2.0.0"),
        altered(a_fires, later, message_id=str(uuid4()), schema_version="v1.9.0", rename="newer"),
        altered(a_fires, later, message_id=str(uuid4()), rename="traceless", traceparent=""),
    ]


def body(record: Record) -> IngestAlertRequested:
    """The alert of a record."""
    return SreDomainIntent.FromString(record.value).ingest_alert_requested


def received_at(record: Record) -> Instant:
    """When the gateway took it."""
    return Instant(body(record).received_at.ToNanoseconds())


def altered(record: Record, at: Instant, *, rename: str | None = None, **meta: str) -> Record:
    """A record like this one but for its time of receipt, the alert that it is about, and fields of the meta."""
    intent = SreDomainIntent.FromString(record.value)
    alert = intent.ingest_alert_requested
    write(at, alert.received_at)
    if rename is not None:
        alert.name = rename
        alert.alert_id = intent.subject.aggregate_id = f"{alert.alert_id}-{rename}"
    for field, value in meta.items():
        setattr(intent.meta, field, value)
    return addressing.address(intent, alert.dedup_key, at)


@asynccontextmanager
async def consuming(source: Source, folder: Path) -> AsyncIterator[Process]:
    """The consumer as a process, killed in the end in the middle of whatever it does."""
    command = [sys.executable, str(CONSUMER), *source.arguments, "--book", str(folder / "book.db")]
    process = await asyncio.to_thread(Process, command, folder / "consumer.log")
    try:
        yield process
    finally:
        await asyncio.to_thread(process.kill)


async def knows(consumer: Process, folder: Path, expected: dict[str, str]) -> None:
    """Wait until the consumer's file has this state for each alert, and no other alert."""
    await asyncio.to_thread(consumer.wait_until, lambda: states(folder) == expected, 30)


def states(folder: Path) -> dict[str, str]:
    """The state of each alert by its name."""
    return {name: status for status, name in [state.split() for (state,) in ask(folder, "SELECT state FROM present")]}


def ask(folder: Path, question: str) -> list[tuple[str, ...]]:
    """What the consumer's file answers."""
    with closing(sqlite3.connect(folder / "book.db")) as book:
        book.executescript(TABLES)  # the consumer may not have come to it yet
        return book.execute(question).fetchall()
