"""How a record lies in a row, and how a damaged row is recognised.

Headers are one blob of big-endian numbers and bytes: how many (4 bytes); for each the length of its name and of its
value (4 bytes each); then for each its name (UTF-8) and its value, with nothing between. The checksum covers the
number, the time, the lengths and every byte.
"""

import struct
import zlib
from collections.abc import Iterator

from sre_ingest.publishing import Record

_FRONT = struct.Struct(">QqII")

Row = tuple[int, int, bytes, bytes, bytes, int]
"""number, appended_at (Unix nanoseconds), key, headers, value, crc32."""
COLUMNS = "number, appended_at, key, headers, value, crc"
"""The same in SQL."""
SIZE = "length(key) + length(headers) + length(value)"
"""What `size_of` says, in SQL; read from the front of a row, without its pages."""


def row_of(number: int, appended_at: int, record: Record) -> Row:
    """The row in which this record is kept."""
    headers = pack(record.headers)
    crc = checksum(number, appended_at, record.key, headers, record.value)
    return number, appended_at, record.key, headers, record.value, crc


def size_of(row: Row) -> int:
    """Bytes of its key, headers and value."""
    return len(row[2]) + len(row[3]) + len(row[4])


def record_of(row: tuple[object, ...]) -> Record | None:
    """The record that was kept in this row, or None when a byte or a type in it has changed."""
    match row:
        case (int(number), int(at), bytes(key), bytes(headers), bytes(value), int(crc)):
            if crc == checksum(number, at, key, headers, value):
                return Record(key, tuple(unpack(headers)), value)
    return None


def pack(headers: tuple[tuple[str, bytes], ...]) -> bytes:
    """The blob of these headers, in their order."""
    # Total on purpose: a name that is no proper Unicode must not cost the deliveries that are committed with it.
    named = [(name.encode(errors="surrogatepass"), value) for name, value in headers]
    parts = [part for pair in named for part in pair]
    return b"".join((struct.pack(f">I{len(parts)}I", len(named), *map(len, parts)), *parts))


def unpack(blob: bytes) -> Iterator[tuple[str, bytes]]:
    """The headers of a blob that `pack` has made; never called before its checksum was found right."""
    (count,) = struct.unpack_from(">I", blob)
    lengths = struct.unpack_from(f">{2 * count}I", blob, 4)
    at = 4 + 8 * count
    for name, value in zip(lengths[::2], lengths[1::2], strict=True):
        yield blob[at : at + name].decode(errors="surrogatepass"), blob[at + name : at + name + value]
        at += name + value


def checksum(number: int, appended_at: int, key: bytes, headers: bytes, value: bytes) -> int:
    """CRC-32 of everything in the row."""
    crc = zlib.crc32(_FRONT.pack(number, appended_at, len(key), len(headers)))
    return zlib.crc32(value, zlib.crc32(headers, zlib.crc32(key, crc)))
