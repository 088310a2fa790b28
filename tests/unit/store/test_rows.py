"""How a record lies in a row."""

from hypothesis import given
from hypothesis import strategies as st

from sre_ingest.publishing import Record
from sre_ingest.store.rows import record_of, row_of

_RECORDS = st.builds(
    Record,
    key=st.binary(),
    headers=st.lists(st.tuples(st.text(st.characters()), st.binary()), max_size=5).map(tuple),
    value=st.binary(),
)


@given(_RECORDS, st.integers(1, 2**63 - 1), st.integers(-(2**63), 2**63 - 1))
def test_every_record_comes_back_as_it_was(record: Record, number: int, at: int) -> None:
    """Bytes, header names of any script, order and repetition of headers: all as given."""
    assert record_of(row_of(number, at, record)) == record


@given(_RECORDS, st.data())
def test_one_changed_bit_is_recognised(record: Record, data: st.DataObject) -> None:
    """Whichever blob it is in."""
    number, at, *blobs, crc = row_of(7, 8, record)
    column = data.draw(st.sampled_from([c for c, blob in enumerate(blobs) if blob]))
    blob = bytearray(blobs[column])
    blob[data.draw(st.integers(0, len(blob) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    blobs[column] = bytes(blob)
    assert record_of((number, at, *blobs, crc)) is None


def test_a_byte_that_moved_to_the_next_column_is_recognised() -> None:
    """The lengths are part of the checksum."""
    number, at, key, headers, value, crc = row_of(1, 2, Record(b"ab", (), b"cd"))
    assert record_of((number, at, key[:1], headers, key[1:] + value, crc)) is None


def test_numbers_and_types_are_part_of_the_row() -> None:
    """A row under another number or time, and a text where bytes were, are damaged rows."""
    _, at, key, headers, value, crc = row_of(1, 2, Record(b"a", (), b"b"))
    assert record_of((2, at, key, headers, value, crc)) is None
    assert record_of((1, at + 1, key, headers, value, crc)) is None
    assert record_of((1, at, "a", headers, value, crc)) is None
