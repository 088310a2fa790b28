"""Keeps the present state of everything that the gateway saw in a SQLite file, and prints each change of it.

docs/consuming.md explains every rule that this file follows.
"""

import argparse
import asyncio
import logging
import sqlite3
from collections.abc import AsyncGenerator, AsyncIterator, Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

try:
    from aiokafka import AIOKafkaConsumer
    from aiokafka.errors import KafkaError
    from google.protobuf.message import DecodeError

    from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent
    from ameide_core_proto.sre.core.v1.sre_pb2 import AlertStatus, HealthStatus
    from sre_ingest.contract import validation, version
    from sre_ingest.publishing import Record
    from sre_ingest.sdk import times
    from sre_ingest.store import reader
    from sre_ingest.store.files import StoreError
except ModuleNotFoundError as missing:
    raise SystemExit(f"{missing.name} is not installed here: use .venv/bin/python, or run pip install .") from None

log = logging.getLogger("consumer")


@dataclass(frozen=True, slots=True)
class Observation:
    """What one record says: which subject was seen in which state, and when the gateway heard of it (Unix ns)."""

    tenant: str
    message_id: str
    subject: str
    state: str
    received_at: int


class UnusableError(Exception):
    """Nobody can process this record, now or later. The message says why."""


def read(record: Record) -> Observation | None:
    """Decode and check a record. None when it is sound but no observation; UnusableError when it is to be set aside."""
    try:
        intent = SreDomainIntent.FromString(record.value)
        check(intent)
        if not (described := describe(intent)):
            return None
        received_at = times.parse((dict(record.headers).get("ce_receivedtime") or b"").decode())
        if abs(received_at) >= 1 << 63:
            raise UnusableError("received in a year that SQLite cannot count to")
    except (DecodeError, ValueError) as error:
        raise UnusableError(f"not to be understood ({type(error).__name__})") from error
    return Observation(intent.meta.tenant_id, intent.meta.message_id, *described, received_at)


FORGIVEN = ("meta.schema_version", "meta.traceparent")


def check(intent: SreDomainIntent) -> None:
    """UnusableError for another major version and for what breaks the contract; a bad trace is only worth a warning."""
    if not version.is_read(intent.meta.schema_version):
        raise UnusableError("written with another major version of the contract")
    violations = validation.validate(intent)
    if faults := [one for one in violations if one.path not in FORGIVEN]:
        raise UnusableError(f"against the contract, {faults[0]}")
    for one in violations:
        log.warning("%s is taken all the same, %s", intent.meta.message_id, one)


def describe(intent: SreDomainIntent) -> tuple[str, str] | None:
    """Subject and state of an observation; None for whatever else can be asked for on this topic."""
    subject = f"{intent.subject.aggregate_type}/{intent.subject.aggregate_id}"
    match intent.WhichOneof("intent"):
        case "ingest_alert_requested":
            alert = intent.ingest_alert_requested
            return subject, f"{AlertStatus.Name(alert.status).removeprefix('ALERT_STATUS_')} {alert.name}"
        case "record_health_check_requested":
            found = intent.record_health_check_requested.health_check
            return subject, f"{HealthStatus.Name(found.status).removeprefix('HEALTH_STATUS_')} {found.check_name}"
        case "record_sli_window_requested":
            window = intent.record_sli_window_requested.window
            span = f"{window.window_start.ToJsonString()}/{window.window_end.ToJsonString()}"
            counts = f"{window.good_count:g} of {window.total_count:g}"
            return f"{subject}/{span}", f"{window.sli_value or counts} good"
    return None


TABLES = """
CREATE TABLE IF NOT EXISTS seen (tenant, message_id, PRIMARY KEY (tenant, message_id));
CREATE TABLE IF NOT EXISTS present (tenant, message_id, subject, state, received_at, PRIMARY KEY (tenant, subject));
CREATE TABLE IF NOT EXISTS set_aside (key, headers, value, why, PRIMARY KEY (key, value));
"""


