"""The tables in the file, each with what is done with its rows when the file is damaged, and the schema a second time.

SQLite keeps the schema on the first page alone. When that page is lost, nothing in the file tells any more which pages
are whose. So `layout` keeps it once more, on a page of its own, sealed.
"""

import sqlite3
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from sre_ingest.store import refusals
from sre_ingest.store.rows import record_of

FORMAT = 1
"""Version of everything in the file (`PRAGMA user_version`). A gateway reads its own and older ones."""

STEPS: Mapping[int, tuple[str, ...]] = {}
"""For each older format, the statements that make the next one of it."""

Cells = tuple[object, ...]
"""One row, column by column."""


@dataclass(frozen=True, slots=True)
class Holding:
    """A table whose rows outlive a damage to the file. Its first column is its `INTEGER PRIMARY KEY`."""

    name: str
    statement: str
    """Makes it, if it is missing."""
    types: tuple[type, ...]
    """What is in each column, which tells a row of it from one of another table."""
    intact: Callable[[Cells], bool]
    """Whether a row of these types is what was written."""
    aside: str | None = None
    """The table, of equal columns, that takes the rows which are not intact; they are left behind if there is none."""
    numbered: bool = False
    """AUTOINCREMENT: no number is ever given twice."""
    gapless: bool = False
    """Every number between the lowest and the highest was written, so one that is missing is a row that was lost."""

    def fits(self, row: Cells) -> bool:
        """Whether this may be a row of it."""
        return tuple(map(type, row)) == self.types


_RECORDS = """CREATE TABLE IF NOT EXISTS {name} (
    number INTEGER PRIMARY KEY {kind},
    appended_at INTEGER NOT NULL,
    key BLOB NOT NULL, headers BLOB NOT NULL, value BLOB NOT NULL,
    crc INTEGER NOT NULL)"""
_RECORD = (int, int, bytes, bytes, bytes, int)


def _is_record(row: Cells) -> bool:
    return record_of(row) is not None


def _numbered(name: str) -> Holding:
    # AUTOINCREMENT: a number is never given twice, so a row of the spool that nobody knows yet is one with a higher
    # number, and the log goes on behind what was pruned.
    statement = _RECORDS.format(name=name, kind="AUTOINCREMENT")
    return Holding(name, statement, _RECORD, _is_record, aside="parked", numbered=True)


SPOOL = _numbered("spool")
LOG = replace(_numbered("log"), gapless=True)
# What can never be sent, and what is not what was written any more: its rows need not be intact.
PARKED = Holding("parked", _RECORDS.format(name="parked", kind=""), _RECORD, intact=lambda _: True)
_ENTRIES = """CREATE TABLE IF NOT EXISTS quarantine (
    number INTEGER PRIMARY KEY,
    id TEXT NOT NULL UNIQUE, reason TEXT NOT NULL, place TEXT NOT NULL,
    path TEXT NOT NULL, source TEXT NOT NULL, instance TEXT NOT NULL, tenant TEXT NOT NULL,
    received_at INTEGER NOT NULL, last_seen INTEGER NOT NULL, count INTEGER NOT NULL,
    item INTEGER NOT NULL, body BLOB NOT NULL, origin TEXT NOT NULL, crc INTEGER NOT NULL)"""
# Each body once, however many of its items are kept.
_BODIES = """CREATE TABLE IF NOT EXISTS quarantine_bodies (
    number INTEGER PRIMARY KEY, digest BLOB NOT NULL UNIQUE, bytes BLOB NOT NULL)"""
QUARANTINE = Holding("quarantine", _ENTRIES, refusals.ENTRY, refusals.is_entry)
BODIES = Holding("quarantine_bodies", _BODIES, refusals.BODY, refusals.is_body)

HOLDINGS = (SPOOL, LOG, PARKED, QUARANTINE, BODIES)
"""All of them. A row that may belong to several is taken for one of the first: the spool's are delivered."""

NAMES = frozenset({"layout", "log_totals", "sqlite_sequence"} | {holding.name for holding in HOLDINGS})
"""Every table in the file; those that hold no rows of anybody are made anew."""

FORMAT_ROW = "format"
"""The name of the row of `layout` that has the format in the place of a statement's checksum, and 0 for a page."""

_LAYOUT = """CREATE TABLE IF NOT EXISTS layout (
    root INTEGER PRIMARY KEY, name TEXT NOT NULL, statement INTEGER NOT NULL, crc INTEGER NOT NULL)"""

Root = tuple[int, str, int]
"""The first page of a table, its name, and the CRC-32 of the statement that made it."""


def remember(connection: sqlite3.Connection) -> None:
    """Write the schema a second time where that is not done yet, inside the caller's transaction."""
    connection.execute(_LAYOUT)
    wanted = sorted(map(sealed, [(0, FORMAT_ROW, FORMAT), *_tables(connection)]))
    if wanted != connection.execute("SELECT * FROM layout ORDER BY root").fetchall():
        connection.execute("DELETE FROM layout")
        connection.executemany("INSERT INTO layout VALUES (?, ?, ?, ?)", wanted)


def sealed(root: Root) -> tuple[int, str, int, int]:
    """The row of `layout` that says this."""
    return (*root, zlib.crc32("\n".join(map(str, root)).encode()))


def unsealed(row: Cells) -> Root | None:
    """What a row of `layout` says, or None if it is not what was written."""
    match row:
        case (int(page), str(name), int(statement), int()) if row == sealed((page, name, statement)):
            return page, name, statement
    return None


def tables(connection: sqlite3.Connection) -> set[str]:
    """The names of the tables that are there."""
    return {name for _, name, _ in _tables(connection)}


def last_number(connection: sqlite3.Connection, holding: Holding) -> int:
    """The highest number that a numbered table ever gave, 0 if none. Asked of a page of its own, not of the rows."""
    row = connection.execute("SELECT seq FROM sqlite_sequence WHERE name = ?", (holding.name,)).fetchone()
    return 0 if row is None else int(row[0])


def agrees(connection: sqlite3.Connection) -> bool:
    """Whether the schema says what was written a second time; a file without `layout` is one of an older gateway."""
    first = set(_tables(connection))
    if not any(name == "layout" for _, name, _ in first):
        return True
    second = {unsealed(row) for row in connection.execute("SELECT * FROM layout")}
    return {root for root in second if root and root[0]} <= first


def migrate(connection: sqlite3.Connection, found: int, steps: Mapping[int, tuple[str, ...]] = STEPS) -> None:
    """Bring a file of the format `found` to the newest one, inside the caller's transaction; 0 is a new file."""
    for version in range(found or FORMAT, FORMAT):
        for statement in steps[version]:
            connection.execute(statement)
    connection.execute(f"PRAGMA user_version={FORMAT}")


def _tables(connection: sqlite3.Connection) -> list[Root]:
    rows = connection.execute("SELECT rootpage, name, sql FROM sqlite_master WHERE type = 'table'")
    return [(root, name, zlib.crc32(str(statement).encode())) for root, name, statement in rows]
