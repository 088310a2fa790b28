"""Pages of tables, as they lie in a file: which pages are below one, and which rows are on it.

After "SQLite Database File Format": sections 1.6 (b-tree pages), 1.7 (overflow pages) and 2.1 (records). Everything is
checked before it is believed, because what is read here is damaged.
"""

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from sre_ingest.store.pages import PAGE

Read = Callable[[int], bytes]
"""Gives the page of a number."""
Value = int | float | str | bytes | None

INTERIOR, LEAF = 0x05, 0x0D
LARGEST = 128 << 20
"""Bytes that a row has at the most: more than the queue of the writer takes."""

_FIRST_PAGE = 100
"""Bytes of the header of the file, which stands in front of the first page's own."""
_LOCAL = PAGE - 35
_LEAST = (PAGE - 12) * 32 // 255 - 23
_CHAINED = PAGE - 4
_INTEGERS = {1: 1, 2: 2, 3: 3, 4: 4, 5: 6, 6: 8}


class Damaged(Exception):
    """What is read here is not what SQLite writes."""


@dataclass(frozen=True, slots=True)
class Child:
    """A page below another one: its number, and the highest rowid on it; None if it is the last."""

    page: int
    highest: int | None


@dataclass(frozen=True, slots=True)
class Cell:
    """One row of a table. A column that is the rowid itself is None in `values`."""

    rowid: int
    values: tuple[Value, ...]


def kind(page: bytes, number: int) -> int:
    """INTERIOR, LEAF, or something else that is no page of a table."""
    return page[_start(number)]


def children(page: bytes, number: int) -> list[Child]:
    """The pages below an interior page, in the order of their rows; Damaged when one cell of it is."""
    found: list[Child] = []
    for at in _cells(page, number, 12):
        if at + 4 > PAGE:
            raise Damaged
        found.append(Child(int.from_bytes(page[at : at + 4]), _signed(_varint(page, at + 4)[0])))
    keys = [child.highest for child in found if child.highest is not None]
    if any(keys[at] >= keys[at + 1] for at in range(len(keys) - 1)):
        raise Damaged
    return [*found, Child(int.from_bytes(page[_start(number) + 8 : _start(number) + 12]), None)]


def first(page: bytes, number: int) -> int | None:
    """The lowest rowid on a leaf; None when it has no rows. Damaged when it cannot be told."""
    for at in _cells(page, number, 8):
        return _signed(_varint(page, _varint(page, at)[1])[0])
    return None


def cells(read: Read, page: bytes, number: int) -> Iterator[Cell | None]:
    """The rows of a leaf, None for each that cannot be read. Damaged when not even their places can."""
    for at in _cells(page, number, 8):
        try:
            yield _cell(read, page, at)
        except (Damaged, struct.error, UnicodeDecodeError):
            yield None


def _start(number: int) -> int:
    return _FIRST_PAGE if number == 1 else 0


def _cells(page: bytes, number: int, front: int) -> tuple[int, ...]:
    start = _start(number)
    (count,) = struct.unpack_from(">H", page, start + 3)
    if start + front + 2 * count > PAGE:
        raise Damaged
    return struct.unpack_from(f">{count}H", page, start + front)


def _cell(read: Read, page: bytes, at: int) -> Cell:
    size, at = _varint(page, at)
    rowid, at = _varint(page, at)
    if size > LARGEST:
        raise Damaged
    return Cell(_signed(rowid), _record(_payload(read, page, at, size)))


def _payload(read: Read, page: bytes, at: int, size: int) -> bytes:
    """Section 1.6 and 1.7: what is on the leaf itself, and the chain of pages that has the rest."""
    if size <= _LOCAL:
        here = size
    else:
        here = _LEAST + (size - _LEAST) % _CHAINED
        here = here if here <= _LOCAL else _LEAST
    parts, left = [page[at : at + here]], size - here
    following = int.from_bytes(page[at + here : at + here + 4]) if left else 0
    while left:
        if following < 2:
            raise Damaged
        beyond = read(following)
        parts.append(beyond[4 : 4 + left])
        left -= len(parts[-1])
        following = int.from_bytes(beyond[:4])
    payload = b"".join(parts)
    if len(payload) != size:
        raise Damaged
    return payload


def _record(payload: bytes) -> tuple[Value, ...]:
    """Section 2.1: the types of all columns, then their values; Damaged unless they fill the payload exactly."""
    end, at = _varint(payload, 0)
    kinds: list[int] = []
    while at < end:
        serial, at = _varint(payload, at)
        kinds.append(serial)
    values: list[Value] = []
    for serial in kinds:
        value, at = _value(payload, at, serial)
        values.append(value)
    if at != len(payload):
        raise Damaged
    return tuple(values)


def _value(payload: bytes, at: int, serial: int) -> tuple[Value, int]:
    if serial >= 12:
        size = (serial - 12) // 2
        blob = payload[at : at + size]
        return (blob.decode() if serial % 2 else blob), at + size
    if size := _INTEGERS.get(serial, 0):
        return int.from_bytes(payload[at : at + size], signed=True), at + size
    if serial == 7:
        return struct.unpack_from(">d", payload, at)[0], at + 8
    if serial in (8, 9):
        return serial - 8, at
    if serial == 0:
        return None, at
    raise Damaged


def _varint(data: bytes, at: int) -> tuple[int, int]:
    """An unsigned number of at most 64 bits, and where it ends."""
    value = 0
    for place in range(at, at + 9):
        if place >= len(data):
            raise Damaged
        byte = data[place]
        if place == at + 8:
            return value << 8 | byte, place + 1
        value = value << 7 | byte & 0x7F
        if byte < 0x80:
            return value, place + 1
    raise Damaged


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
