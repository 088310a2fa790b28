"""One state of one episode as it is remembered, and the attempts to publish it."""

import asyncio

from sre_ingest.publishing import Outcome
from sre_ingest.sdk.signal import NaturalKey
from sre_ingest.sdk.times import Instant


class Attempt:
    """One publication of one record, from its claim to its outcome."""

    __slots__ = ("_waiting", "entry", "outcome")

    def __init__(self, entry: "Entry | None", outcome: Outcome | None = None) -> None:
        self.entry = entry
        self.outcome = outcome
        """None while it is in flight."""
        self._waiting: asyncio.Future[Outcome] | None = None

    async def ended(self) -> Outcome:
        """Wait for the outcome. Cancelling one who waits disturbs neither the attempt nor the others who wait."""
        if self.outcome is not None:
            return self.outcome
        if self._waiting is None:
            self._waiting = asyncio.get_running_loop().create_future()
        return await asyncio.shield(self._waiting)

    def end(self, outcome: Outcome) -> None:
        """Tell everybody. ValueError the second time."""
        if self.outcome is not None:
            raise ValueError(f"The attempt ended as {self.outcome} already: another attempt is another claim.")
        self.outcome = outcome
        if self.entry is not None:
            self.entry.attempt = _ENDED[outcome]
        if self._waiting is not None:
            self._waiting.set_result(outcome)


class Entry:
    """One state of one episode: the id it was given last, when, and how the last attempt to publish it fares."""

    __slots__ = ("attempt", "content", "episode", "given_at", "last_at", "number", "offset", "state")

    def __init__(self, key: NaturalKey, given_id: str, given_at: Instant, content: bytes = b"") -> None:
        self.episode = key.episode
        self.state = key.state
        self.content = content
        self.number = number_of(given_id)
        """The id; as a number it takes half the size of its text."""
        self.given_at = self.last_at = given_at
        """When the first known record of this id was received, and when the last of this state of this episode.

        A consumer goes by one of them. The first says which of two ids is the later one.
        """
        self.offset: int | None = None
        """Where its first record stands on its partition; None while it was not seen there."""
        self.attempt = Attempt(self)

    @property
    def message_id(self) -> str:
        """The id as it travels."""
        digits = f"{self.number:032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    @property
    def in_flight(self) -> bool:
        """Whether nobody knows yet how its publication ends."""
        return self.attempt.outcome is None

    @property
    def durable(self) -> bool:
        """Whether a crash cannot lose it any more."""
        return self.attempt.outcome is not None and self.attempt.outcome.durable

    def meet(self, received_at: Instant) -> None:
        """There is another record of this id."""
        self.given_at = min(self.given_at, received_at)
        self.last_at = max(self.last_at, received_at)

    def land(self, offset: int | None) -> None:
        """The log has it. An attempt in flight is told so by whoever makes it."""
        if self.offset is None:
            self.offset = offset
        if not self.in_flight:
            self.attempt = _ENDED[Outcome.ACKED]


def number_of(message_id: str) -> int:
    """The id as a number. ValueError if it is none."""
    return int(message_id.replace("-", ""), 16)


# What was remembered of an attempt is its outcome, so all that ended alike share one object.
_ENDED = {outcome: Attempt(None, outcome) for outcome in Outcome}
