"""What waits for the next commit: bounded in bytes, first in, first out, between the event loop and the writer."""

import asyncio
import threading
from collections import deque
from dataclasses import dataclass
from typing import Any

from sre_ingest.publishing import Outcome
from sre_ingest.store.table import Table


@dataclass(slots=True, eq=False)
class Entry:
    """One thing to write. Everything in a table that belongs together is one entry: it is kept whole or not at all."""

    table: Table[Any]  # each table has items of its own type; `Database.write` is where the two are held together
    item: Any
    size: int
    answer: asyncio.Future[Outcome]


class Queue:
    """Entries on their way. `put` and `withdraw` are for the event loop, `take` for the one thread that writes."""

    def __init__(self, max_bytes: int, group_bytes: int) -> None:
        self._entries: deque[Entry] = deque()
        self._bytes = 0
        self._max_bytes = max_bytes
        self._group_bytes = group_bytes
        self._closed = False
        self._turn = threading.Condition()

    def put(self, entry: Entry) -> bool:
        """Queue it; False when there is no room or the queue is closed. An empty queue has room for anything."""
        with self._turn:
            if self._closed or (self._entries and self._bytes + entry.size > self._max_bytes):
                return False
            self._entries.append(entry)
            self._bytes += entry.size
            self._turn.notify()
            return True

    def withdraw(self, entry: Entry) -> bool:
        """Take it out again; False when the writer has it already."""
        with self._turn:
            try:
                self._entries.remove(entry)
            except ValueError:
                return False
            self._bytes -= entry.size
            return True

    def take(self, within: float | None) -> list[Entry] | None:
        """The next group: what has gathered, up to `group_bytes` and one entry at least.

        Empty when nothing came within so many seconds, None when the queue is closed and nothing is left.
        """
        with self._turn:
            self._turn.wait_for(lambda: self._entries or self._closed, within)
            if self._closed and not self._entries:
                return None
            return self._gather()

    def close(self) -> None:
        """Take nothing more; what is queued is still handed out."""
        with self._turn:
            self._closed = True
            self._turn.notify()

    def clear(self) -> list[Entry]:
        """Take everything out, for a stop that must not last longer."""
        with self._turn:
            left = list(self._entries)
            self._entries.clear()
            self._bytes = 0
            return left

    def _gather(self) -> list[Entry]:
        group: list[Entry] = []
        size = 0
        while self._entries and (not group or size + self._entries[0].size <= self._group_bytes):
            entry = self._entries.popleft()
            size += entry.size
            group.append(entry)
        self._bytes -= size
        return group