class Book:
    """What is known, in one SQLite file: the ids seen last, the state of each subject, and what was set aside."""

    def __init__(self, path: str, remembered: int = 1_000_000) -> None:
        self._remembered = remembered
        # Members of a group share the book: each waits for its turn, from the first record of a batch to the last.
        self._db = sqlite3.connect(path, timeout=60, isolation_level="IMMEDIATE")
        self._db.executescript(TABLES)

    def take(self, records: Iterable[Record]) -> list[Observation]:
        """Process a batch in one transaction; those observations that became the present state of their subject."""
        with self._db:
            return [news for record in records if (news := self._take(record))]

    def present(self) -> list[Observation]:
        """The present state of every subject."""
        return [Observation(*row) for row in self._db.execute("SELECT * FROM present ORDER BY tenant, subject")]

    def _take(self, record: Record) -> Observation | None:
        try:
            seen = read(record)
        except UnusableError as why:
            log.warning("a record was set aside: %s", why)
            row = record.key, repr(record.headers), record.value, str(why)
            self._db.execute("INSERT OR IGNORE INTO set_aside VALUES (?, ?, ?, ?)", row)
            return None
        return seen if seen and self._is_first(seen) and self._is_newest(seen) else None

    def _is_first(self, seen: Observation) -> bool:
        added = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (seen.tenant, seen.message_id)).rowcount
        self._db.execute("DELETE FROM seen WHERE rowid <= (SELECT max(rowid) FROM seen) - ?", (self._remembered,))
        return bool(added)

    def _is_newest(self, seen: Observation) -> bool:
        upsert = """INSERT INTO present VALUES (?, ?, ?, ?, ?) ON CONFLICT (tenant, subject) DO UPDATE
            SET message_id = excluded.message_id, state = excluded.state, received_at = excluded.received_at
            WHERE excluded.received_at >= received_at"""
        return bool(self._db.execute(upsert, astuple(seen)).rowcount)


async def from_log(data_dir: Path) -> AsyncGenerator[list[Record], None]:
    """The embedded log from its beginning: it has no offsets to commit, and what was processed before is dropped."""
    async for record in reader.read(data_dir, from_beginning=True, follow=True, on_gap=log.warning):
        yield [record]


async def from_kafka(bootstrap_servers: str, topic: str, group: str) -> AsyncGenerator[list[Record], None]:
    """What the group has not processed yet. To ask for the next batch is to say that the last one is processed."""
    options = {"group_id": group, "enable_auto_commit": False, "auto_offset_reset": "earliest"}
    async with AIOKafkaConsumer(topic, bootstrap_servers=bootstrap_servers, **options) as consumer:
        while True:
            batches = await consumer.getmany(timeout_ms=1_000)
            yield [Record(one.key or b"", one.headers, one.value or b"") for batch in batches.values() for one in batch]
            await consumer.commit()


async def consume(batches: AsyncIterator[list[Record]], book: Book) -> None:
    """Take batch after batch, and print what is known and then what changes."""
    show(book.present())
    async for batch in batches:
        show(book.take(batch))


def show(observations: Iterable[Observation]) -> None:
    """Print a line for each."""
    for one in observations:
        print(f"{one.state}  {one.subject}  {one.tenant}  {one.message_id}", flush=True)


def main() -> None:
    """Consume one source until somebody interrupts."""
    parser = argparse.ArgumentParser(description=__doc__)
    source = parser.add_mutually_exclusive_group(required=True)
    source.add_argument("--log", type=Path, metavar="DATA_DIR", help="the data folder of a gateway without Kafka")
    source.add_argument("--kafka", metavar="HOST:PORT", help="the brokers to ask first")
    parser.add_argument("--topic", default="sre.domain.intents.v1")
    parser.add_argument("--group", default="example-consumer")
    parser.add_argument("--book", default="consumer.db", help="the file that is written (%(default)s)")
    given = parser.parse_args()
    batches = from_log(given.log) if given.log else from_kafka(given.kafka, given.topic, given.group)
    try:
        asyncio.run(consume(batches, Book(given.book)))
    except KeyboardInterrupt:
        return
    except BrokenPipeError:
        raise SystemExit("whoever read the output has gone; what is known so far is in the book") from None
    except sqlite3.Error as why:
        raise SystemExit(f"{given.book} cannot be used as a book: {why}") from None
    except (StoreError, KafkaError) as why:
        raise SystemExit(str(why)) from None


if __name__ == "__main__":
    main()
