"""What waits in the spool, as seen beside a gateway that writes it: without its lock, and without ever writing."""

import sqlite3
from dataclasses import dataclass
from pathlib import Path

from sre_ingest.sdk.times import Instant
from sre_ingest.store import files
from sre_ingest.store.rows import SIZE
from sre_ingest.store.schema import SPOOL, tables

_WAITING = f"SELECT count(*), ifnull(sum({SIZE}), 0), min(appended_at) FROM spool"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Waiting:
    """Records that Kafka has not taken yet."""

    records: int = 0
    size: int = 0
    """Bytes of keys, headers and values."""
    oldest: Instant | None = None
    """When the oldest was kept; None if there is none."""
    parked: int = 0
    """Records beside them that Kafka refused for good, or that are damaged."""


def waiting(data_dir: Path) -> Waiting:
    """What waits in this data directory; nothing where no spool ever was. StoreError when it cannot be read."""
    if not (data_dir / files.FILE).exists():
        return Waiting()
    with files.reading(data_dir) as connection:
        return _waiting(connection)


def is_waiting(data_dir: Path) -> bool:
    """Whether anything waits: a look at the first row, however many there are. StoreError when it cannot be read."""
    if not (data_dir / files.FILE).exists():
        return False
    with files.reading(data_dir) as connection:
        present = SPOOL.name in tables(connection)
        return present and connection.execute("SELECT 1 FROM spool LIMIT 1").fetchone() is not None


def _waiting(connection: sqlite3.Connection) -> Waiting:
    if SPOOL.name not in tables(connection):
        return Waiting()
    records, size, oldest = connection.execute(_WAITING).fetchone()
    (parked,) = connection.execute("SELECT count(*) FROM parked").fetchone()
    return Waiting(records, size, None if oldest is None else Instant(oldest), parked)
