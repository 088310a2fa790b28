"""A damaged database is set aside, and what can be read of it is the beginning of a new one.

The new one is complete and synced under a name of its own before anything is moved, and its last move is the one to the
database's own name. So a process that ends anywhere in between loses nothing: either the next one begins anew, or it
finds the new database and finishes the moves.
"""

import os
import sqlite3
import time
from collections import Counter
from contextlib import closing
from dataclasses import dataclass, field
from itertools import chain
from pathlib import Path

from sre_ingest.store import pages
from sre_ingest.store.pages import PAGE
from sre_ingest.store.schema import FORMAT, HOLDINGS, Cells, Holding
from sre_ingest.store.wreck import SEQUENCE, Found, Wreck

_MARGIN = 1 << 20
"""How far the numbers go on behind the highest that was found when nobody knows which was given last."""


@dataclass(slots=True)
class Salvaged:
    """What became of the rows of a damaged database, table by table."""

    kept: Counter[str] = field(default_factory=Counter)
    """Rows that are as they were written."""
    bad: Counter[str] = field(default_factory=Counter)
    """Rows that are not; those that still look like rows are in `parked`."""
    missing: Counter[str] = field(default_factory=Counter)
    """Rows that are not there, where the numbers tell; bad ones are among them."""
    pages: int = 0
    """Pages that cannot be read: nobody knows how many rows were on them or below them."""
    aside: Path | None = None
    """Where the damaged file lies now."""

    @property
    def corrupt(self) -> int:
        """Rows that were lost, as far as that can be known; a page counts as one if nothing else tells."""
        known = sum((self.bad | self.missing).values())
        return known or self.pages


def salvage(path: Path, application: int) -> Salvaged:
    """Make a new database of what can be read of the one at this path, and set that one aside.

    Nobody has it open, and the caller holds the lock. OSError or sqlite3.Error when the disk has no room or fails; the
    damaged database is then where it was.
    """
    partial = path.with_name(f"{path.name}.partial")
    partial.unlink(missing_ok=True)
    try:
        os.close(os.open(partial, os.O_RDWR | os.O_CREAT, 0o600))
        with pages.opened(path) as found, closing(sqlite3.connect(partial, isolation_level=None)) as connection:
            salvaged = _fill(connection, Wreck(found), application)
        _sync(partial)
        partial.rename(_finished(path))
    finally:
        partial.unlink(missing_ok=True)
    salvaged.aside = finish(path)
    return salvaged


def finish(path: Path) -> Path | None:
    """Put a new database that is complete in the place of the damaged one; where that lies now, or None if there is no
    new one. To be called at every start, for the last one may have ended in between.
    """
    path.with_name(f"{path.name}.partial").unlink(missing_ok=True)
    new = _finished(path)
    if not new.exists():
        return None
    # Of the new file's time, not of now: what one attempt began the next one finishes under the same name.
    moment = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime(new.stat().st_mtime))
    aside = _unused(path.with_name(f"{path.name}.damaged-{moment}"), path)
    for old, to in ((path, aside), (pages.wal_of(path), pages.wal_of(aside))):
        if old.exists():
            old.rename(to)
    path.with_name(f"{path.name}-shm").unlink(missing_ok=True)
    _sync(path.parent)
    new.rename(path)
    _sync(path.parent)
    return aside


def _unused(aside: Path, path: Path) -> Path:
    """A second salvage within the same second must not overwrite what the first one set aside."""
    taken = aside
    while aside.exists() and path.exists():
        aside = taken.with_name(f"{taken.name}-{time.time_ns() % 1_000_000_000}")
    return aside


def _finished(path: Path) -> Path:
    return path.with_name(f"{path.name}.salvaged")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _fill(connection: sqlite3.Connection, wreck: Wreck, application: int) -> Salvaged:
    for pragma in (
        f"page_size={PAGE}",
        "journal_mode=OFF",
        "synchronous=OFF",
        f"application_id={application}",
        f"user_version={FORMAT}",
    ):
        connection.execute(f"PRAGMA {pragma}")
    connection.execute("BEGIN")
    present = {*wreck.roots, *(holding.name for holding in wreck.candidates), "parked"}
    tables = [holding for holding in HOLDINGS if holding.name in present]
    for holding in tables:
        connection.execute(holding.statement)
    salvaged = Salvaged(pages=wreck.lost)
    for found in chain(wreck.owned(), wreck.stray()):
        _keep(connection, found, salvaged)
    for holding in tables:
        if holding.numbered:
            _number(connection, holding, wreck.sequences().get(holding.name), salvaged)
    connection.execute("COMMIT")
    return salvaged


def _keep(connection: sqlite3.Connection, found: Found, salvaged: Salvaged) -> None:
    holding, row = found.holding, found.row
    if row is not None and holding.intact(row):
        salvaged.kept[holding.name] += _insert(connection, holding.name, row)
        return
    salvaged.bad[holding.name] += 1
    if row is not None and holding.aside is not None:
        _insert(connection, holding.aside, row)


def _insert(connection: sqlite3.Connection, table: str, row: Cells) -> int:
    """Insert the row where its number is not there yet; returns how many that were."""
    places = ",".join("?" * len(row))
    # The names of tables are our own, here and below.
    return connection.execute(f"INSERT OR IGNORE INTO {table} VALUES ({places})", row).rowcount  # noqa: S608


def _number(connection: sqlite3.Connection, holding: Holding, given: int | None, salvaged: Salvaged) -> None:
    """Let the numbers go on behind the one that was given last, or far behind the highest where that is not known."""
    query = f"SELECT count(*), ifnull(min(rowid), 0), ifnull(max(rowid), 0) FROM {holding.name}"  # noqa: S608
    count, lowest, highest = connection.execute(query).fetchone()
    last = max(given or 0, highest)
    if holding.gapless and count:
        salvaged.missing[holding.name] = last - lowest + 1 - count
    following = last if given is not None else last + _MARGIN
    connection.execute(f"DELETE FROM {SEQUENCE} WHERE name = ?", (holding.name,))  # noqa: S608
    connection.execute(f"INSERT INTO {SEQUENCE} (name, seq) VALUES (?, ?)", (holding.name, following))  # noqa: S608
