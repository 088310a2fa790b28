"""Whether the database is damaged as a whole, asked at the start before anything is written into it."""

import sqlite3
import time
from contextlib import closing
from pathlib import Path

import structlog

from sre_ingest.store import pages, schema, wreck
from sre_ingest.store.schema import FORMAT, FORMAT_ROW

_HEADER = 100
_QUICK_SECONDS = 2.0
# A gigabyte takes 0.8 s from the page cache and 9 s from a slow disk. A file that was closed properly has most likely
# only been lying there, and what the check would have found is found when the page is read; so the start does not wait.
_THOROUGH_SECONDS = 15.0
# Its checksums are recomputed word by word. It is longer than this only if a reader kept it from being moved.
_WAL_BYTES = 64 << 20
_STEPS = 10_000
_DAMAGE = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})

log = structlog.get_logger(__name__)


def is_damage(error: BaseException) -> bool:
    """Whether this is SQLite's word for a file that is not what it has written."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF in _DAMAGE


def damage(path: Path, application: int) -> str | None:
    """What is wrong with the database at this path, in a few words; None if nothing is, or if it is not ours to judge.

    The caller holds the lock. Nothing is written. OSError when the disk refuses.
    """
    if not path.is_file():
        return None
    wal = pages.wal_of(path)
    unfinished = wal.exists() and wal.stat().st_size > 0
    return _of_header(path, application) or (unfinished and _of_wal(path)) or _of_content(path, unfinished) or None


def _of_header(path: Path, application: int) -> str | None:
    header = path.read_bytes() if path.stat().st_size < _HEADER else _front(path)
    if not header:
        return None  # a file that was only just made; `_of_wal` says if it had been more than that
    if not pages.header_is_ours(header):
        return None if _is_strangers(path, header, application) else "its header is not what was written"
    version, named = int.from_bytes(header[60:64]), int.from_bytes(header[68:72])
    if (version > FORMAT or named not in (0, application)) and _format(path) in range(1, FORMAT + 1):
        return "its header names another format or program"
    return None


def _is_strangers(path: Path, header: bytes, application: int) -> bool:
    sqlite = header[:16] == b"SQLite format 3\0"
    return sqlite and header[68:72] != application.to_bytes(4) and _format(path) == 0


def _front(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(_HEADER)


def _format(path: Path) -> int:
    """The format as it stands beside the schema's second copy; 0 if there is none."""
    with pages.opened(path) as found:
        return next((root[2] for root in wreck.layout(found) if root and root[1] == FORMAT_ROW), 0)


def _of_wal(path: Path) -> str | None:
    with pages.opened(path) as found:
        if path.stat().st_size == 0:
            return "it is empty beside its write-ahead log" if found.moved or found.stray else None
        # One frame that is not whole is what the end of the process in the middle of a write leaves behind.
        return "its write-ahead log is broken" if len(found.stray) > 1 else None


def _of_content(path: Path, unfinished: bool) -> str | None:
    if path.stat().st_size == 0:
        return None
    try:
        with closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as connection:
            connection.text_factory = lambda text: text.decode(errors="replace")
            return _of_pages(connection, _THOROUGH_SECONDS if unfinished else _QUICK_SECONDS)
    except UnicodeDecodeError:  # what SQLite says about a name in a damaged schema need not be text
        return "SQLite cannot read it"
    except sqlite3.Error as error:
        return "SQLite cannot read it" if is_damage(error) else None


def _of_pages(connection: sqlite3.Connection, seconds: float) -> str | None:
    if not schema.agrees(connection):
        return "its schema is not what was written"
    ends = time.monotonic() + seconds
    connection.set_progress_handler(lambda: time.monotonic() > ends, _STEPS)
    try:
        (found,) = connection.execute("PRAGMA quick_check(1)").fetchone()
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode != sqlite3.SQLITE_INTERRUPT:
            raise
        log.info("store_check_cut_short", seconds=seconds)
        return None
    return None if found == "ok" else "its pages contradict each other"
