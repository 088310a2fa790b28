"""Room on the disk that nobody else gets, so that a full disk can be emptied: SQLite needs room to delete."""

import errno
import os
import sqlite3
from contextlib import suppress
from pathlib import Path

from sre_ingest.store import schema
from sre_ingest.store.pages import PAGE

FILE = "reserve"
BYTES = 8 << 20
"""As much as the write-ahead log may hold before it is moved into the database, twice."""
_SPARE = 2 << 20
"""What has to be free beside it before it is set aside once more, or it would be needed again at once."""
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT})


class Reserve:
    """A file of `BYTES` in the data directory. To be used by whoever holds the directory's lock."""

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / FILE
        self.missing = False
        """True while the disk has no room for it: then nothing may be written that takes room."""

    def take(self) -> None:
        """Set the room aside if there is any. Where it cannot be for another reason, there is no reserve."""
        if self.missing and _free(self._path.parent) < BYTES + _SPARE:
            return
        try:
            _allocate(self._path)
            self.missing = False
        except OSError as error:
            self.release()
            self.missing = error.errno in _FULL

    def release(self) -> None:
        """The disk is full: give the room up, so that what is done with can be deleted."""
        with suppress(OSError):  # a disk that refuses this refuses all else, too, and says so there
            self._path.unlink(missing_ok=True)
        # Where there is room all the same, it was not for want of it.
        self.missing = _free(self._path.parent) < BYTES + _SPARE

    def spared(self, connection: sqlite3.Connection) -> bool:
        """Whether the database has so much room in itself that nothing which is written at once makes it grow, and the
        disk some for the write-ahead log.
        """
        return _unused(connection) >= BYTES + _SPARE and _free(self._path.parent) >= _SPARE


def shrink(connection: sqlite3.Connection) -> None:
    """Give back to the disk what the database does not use, where that takes little; outside of any transaction.

    Deleted rows leave room in the file and none on the disk. sqlite3.Error when somebody reads it just now, or there is
    not even room for what is left.
    """
    (pages,) = connection.execute("PRAGMA page_count").fetchone()
    unused = _unused(connection)
    if unused >= _SPARE and pages * PAGE - unused <= BYTES // 4:
        connection.execute("PRAGMA temp_store=MEMORY")
        connection.execute("VACUUM")
        connection.execute("BEGIN IMMEDIATE")
        schema.remember(connection)  # tables begin on other pages now
        connection.execute("COMMIT")
    connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def _unused(connection: sqlite3.Connection) -> int:
    (pages,) = connection.execute("PRAGMA freelist_count").fetchone()
    return int(pages) * PAGE


def _allocate(path: Path) -> None:
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, BYTES)
    finally:
        os.close(descriptor)


def _free(folder: Path) -> int:
    try:
        found = os.statvfs(folder)
    except OSError:
        return 0
    return found.f_bavail * found.f_frsize
