"""The pages of a database file as they lie on the disk, read without SQLite, for a file that SQLite refuses.

After "SQLite Database File Format": sections 1.3 (the header), 1.5 (the freelist) and 4 (the write-ahead log). What is
said of a healthy file holds here for whatever is left of one: nothing that is read is believed to be in bounds.
"""

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

PAGE = 4096
"""Bytes of a page: every file of ours has been made with pages of this size, without reserved space."""

_FIXED = (
    # Offset and what stands there in every file of ours, section 1.3. Version 1 is a file that was only just made.
    (0, (b"SQLite format 3\0",)),
    (16, (PAGE.to_bytes(2),)),
    (18, (b"\2\2", b"\1\1")),
    (20, (bytes((0, 64, 32, 32)),)),
    (44, (bytes((0, 0, 0, 4)), bytes(4))),
    (52, (bytes(4),)),
    (56, (bytes((0, 0, 0, 1)), bytes(4))),
    (64, (bytes(4),)),
    (72, (bytes(20),)),
)
_WAL_HEADER = struct.Struct(">8I")
_FRAME = struct.Struct(">6I")
_LITTLE, _BIG = 0x377F0682, 0x377F0683
_WORDS = PAGE // 4


def header_is_ours(header: bytes) -> bool:
    """Whether these first 100 bytes of a file have everything that never changes in a file of ours."""
    return all(header[at : at + len(allowed[0])] in allowed for at, allowed in _FIXED)


@dataclass(frozen=True, slots=True)
class Pages:
    """The pages as of the last commit: those of the file, and over them what the write-ahead log has of them.

    Numbers begin at 1. `stray` are the numbers and places of pages behind the first broken frame of the write-ahead
    log, which SQLite never looks at.
    """

    file: int
    wal: int | None
    count: int
    moved: dict[int, int] = field(default_factory=dict)
    stray: tuple[tuple[int, int], ...] = ()

    def read(self, number: int) -> bytes:
        """One page; what is missing of it at the end of the file is zeros. OSError when the disk refuses."""
        if self.wal is not None and number in self.moved:
            return self._whole(self.wal, self.moved[number])
        return self._whole(self.file, (number - 1) * PAGE)

    def strays(self) -> Iterator[bytes]:
        """The pages that only the broken end of the write-ahead log has, in the order in which they were written."""
        if self.wal is not None:
            for _, place in self.stray:
                yield self._whole(self.wal, place)

    def read_beyond(self, number: int) -> bytes:
        """One page as the broken end of the write-ahead log has it last, or else as of the last commit."""
        place = dict(self.stray).get(number)
        return self.read(number) if self.wal is None or place is None else self._whole(self.wal, place)

    def free(self) -> frozenset[int]:
        """The pages on the freelist; empty when the list is not in order from its head to its end."""
        head, total = struct.unpack_from(">II", self.read(1), 32)
        found: set[int] = set()
        while head:
            if not self._new(head, found) or len(found) >= total:
                return frozenset()
            found.add(head)
            page = self.read(head)
            head, leaves = struct.unpack_from(">II", page)
            if leaves > _WORDS - 2:
                return frozenset()
            for leaf in struct.unpack_from(f">{leaves}I", page, 8):
                if not self._new(leaf, found):
                    return frozenset()
                found.add(leaf)
        return frozenset(found) if len(found) == total else frozenset()

    def _new(self, number: int, found: set[int]) -> bool:
        return 1 < number <= self.count and number not in found

    @staticmethod
    def _whole(descriptor: int, place: int) -> bytes:
        return os.pread(descriptor, PAGE, place).ljust(PAGE, b"\0")


@contextmanager
def opened(path: Path) -> Iterator[Pages]:
    """The pages of the database at this path, with its write-ahead log if it has one. OSError when it is not there."""
    descriptors = [os.open(path, os.O_RDONLY)]
    try:
        if (wal := wal_of(path)).exists():
            descriptors.append(os.open(wal, os.O_RDONLY))
        yield _pages(*descriptors)
    finally:
        for descriptor in descriptors:
            os.close(descriptor)


def wal_of(path: Path) -> Path:
    """Where the write-ahead log of a database lies."""
    return path.with_name(f"{path.name}-wal")


def _pages(file: int, wal: int | None = None) -> Pages:
    count = -(-os.fstat(file).st_size // PAGE)
    if wal is None:
        return Pages(file, None, count)
    moved, stray = _frames(wal)
    return Pages(file, wal, max(count, *moved, 0), moved, stray)


def _frames(wal: int) -> tuple[dict[int, int], tuple[tuple[int, int], ...]]:
    """Where the newest version of each page is that a commit has made valid, and what lies behind the break."""
    size = os.fstat(wal).st_size
    header = os.pread(wal, _WAL_HEADER.size, 0)
    if len(header) < _WAL_HEADER.size:
        return {}, ()
    places = range(_WAL_HEADER.size, size - _FRAME.size - PAGE + 1, _FRAME.size + PAGE)
    magic, _, page_size, _, salt1, salt2, *sums = _WAL_HEADER.unpack(header)
    order = ">" if magic == _BIG else "<"
    if magic not in (_LITTLE, _BIG) or page_size != PAGE or _checksum(header[:24], order, (0, 0)) != tuple(sums):
        return {}, tuple((_number(wal, place), place + _FRAME.size) for place in places)
    return _committed(wal, places, order, (salt1, salt2), (sums[0], sums[1]))


def _committed(
    wal: int, places: range, order: str, salts: tuple[int, int], running: tuple[int, int]
) -> tuple[dict[int, int], tuple[tuple[int, int], ...]]:
    moved: dict[int, int] = {}
    waiting: dict[int, int] = {}
    stray: list[tuple[int, int]] = []
    broken = False
    for place in places:
        front, page = os.pread(wal, _FRAME.size, place), os.pread(wal, PAGE, place + _FRAME.size)
        number, commit, salt1, salt2, *sums = _FRAME.unpack(front)
        if not broken and (salt1, salt2) == salts:
            running = _checksum(page, order, _checksum(front[:8], order, running))
            if running == tuple(sums) and number:
                waiting[number] = place + _FRAME.size
                if commit:
                    moved.update(waiting)
                    waiting.clear()
                continue
        broken = True
        if (salt1, salt2) == salts:
            stray.append((number, place + _FRAME.size))
    return moved, tuple(stray)


def _number(wal: int, place: int) -> int:
    return int.from_bytes(os.pread(wal, 4, place))


def _checksum(data: bytes, order: str, start: tuple[int, int]) -> tuple[int, int]:
    """Section 4.2: two sums over pairs of words, each of which runs on from the other."""
    one, two = start
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for at in range(0, len(words), 2):
        one = (one + words[at] + two) & 0xFFFFFFFF
        two = (two + words[at + 1] + one) & 0xFFFFFFFF
    return one, two
