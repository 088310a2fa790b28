"""What can be read of a damaged database: which pages belong to which table, and the rows on them."""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass

from sre_ingest.store import btree
from sre_ingest.store.btree import Cell, Damaged, Read
from sre_ingest.store.pages import Pages
from sre_ingest.store.schema import HOLDINGS, NAMES, Cells, Holding, Root, unsealed

SEQUENCE = "sqlite_sequence"
_SCHEMA = "sqlite_schema"
_PLAUSIBLE = 1 << 62
"""A sequence is at this number at the most; beyond it, it is damaged."""


@dataclass(frozen=True, slots=True)
class Found:
    """One row, and whose it is. `row` is None where a row was that cannot be read; the table may be a guess."""

    holding: Holding
    row: Cells | None


@dataclass(frozen=True, slots=True)
class _Span:
    """Rowids above `low` up to `high`."""

    low: int
    high: int

    def has(self, number: int) -> bool:
        return self.low < number <= self.high


_EVERYTHING = _Span(-(1 << 63) - 1, (1 << 63) - 1)


class Wreck:
    """A damaged database. Nothing is written; OSError when the disk refuses a page."""

    def __init__(self, pages: Pages) -> None:
        self._pages = pages
        self._owners: dict[int, str] = {}
        self._holes: list[tuple[str, _Span]] = []
        self.roots, complete = self._read_roots()
        """The first page of each table that is known."""
        for name, root in self.roots.items():
            self._walk(name, root)
        self.candidates = self._candidates(complete)
        """The tables that a row may belong to whose page is nobody's."""

    @property
    def lost(self) -> int:
        """How many pages are not what should be there, so that nobody knows how many rows were below them."""
        return len(self._holes)

    def owned(self) -> Iterator[Found]:
        """The rows on pages that are known to belong to a table, first those of tables that take others' bad rows."""
        for holding in sorted(HOLDINGS, key=lambda holding: holding.aside is not None):
            for cell in self._of(holding.name):
                row = None if cell is None else _row(cell)
                yield Found(holding, row if row is not None and holding.fits(row) else None)

    def stray(self) -> Iterator[Found]:
        """The intact rows on pages that nothing leads to any more: below a page that is lost, or behind the break in
        the write-ahead log. Some may be rows that were done with.
        """
        if self._holes:
            free = self._pages.free()
            for number in range(2, self._pages.count + 1):
                if number not in self._owners and number not in free:
                    yield from self._guess(self._pages.read(number), self._holes, self._pages.read)
        everywhere = [(holding.name, _EVERYTHING) for holding in self.candidates]
        for page in self._pages.strays():
            yield from self._guess(page, everywhere, self._pages.read_beyond)

    def sequences(self) -> dict[str, int]:
        """The highest number ever given in a table, where that can be read."""
        return dict(_sequences(self._of(SEQUENCE)))

    def _read_roots(self) -> tuple[dict[str, int], bool]:
        """The first page of each table, and whether none can be missing: from the schema, or where it is kept again."""
        self._walk(_SCHEMA, 1)
        schema = [None if cell is None else _schema_root(cell) for cell in self._of(_SCHEMA)]
        second = layout(self._pages)
        whole = bool(schema) and not self._holes and all(root is not None and root[1] in NAMES for root in schema)
        self._holes.clear()
        if second and None not in second:
            schema = []
        known = {name: root for root, name, _ in filter(None, (*schema, *second)) if name in NAMES}
        return known, whole or (not schema and bool(second))

    def _candidates(self, complete: bool) -> tuple[Holding, ...]:
        known = set(self.roots)
        if not complete:
            self._find_sequence()
            numbered = set(self.sequences())
            missing = [each for each in HOLDINGS if each.name not in known]
            likely = [each.name for each in missing if not (each.numbered and numbered) or each.name in numbered]
            self._holes += [(name, _EVERYTHING) for name in likely]
            known.update(likely)
        return tuple(each for each in HOLDINGS if each.name in known)

    def _find_sequence(self) -> None:
        """The page of the sequences, if nothing leads to it: it has rows of a name of ours and a number only."""
        names = {holding.name for holding in HOLDINGS}
        for number in range(2, self._pages.count + 1):
            if number not in self._owners:
                cells = list(_leaf(self._pages.read, self._pages.read(number), number))
                if cells and {name for name, _ in _sequences(cells)} & names:
                    self._owners[number] = SEQUENCE
                    return

    def _walk(self, name: str, root: int) -> None:
        """Note whose the pages below the root are; where one is not what it should be, which rows may lie beyond."""
        waiting = [(root, _EVERYTHING)]
        while waiting:
            number, span = waiting.pop()
            try:
                waiting += self._below(number, span)
            except Damaged:
                self._holes.append((name, span))
            else:
                self._owners[number] = name

    def _below(self, number: int, span: _Span) -> list[tuple[int, _Span]]:
        if not 0 < number <= self._pages.count or number in self._owners:
            raise Damaged
        page = self._pages.read(number)
        if btree.kind(page, number) == btree.LEAF:
            lowest = btree.first(page, number)
            if lowest is not None and not span.has(lowest):
                raise Damaged
            return []
        if btree.kind(page, number) != btree.INTERIOR:
            raise Damaged
        return _spans(btree.children(page, number), span)

    def _of(self, name: str) -> Iterator[Cell | None]:
        for number in [number for number, owner in self._owners.items() if owner == name]:
            yield from _leaf(self._pages.read, self._pages.read(number), number)

    def _guess(self, page: bytes, holes: Sequence[tuple[str, _Span]], read: Read) -> Iterator[Found]:
        # The first page is the schema's and never asked about, so every number but 1 does.
        for row in map(_row, filter(None, _leaf(read, page, 2))):
            for holding in self.candidates:
                if holding.fits(row) and holding.intact(row) and _in_hole(holding, row, holes):
                    yield Found(holding, row)
                    break


