"""Records packed into one batch of the wire format, and how large they are there."""

import time
from collections.abc import Iterable, Sequence
from typing import Protocol

from aiokafka.record.default_records import DefaultRecordBatchBuilder

from sre_ingest.kafka.entry import Entry
from sre_ingest.publishing import Record

BATCH_BYTES = 512 * 1024
"""Bytes of records in one batch at the most, but for a single larger record.

With one batch outstanding a lane, throughput is batch size over round trip: from 256 KiB on thousands of records a
second cross 20 ms on one partition, and above 900 kB a batch no longer fits Kafka's default `max.message.bytes`. Half
of that default keeps a batch of estimates clear of the limit, and twelve lanes in flight at 6 MiB.
"""
DEFAULT_MAX_MESSAGE_BYTES = 1_048_588
"""Kafka's default for the largest batch of a topic, for when the broker was not or could not be asked."""

BATCH_HEADER = 61
"""Bytes of a batch before its first record."""

_RECORD_OVERHEAD = 21


class Builder(Protocol):
    """What aiokafka's `create_batch()` returns, as far as it is used here."""

    def append(
        self, *, timestamp: int | None, key: bytes, value: bytes, headers: list[tuple[str, bytes]]
    ) -> object | None:
        """None when the batch is full."""


class BatchFullError(Exception):
    """The builder took fewer records than it was measured for."""


def weigh(record: Record) -> int:
    """Bytes the record takes in a batch, at the most (the exact number depends on its place there)."""
    alone: int = DefaultRecordBatchBuilder.estimate_size_in_bytes(record.key, record.value, list(record.headers))
    return alone - BATCH_HEADER


def fits(weight: int, limit: int) -> bool:
    """Whether a record of this weight, alone in its batch, is no larger than `limit` bytes, as the broker counts."""
    if BATCH_HEADER + weight <= limit:
        return True
    body = weight - _RECORD_OVERHEAD + 3  # one byte each for attributes, timestamp and offset of a first record
    return BATCH_HEADER + _varint_size(body) + body <= limit


def fitting(entries: Iterable[Entry], limit: int) -> list[Entry]:
    """The first of them, as many as one batch of `limit` bytes at the most holds, one at least."""
    room = min(BATCH_BYTES, limit) - BATCH_HEADER
    chosen: list[Entry] = []
    for entry in entries:
        room -= entry.weight
        if room < 0 and chosen:
            break
        chosen.append(entry)
    return chosen


def fill(builder: Builder, records: Sequence[Record]) -> None:
    """Append all; BatchFullError when the builder does not take one."""
    now = int(time.time() * 1000)
    for record in records:
        # aiokafka's compiled builder takes headers as a list only.
        taken = builder.append(timestamp=now, key=record.key, value=record.value, headers=list(record.headers))
        if taken is None:
            raise BatchFullError


def _varint_size(number: int) -> int:
    return ((2 * number).bit_length() + 6) // 7  # zigzag doubles a positive number; seven bits a byte
