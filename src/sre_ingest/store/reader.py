"""Reading the embedded log beside a gateway that writes it, without its lock and without ever writing."""

import asyncio
import sqlite3
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import structlog

from sre_ingest.publishing import Record
from sre_ingest.store import files
from sre_ingest.store.rows import record_of
from sre_ingest.store.schema import LOG, last_number, tables

_BATCH_ROWS = 500
_BATCH_BYTES = 4 << 20
_ROWS = "SELECT * FROM log"

log = structlog.get_logger(__name__)


class Missing(StrEnum):
    """Why a number of the log cannot be read."""

    DAMAGED = "damaged"
    """Its row or its page is not what was written."""
    ABSENT = "absent"
    """There is no such row, though there are older and newer ones."""
    PRUNED = "pruned"
    """The log made room before it was read."""


@dataclass(frozen=True, slots=True)
class Gap:
    """Records from `first` to `last`, both included, that cannot be read."""

    first: int
    last: int
    why: Missing

    def __str__(self) -> str:
        return f"Records {self.first} to {self.last} of the log are {self.why}."


def warn(gap: Gap) -> None:
    """Report a gap to the gateway's log."""
    log.warning("log_gap", first=gap.first, last=gap.last, why=gap.why)


async def read(
    data_dir: Path,
    *,
    from_beginning: bool,
    follow: bool,
    poll: float = 0.25,
    on_gap: Callable[[Gap], None] = warn,
) -> AsyncGenerator[Record, None]:
    """The records of the log in order, then, with `follow`, those that come, looked for every `poll` seconds.

    Begins with the oldest, or else behind the newest. What cannot be read is told to `on_gap` and skipped.
    StoreError when there is no log to read. The disk is read in threads, and nothing stays open between two batches.
    """
    after = await asyncio.to_thread(_start, data_dir, from_beginning)
    while True:
        batch = await asyncio.to_thread(_batch, data_dir, after)
        for found in batch.found:
            if isinstance(found, Gap):
                on_gap(found)
            else:
                yield found
        if batch.last is not None:
            after = batch.last
        elif follow:
            await asyncio.sleep(poll)
        else:
            return


@dataclass(slots=True)
class _Batch:
    found: list[Record | Gap]
    last: int | None
    """The last number dealt with; None when there is nothing more for now."""


def _start(data_dir: Path, from_beginning: bool) -> int | None:
    """The number after which to begin; None for the oldest, whichever that is."""
    if from_beginning:
        return None
    with files.reading(data_dir) as connection:
        return _newest(connection)


def _batch(data_dir: Path, after: int | None) -> _Batch:
    with files.reading(data_dir) as connection:
        connection.execute("BEGIN")  # one moment of the log for all the questions below
        return _read(connection, after) if _newest(connection) else _Batch([], None)


def _read(connection: sqlite3.Connection, after: int | None) -> _Batch:
    batch = _Batch([], None)
    expected = None if after is None else after + 1
    size = 0
    try:
        # ">=" and not ">": the search for a number that lay on a damaged page would end on that page.
        for row in connection.execute(f"{_ROWS} WHERE number >= ? ORDER BY number", (expected or 0,)):
            size += _add(batch, connection, row, expected)
            expected = row[0] + 1
            if len(batch.found) >= _BATCH_ROWS or size >= _BATCH_BYTES:
                break
    except sqlite3.DatabaseError:
        if batch.last is None:  # otherwise what was read comes first, and the next batch begins here
            return _skip(connection, expected or 1)
    return batch


def _add(batch: _Batch, connection: sqlite3.Connection, row: tuple[int, ...], expected: int | None) -> int:
    """Add what the row is, after what is missing before it; returns its size."""
    number = row[0]
    if expected is not None and number > expected:
        (oldest,) = connection.execute("SELECT min(number) FROM log").fetchone()
        batch.found.append(Gap(expected, number - 1, Missing.PRUNED if number == oldest else Missing.ABSENT))
    record = record_of(row)
    batch.found.append(record or Gap(number, number, Missing.DAMAGED))
    batch.last = number
    return record.size if record else 0


def _skip(connection: sqlite3.Connection, first: int) -> _Batch:
    """Pass over pages that cannot be read: one gap, and the next row that can be looked up by its number."""
    newest = _newest(connection)
    for number in range(first, newest + 1):
        try:
            row = connection.execute(f"{_ROWS} WHERE number = ?", (number,)).fetchone()
        except sqlite3.DatabaseError:
            continue
        if row is not None:
            batch = _Batch([Gap(first, number - 1, Missing.DAMAGED)] if number > first else [], None)
            _add(batch, connection, row, number)
            return batch
    return _Batch([Gap(first, newest, Missing.DAMAGED)], newest) if first <= newest else _Batch([], None)


def _newest(connection: sqlite3.Connection) -> int:
    """The newest number ever given, 0 when there is no log yet. Asked of a page of its own, not of the rows."""
    return last_number(connection, LOG) if LOG.name in tables(connection) else 0
