"""One call of `publish` while it lasts."""

import asyncio
from collections.abc import Callable, Sequence

from sre_ingest.publishing import Outcome


class Ticket:
    """The answer to one call of `publish`, which grows record by record."""

    __slots__ = ("_closing", "_left", "_outcomes", "_timer", "answer", "size")

    def __init__(self, records: int, size: int, closing: Callable[["Ticket"], None]) -> None:
        """`closing` is called when the last record has settled."""
        self.size = size
        """What the records take in batches, bytes."""
        self.answer: asyncio.Future[Sequence[Outcome]] = asyncio.get_running_loop().create_future()
        self._outcomes: list[Outcome | None] = [None] * records
        self._left = records
        self._closing = closing
        self._timer: asyncio.TimerHandle | None = None

    @property
    def closed(self) -> bool:
        """Whether every record has settled."""
        return not self._left

    @property
    def outcomes(self) -> list[Outcome]:
        """Where the records ended, as far as they have."""
        return [outcome for outcome in self._outcomes if outcome is not None]

    def waits_for(self, index: int) -> bool:
        """Whether this record has not settled."""
        return self._outcomes[index] is None

    def due_in(self, seconds: float, overdue: Callable[["Ticket"], None]) -> None:
        """Call `overdue` if it is not closed by then."""
        self._timer = asyncio.get_running_loop().call_later(seconds, overdue, self)

    def settle(self, index: int, outcome: Outcome) -> None:
        """Note where a record ended; the first word counts, and the last record closes the ticket."""
        if not self.waits_for(index):
            return
        self._outcomes[index] = outcome
        self._left -= 1
        if not self._left:
            self._close()

    def _close(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if not self.answer.done():  # done: the caller was cancelled
            self.answer.set_result(self.outcomes)
        self._closing(self)
