"""One call of `publish` while it lasts."""

import asyncio
from collections.abc import Callable, Sequence

from sre_ingest.publishing import Outcome, Record


class Ticket:
    """One call of `publish`: its records and, at every moment, the truth about each of them."""

    __slots__ = ("_closing", "_left", "_timer", "answer", "closed", "outcomes", "records", "size", "weights")

    def __init__(self, records: Sequence[Record], weights: Sequence[int], closing: Callable[["Ticket"], None]) -> None:
        self.records = records
        self.weights = weights
        """What each record takes in a batch, bytes."""
        self.size = sum(weights)
        self.outcomes = [Outcome.FAILED] * len(records)
        """FAILED while a record waits here, UNCERTAIN while Kafka has it in hand; final once the ticket is closed."""
        self.closed = False
        self.answer: asyncio.Future[list[Outcome]] = asyncio.get_running_loop().create_future()
        self._left = len(records)
        self._closing = closing
        self._timer: asyncio.TimerHandle | None = None

    def close_in(self, seconds: float) -> None:
        """Set the deadline."""
        self._timer = asyncio.get_running_loop().call_later(seconds, self.close)

    def mark(self, index: int, outcome: Outcome) -> None:
        """Note where a record is for now."""
        if not self.closed:
            self.outcomes[index] = outcome

    def settle(self, index: int, outcome: Outcome) -> None:
        """Note where a record ended; with the last one the ticket closes."""
        if self.closed:
            return
        self.outcomes[index] = outcome
        self._left -= 1
        if not self._left:
            self.close()

    def close(self) -> None:
        """Answer with what is known now. What a lane has not handed over yet, it drops."""
        if self.closed:
            return
        self.closed = True
        self.records = ()  # a lane that is held may keep its entries for a while: let the bytes go
        if self._timer is not None:
            self._timer.cancel()
        if not self.answer.done():  # done: the caller was cancelled
            self.answer.set_result(self.outcomes)
        self._closing(self)
