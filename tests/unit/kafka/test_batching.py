"""What a record weighs, and packing."""

import pytest
from aiokafka.producer.message_accumulator import BatchBuilder
from aiokafka.record import MemoryRecords

from sre_ingest.kafka.batching import BatchFullError, fill, fits, weigh
from sre_ingest.publishing import Record

SHAPES = [
    Record(b"", (), b""),
    Record(b"key", (("ce_id", b"1"),), b"value"),
    Record(b"k" * 63, tuple((f"name-{number}", b"x" * number) for number in range(80)), b"v" * 8_000),
    Record("schlüssel".encode(), (("ümlaut", b"\xff" * 200),), b"v" * 2_000_000),
]


@pytest.mark.parametrize("record", SHAPES, ids=["empty", "small", "many headers", "huge"])
def test_a_lone_record_fits_exactly_when_its_batch_does(record: Record) -> None:
    """The limit is the broker's: the bytes of the whole batch, header included."""
    builder = BatchBuilder(1, 0)
    fill(builder, [record])
    assert fits(weigh(record), builder.size())
    assert not fits(weigh(record), builder.size() - 1)


def test_a_weight_is_never_too_small() -> None:
    """A batch chosen by weight is never larger than its weights add up to."""
    records = [SHAPES[number % 3] for number in range(1_000)]
    builder = BatchBuilder(1 << 30, 0)
    fill(builder, records)
    assert builder.size() <= 61 + sum(map(weigh, records))


def test_a_batch_carries_the_bytes_in_order() -> None:
    """Keys, values and headers come out as they went in."""
    builder = BatchBuilder(1 << 30, 0)
    fill(builder, SHAPES)
    read = list(MemoryRecords(bytes(builder._build())).next_batch())
    assert [Record(each.key, tuple(each.headers), each.value) for each in read] == SHAPES


def test_a_batch_that_takes_less_says_so() -> None:
    """A record is never dropped in silence because the builder was full."""
    with pytest.raises(BatchFullError):
        fill(BatchBuilder(100, 0), [SHAPES[1], SHAPES[2]])
