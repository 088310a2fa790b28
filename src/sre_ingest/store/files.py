"""The data directory: its lock, its database file, and every reason why it cannot be used, each with the remedy."""

import errno
import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import structlog

from sre_ingest.mistakes import Mistake
from sre_ingest.store import inspection, salvage, schema
from sre_ingest.store.pages import PAGE
from sre_ingest.store.salvage import Salvaged
from sre_ingest.store.schema import FORMAT

FILE = "sre-ingest.db"
LOCK = "lock"
APPLICATION = 0x53524549
"""`PRAGMA application_id` of our files ("SREI"), so that a stranger's database is never written into."""

_BUSY_SECONDS = 1.0
_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_DENIED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})
_NO_DIRECTORY = frozenset({errno.ENOTDIR, errno.EEXIST})


log = structlog.get_logger(__name__)


class StoreError(Mistake):
    """The store cannot be used. The message is one sentence that says why and what to do."""


class HeldError(StoreError):
    """Another gateway uses the data directory."""

    def __init__(self, data_dir: Path, holder: str) -> None:
        super().__init__(
            f"Another gateway ({holder}) uses {data_dir}: stop it, or give this one a data directory of its own "
            "(SRE_INGEST_DATA_DIR)."
        )
        self.holder = holder
        """Which process it is, in words."""


