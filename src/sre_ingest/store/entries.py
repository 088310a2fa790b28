"""Reading the quarantine beside a gateway that writes it, without its lock and without ever writing."""

import json
import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sre_ingest.publishing import Record
from sre_ingest.sdk.times import Instant
from sre_ingest.store import files, parked
from sre_ingest.store.refusals import WHOLE, body_digest
from sre_ingest.store.rows import Row
from sre_ingest.store.schema import QUARANTINE, tables

_COLUMNS = (
    "id, reason, place, path, source, instance, tenant, received_at, last_seen, count, item, origin, length(bytes)"
)
_ROWS = f"SELECT {_COLUMNS} FROM quarantine LEFT JOIN quarantine_bodies ON digest = body"  # noqa: S608


@dataclass(frozen=True, slots=True)
class Selection:
    """Which entries are meant; what is empty or None does not matter."""

    ids: Sequence[str] = ()
    source: str | None = None
    reason: str | None = None
    since: Instant | None = None
    """Seen at this time or later."""

    def arguments(self) -> dict[str, list[str]]:
        """The selection as the arguments of a request."""
        single = {"source": self.source, "reason": self.reason, "since": self.since}
        return {"ids": [*self.ids]} | {name: [str(value)] for name, value in single.items() if value is not None}

    @classmethod
    def of(cls, arguments: Mapping[str, Sequence[str]]) -> "Selection":
        """The selection that a request names."""
        source, reason, since = (next(iter(arguments.get(name, ())), None) for name in ("source", "reason", "since"))
        return cls(arguments.get("ids", ()), source, reason, None if since is None else Instant(int(since)))


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing in quarantine, without its body."""

    id: str
    reason: str
    place: str
    """The field that was wrong, in the sender's words; empty if none can be named."""
    path: str
    """Of the endpoint that it came to."""
    source: str
    instance: str
    tenant: str
    received_at: Instant
    """When it came first."""
    last_seen: Instant
    count: int
    """How often it came."""
    index: int | None
    """Position of the item in the body; None: the body as a whole."""
    headers: tuple[tuple[str, str], ...]
    correlation_id: str
    traceparent: str
    tracestate: str
    body_bytes: int | None
    """None if the body cannot be read any more."""


def select(data_dir: Path, selection: Selection) -> list[Entry]:
    """The entries that are meant, in the order in which they came. StoreError when there is nothing to read."""
    with files.reading(data_dir) as connection:
        found = [*_kept(connection, selection), *_parked(connection, selection)]
    return sorted(found, key=lambda entry: (entry.received_at, entry.id))


def body(data_dir: Path, name: str) -> bytes | None:
    """The body of an entry; None if there is no such entry, or its body is not what was kept."""
    if (found := record(data_dir, name)) is not None:
        return found.value
    statement = "SELECT digest, bytes FROM quarantine JOIN quarantine_bodies ON digest = body WHERE id = ?"
    with files.reading(data_dir) as connection:
        row = connection.execute(statement, (name,)).fetchone() if QUARANTINE.name in tables(connection) else None
    return row[1] if row is not None and row[0] == body_digest(row[1]) else None


def record(data_dir: Path, name: str) -> Record | None:
    """The record that is parked under this id; None if there is none, or it is not what was written."""
    if not name.startswith(parked.PREFIX):
        return None
    with files.reading(data_dir) as connection:
        return next((found for _, found in parked.rows(connection, [name])), None)


def _kept(connection: sqlite3.Connection, selection: Selection) -> list[Entry]:
    if QUARANTINE.name not in tables(connection):
        return []
    clause, values = _where(selection)
    return [_entry(row) for row in connection.execute(f"{_ROWS} WHERE {clause}", values)]


def _parked(connection: sqlite3.Connection, selection: Selection) -> list[Entry]:
    if selection.source not in (None, parked.SOURCE) or selection.reason not in (None, parked.REASON):
        return []
    found = [_of_record(row, record) for row, record in parked.rows(connection, selection.ids)]
    return [entry for entry in found if selection.since is None or entry.last_seen >= selection.since]


def _of_record(row: Row, found: Record | None) -> Entry:
    headers = {name: value.decode(errors="replace") for name, value in found.headers} if found else {}
    at = Instant(row[1])
    return Entry(
        id=f"{parked.PREFIX}{row[0]}",
        reason=parked.REASON,
        place="",
        path="",
        source=parked.SOURCE,
        instance="",
        tenant="",
        received_at=at,
        last_seen=at,
        count=1,
        index=None,
        headers=tuple(headers.items()),
        correlation_id=headers.get("ce_correlationid", ""),
        traceparent="",
        tracestate="",
        body_bytes=len(found.value) if found else None,
    )


def _where(selection: Selection) -> tuple[str, list[object]]:
    wanted = {"source = ?": selection.source, "reason = ?": selection.reason, "last_seen >= ?": selection.since}
    parts: dict[str, list[object]] = {clause: [value] for clause, value in wanted.items() if value is not None}
    if selection.ids:
        parts[f"id IN ({','.join('?' * len(selection.ids))})"] = [*selection.ids]
    return " AND ".join(parts) or "1", [value for values in parts.values() for value in values]


def _entry(row: tuple[Any, ...]) -> Entry:
    *front, origin, size = row
    told = json.loads(origin)
    headers = tuple((name, value) for name, value in told["headers"])
    trace = told["correlation_id"], told["traceparent"], told["tracestate"]
    *facts, item = front
    return Entry(*[*facts, None if item == WHOLE else item, headers, *trace, size])