def layout(pages: Pages) -> list[Root | None]:
    """What the schema's second copy says, None for each row of it that is damaged; nothing if there is none."""
    for number in range(2, pages.count + 1):
        page = pages.read(number)
        if b"layout" in page:
            found = [None if cell is None else unsealed(_row(cell)) for cell in _leaf(pages.read, page, number)]
            if any(found):
                return found
    return []


def _leaf(read: Read, page: bytes, number: int) -> Iterator[Cell | None]:
    """The rows of a page; none if it is not a leaf."""
    if btree.kind(page, number) == btree.LEAF:
        with suppress(Damaged):
            yield from btree.cells(read, page, number)


def _in_hole(holding: Holding, row: Cells, holes: Sequence[tuple[str, _Span]]) -> bool:
    return isinstance(row[0], int) and any(name == holding.name and span.has(row[0]) for name, span in holes)


def _spans(children: Sequence[btree.Child], span: _Span) -> list[tuple[int, _Span]]:
    """Which rows may lie below each; Damaged when a boundary lies outside of what lies between them all."""
    found: list[tuple[int, _Span]] = []
    low = span.low
    for child in children:
        high = span.high if child.highest is None else child.highest
        if not low <= high <= span.high:
            raise Damaged
        found.append((child.page, _Span(low, high)))
        low = high
    return found


def _row(cell: Cell) -> Cells:
    """The row with its number, which SQLite keeps beside the columns."""
    return (cell.rowid, *cell.values[1:]) if cell.values[:1] == (None,) else cell.values


def _schema_root(cell: Cell) -> Root | None:
    match cell.values:
        case ("table", str(name), _, int(root), str()):
            return root, name, 0
    return None


def _sequences(cells: Iterable[Cell | None]) -> Iterator[tuple[str, int]]:
    for cell in cells:
        match cell:
            case Cell(values=(str(name), int(given))) if 0 <= given < _PLAUSIBLE:
                yield name, given