def lock(data_dir: Path) -> int:
    """Make the directory (0700) if it is missing and take its lock; HeldError when another gateway holds it.

    Returns the descriptor that holds the lock; closing it gives the lock back, and so does any end of the process.
    """
    try:
        _make(data_dir)
        descriptor = os.open(data_dir / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise _failed(data_dir, error) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        why = _held(data_dir, descriptor) if isinstance(error, BlockingIOError) else _failed(data_dir, error)
        os.close(descriptor)
        raise why from error
    return descriptor


def mend(data_dir: Path, *, damaged: bool) -> Salvaged | None:
    """Salvage the database if it is damaged as a whole; None if it was not. The caller holds the lock, and has closed
    the database.

    It is looked at first, unless it is known to be damaged. StoreError with the remedy when that fails.
    """
    path = data_dir / FILE
    try:
        salvage.finish(path)
        why = "SQLite met damage in it" if damaged else inspection.damage(path, APPLICATION)
        if why is None:
            return None
        log.error("store_damaged", path=str(path), why=why)
        return salvage.salvage(path, APPLICATION)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(_sentence(data_dir, error)) from error


def is_locked(data_dir: Path) -> bool:
    """Whether a gateway holds the lock of the directory; False if there is no such directory."""
    try:
        descriptor = os.open(data_dir / LOCK, os.O_RDONLY)
    except OSError:
        return False
    try:
        # Shared, so that two who ask do not take each other for the gateway.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return True
    finally:
        os.close(descriptor)
    return False


def connect(data_dir: Path) -> sqlite3.Connection:
    """The one connection that writes: WAL, synced at every commit, transactions begun and ended by the caller alone.

    The caller holds the lock. StoreError when the file cannot be made, is not ours, or is of a newer format.
    """
    try:
        return _connect(data_dir / FILE)
    except (OSError, sqlite3.Error) as error:
        raise StoreError(_sentence(data_dir, error)) from error


def identity(data_dir: Path) -> tuple[int, int]:
    """Which file the database is now, as device and inode; StoreError when there is none.

    A file that was deleted or replaced can still be written by who has it open, and nobody else will ever see it.
    """
    try:
        found = (data_dir / FILE).stat()
    except OSError as error:
        raise StoreError(
            f"{data_dir / FILE} was taken away while the gateway ran ({error.strerror}): start the gateway again."
        ) from None
    return found.st_dev, found.st_ino


def connect_read_only(data_dir: Path) -> sqlite3.Connection:
    """A connection that cannot write and needs no lock; StoreError when there is nothing to read."""
    path = data_dir / FILE
    if not path.exists():
        raise StoreError(f"There is no log in {data_dir} yet: start the gateway with this data directory first.")
    try:
        uri = f"{path.absolute().as_uri()}?mode=ro"
        connection = sqlite3.connect(
            uri, uri=True, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False
        )
        return _checked(connection, path)
    except sqlite3.Error as error:
        raise StoreError(_sentence(data_dir, error)) from error


@contextmanager
def reading(data_dir: Path) -> Iterator[sqlite3.Connection]:
    """The same for as long as it is needed; what SQLite says meanwhile is a StoreError with the remedy, too."""
    with closing(connect_read_only(data_dir)) as connection:
        try:
            yield connection
        except sqlite3.Error as error:
            raise StoreError(explain(data_dir, error)) from error


def explain(data_dir: Path, error: Exception) -> str:
    """One sentence with the remedy for an error of a store that was open."""
    return str(error) if isinstance(error, StoreError) else _sentence(data_dir, error)


def is_full(error: Exception) -> bool:
    """Whether the disk, or a quota of it, has no room."""
    if isinstance(error, OSError):
        return error.errno in _FULL
    return getattr(error, "sqlite_errorcode", 0) & 0xFF == sqlite3.SQLITE_FULL


def no_room(data_dir: Path) -> str:
    """One sentence with the remedy for a disk that is full."""
    return f"There is no room left for {data_dir}: free space on its disk."


def _make(data_dir: Path) -> None:
    if data_dir.is_dir():
        return
    data_dir.mkdir(mode=0o700, parents=True)
    parent = os.open(data_dir.parent, os.O_RDONLY)
    try:
        os.fsync(parent)  # the name of a new directory is only safe once its parent is synced
    finally:
        os.close(parent)


def _held(data_dir: Path, descriptor: int) -> HeldError:
    holder = os.pread(descriptor, 20, 0).decode(errors="replace").strip() or "unknown"
    return HeldError(data_dir, f"process {holder}")


def _failed(data_dir: Path, error: OSError) -> StoreError:
    return StoreError(_sentence(data_dir, error))


def _connect(path: Path) -> sqlite3.Connection:
    if not path.exists():
        # SQLite gives its side files the permissions of the main file. Never opened outside SQLite once it exists:
        # closing a descriptor of it drops the locks that this process holds on it.
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    connection = sqlite3.connect(path, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=True)
    try:
        _prepare(_checked(connection, path), path)
    except BaseException:
        connection.close()
        raise
    return connection


def _prepare(connection: sqlite3.Connection, path: Path) -> None:
    connection.execute(f"PRAGMA page_size={PAGE}")  # of a file that is empty yet
    (mode,) = connection.execute("PRAGMA journal_mode=WAL").fetchone()
    if mode != "wal":  # SQLite keeps the old mode without an error, and in that one a reader would block us
        raise StoreError(
            f"{path} cannot use a write-ahead log: put the data directory on a local disk that has room and works."
        )
    connection.execute("PRAGMA synchronous=FULL")
    # Checkpoints are ours: the automatic one happens before the answer and hides its errors.
    connection.execute("PRAGMA wal_autocheckpoint=0")
    # What is pruned was on this disk for months; zeroing its pages would double what a pruning log writes.
    connection.execute("PRAGMA secure_delete=OFF")
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id={APPLICATION}")
    (found,) = connection.execute("PRAGMA user_version").fetchone()
    schema.migrate(connection, found)
    connection.execute("COMMIT")


def _checked(connection: sqlite3.Connection, path: Path) -> sqlite3.Connection:
    try:
        _check(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _check(connection: sqlite3.Connection, path: Path) -> None:
    (application,) = connection.execute("PRAGMA application_id").fetchone()
    (version,) = connection.execute("PRAGMA user_version").fetchone()
    (tables,) = connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    if application != APPLICATION and (application or tables):
        raise StoreError(f"{path} is a database of another program: move it away, or name another data directory.")
    if version > FORMAT:
        raise StoreError(
            f"{path} has format {version} and this version knows {FORMAT} at the most: start the newer version again, "
            "or name another data directory."
        )


def _sentence(data_dir: Path, error: Exception) -> str:
    if isinstance(error, OSError):
        return _sentence_of_system(data_dir, error)
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF
    where = data_dir / FILE
    damaged = (
        f"{where} is damaged: start the gateway again, which sets the file aside and keeps what can be read of it."
    )
    closed = f"{where} cannot be opened: make it and its directory readable and writable for this user."
    sentences = {
        sqlite3.SQLITE_NOTADB: damaged,
        sqlite3.SQLITE_CORRUPT: damaged,
        sqlite3.SQLITE_FULL: f"There is no room left for {where}: free space on its disk.",
        sqlite3.SQLITE_CANTOPEN: closed,
        sqlite3.SQLITE_READONLY: f"{where} cannot be written: make it and its directory writable for this user.",
        sqlite3.SQLITE_PERM: closed,
        sqlite3.SQLITE_BUSY: f"Another program holds {where} locked: close it.",
        sqlite3.SQLITE_IOERR: f"The disk of {where} answered with an error: look at its health and the system's log.",
    }
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    return sentences.get(code, f"{where} cannot be used ({name}): look at the gateway's log.")


def _sentence_of_system(data_dir: Path, error: OSError) -> str:
    if error.errno in _NO_DIRECTORY:
        return (
            f"{data_dir} is not a directory: move that file away, or name another data directory (SRE_INGEST_DATA_DIR)."
        )
    if error.errno in _DENIED:
        return f"{data_dir} cannot be written ({error.strerror}): make it writable for this user."
    if error.errno in _FULL:
        return no_room(data_dir)
    return f"{data_dir} cannot be used ({error.strerror}): name a data directory on a local disk (SRE_INGEST_DATA_DIR)."
