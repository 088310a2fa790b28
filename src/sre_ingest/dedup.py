"""Which observation is new, which one repeats an earlier one, and the id that each carries.

The rule is one table (docs/identity.md). `_repeats` says who is a duplicate, `Memory._salt` what sets all others
apart; together they read the table from its top to its end.
"""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import blake2b

from sre_ingest.identity import Salt, arrival, link, message_id
from sre_ingest.metrics import MemoryMetrics
from sre_ingest.publishing import Outcome
from sre_ingest.sdk.signal import TIMELESS, NaturalKey, Signal
from sre_ingest.sdk.times import MIN, SECOND, Instant

EPISODES = 5
"""Episodes remembered of one subject."""
STATES = 32
"""States remembered of one subject, its episodes together: the digests of an SLI window have no end of their own."""
HALF_MINUTE = 30 * SECOND


class Attempt:
    """One publication of one record, from its claim to its outcome."""

    __slots__ = ("_waiting", "entry", "outcome")

    def __init__(self, entry: "_Entry | None", outcome: Outcome | None = None) -> None:
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


# What was remembered of an attempt is its outcome, so all that ended alike share one object.
_ENDED = {outcome: Attempt(None, outcome) for outcome in Outcome}


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """What one signal turned out to be."""

    signal: Signal
    message_id: str
    attempt: Attempt
    to_publish: bool
    """True: the attempt is this claim's own, for whoever claimed it to publish under `message_id` and to settle, once.

    False: the claim repeats another one, has its `message_id` and ends as its attempt does, failure included.
    """
    conflicting: bool = False
    """True if it repeats what its sender gave the same key of its own, and says something else."""

    @property
    def outcome(self) -> Outcome | None:
        """How the attempt ended, None while it is in flight. A duplicate of something durable knows it at once."""
        return self.attempt.outcome

    async def ended(self) -> Outcome:
        """Wait for the outcome; for the own claims of a delivery too, once they are settled."""
        return await self.attempt.ended()


class _Entry:
    """One state of one episode: the id it was given last, when, and how the last attempt to publish it fares."""

    __slots__ = ("_id", "attempt", "content", "episode", "given_at", "state")

    def __init__(self, signal: Signal, given_id: str, given_at: Instant) -> None:
        self.episode = signal.key.episode
        self.state = signal.key.state
        self.content = signal.content
        self._id = int(given_id.replace("-", ""), 16)  # half the size of the text
        self.given_at = given_at
        self.attempt = Attempt(self)

    @property
    def message_id(self) -> str:
        digits = f"{self._id:032x}"
        return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))

    @property
    def in_flight(self) -> bool:
        return self.attempt.outcome is None

    @property
    def durable(self) -> bool:
        return self.attempt.outcome is not None and self.attempt.outcome.durable


@dataclass(frozen=True, slots=True)
class _Moment:
    """When a delivery was received, and the dedup window of the endpoint that it came to, in nanoseconds."""

    at: Instant
    window: int

    @property
    def bucket(self) -> int:
        return self.at // self.window

    def is_near(self, instant: Instant) -> bool:
        # The distance, not the age: a clock that was set back must not silence a subject until it has caught up.
        return abs(self.at - instant) < self.window


class _Past:
    """What is remembered of one subject. The last entry is the current one."""

    __slots__ = ("entries", "forgotten", "observed_at")

    def __init__(self, observed_at: Instant, forgotten: Instant) -> None:
        self.entries: tuple[_Entry, ...] = ()
        self.observed_at = observed_at
        self.forgotten = forgotten
        """What this process claimed of the subject until then may be missing here; nothing later is."""

    @property
    def current(self) -> _Entry | None:
        return self.entries[-1] if self.entries else None

    def find(self, key: NaturalKey) -> _Entry | None:
        for entry in self.entries:
            if entry.state == key.state and entry.episode == key.episode:
                return entry
        return None

    def unchanged_since(self, entry: _Entry) -> bool:
        """True if the subject was claimed to be in no other state after this entry."""
        return all(other.state == entry.state for other in self.entries[self.entries.index(entry) :])

    def says_again(self, entry: _Entry) -> bool:
        """True if the topic, whatever came in between, now says what this entry says, or said once it is published."""
        current = self.entries[-1]
        # A current state that never reached the topic proves nothing: there another one may stand.
        return current.durable and current.state == entry.state and (entry.durable or entry.in_flight)

    def enter(self, entry: _Entry, replaced: _Entry | None) -> None:
        """Make an entry the current one, in place of the one for the same state of the same episode."""
        others = tuple(other for other in self.entries if other is not replaced)
        # Each delivery brings its own copy of the same text, and with a firing and its resolve one copy will do.
        entry.episode = next((other.episode for other in others if other.episode == entry.episode), entry.episode)
        self.entries = (*others, entry)
        if len(self.entries) > EPISODES:
            self._forget()

    def _forget(self) -> None:
        newest = list(dict.fromkeys(entry.episode for entry in reversed(self.entries)))[:EPISODES]
        kept = tuple([entry for entry in self.entries if entry.episode in newest][-STATES:])
        if len(kept) < len(self.entries):
            self.entries = kept
            self.forgotten = max(self.forgotten, self.observed_at)


class Memory:
    """What was claimed, by subject: the `max_entries` subjects observed last. One process, one thread.

    It knows no window of its own. Each delivery brings that of its endpoint, which decides what its observations repeat
    and what can be vouched for; two endpoints that speak of one subject may have different ones.
    """

    def __init__(self, *, max_entries: int, since: Instant, followed: bool, metrics: MemoryMetrics) -> None:
        """Begin with nothing."""
        self.since = since
        """The view is complete from here on. Moves forward when a subject is forgotten."""
        self.followed = followed
        """True while nothing can reach the log that is not seen here."""
        self._max_entries = max_entries
        self._metrics = metrics
        self._forgotten = MIN
        self._pasts: OrderedDict[int, _Past] = OrderedDict()

    def claim(self, signals: Sequence[Signal], received_at: Instant, window: int) -> list[Claim]:
        """Claim a whole delivery in one step, one claim a signal in their order; needs no event loop.

        `window` is the dedup window of its endpoint, in nanoseconds.
        Every claim `to_publish` must be settled, whatever becomes of its publication: its twins wait for that.
        """
        moment = _Moment(received_at, window)
        claims = [self._claim(signal, moment) for signal in signals]
        # Not before: however many subjects a delivery has, its own twins are found.
        while len(self._pasts) > self._max_entries:
            self._evict()
        self._metrics.entries.set(len(self._pasts))
        return claims

    def settle(self, claim: Claim, outcome: Outcome) -> None:
        """Say how the publication of a claim ended. ValueError if it was not to be published, or is settled already."""
        if not claim.to_publish:
            raise ValueError(f"{claim.message_id} repeats another claim, and only that one can be settled.")
        claim.attempt.end(outcome)

    def _claim(self, signal: Signal, moment: _Moment) -> Claim:
        past = self._recall(_digest(signal.key.remembered_by), moment.at)
        known = past.find(signal.key)
        if known is not None and _repeats(known, past, signal.key, moment):
            return _again(signal, known)
        given_id = message_id(signal.key, self._salt(signal, known, past, moment))
        entry = _Entry(signal, given_id, moment.at)
        past.enter(entry, known)
        return Claim(signal, given_id, entry.attempt, to_publish=True)

    def _salt(self, signal: Signal, known: _Entry | None, past: _Past, moment: _Moment) -> Salt | None:
        current = past.current
        if known is None and (self._vouched(signal, past, moment) or (current is None and signal.key.once)):
            return None
        if current is not None:
            return link(current.message_id, moment.bucket)
        bucket = moment.at // HALF_MINUTE
        # In this very half minute the subject may have been claimed and forgotten: then only the nanosecond is new.
        return arrival(bucket if bucket * HALF_MINUTE > past.forgotten else moment.at)

    def _vouched(self, signal: Signal, past: _Past, moment: _Moment) -> bool:
        """True if no record of this state of this episode can be on the topic yet.

        Only an episode that has begun is ever vouched for. So the unsalted ids given before `forgotten` are of episodes
        begun before it, and one begun later is not among what was forgotten.
        """
        began_at = signal.began_at
        if began_at is None or signal.key.episode == TIMELESS or not past.forgotten < began_at <= moment.at:
            return False
        return moment.is_near(began_at) or (self.followed and began_at > self.since + moment.window)

    def _recall(self, subject: int, received_at: Instant) -> _Past:
        past = self._pasts.get(subject)
        if past is None:
            past = self._pasts[subject] = _Past(received_at, self._forgotten)
        else:
            self._pasts.move_to_end(subject)
            past.observed_at = max(past.observed_at, received_at)
        return past

    def _evict(self) -> None:
        """Forget the subject observed longest ago.

        A claim of it in flight does no harm: it settles all the same, and what repeats it meanwhile is not vouched for,
        so it is published under an id of its own. That is a second record at worst and never a lost one.
        """
        _, past = self._pasts.popitem(last=False)
        self._forgotten = max(self._forgotten, past.observed_at)
        self.since = max(self.since, self._forgotten)
        self._metrics.evictions.inc()


def _repeats(known: _Entry, past: _Past, key: NaturalKey, moment: _Moment) -> bool:
    recent = key.once or moment.is_near(known.given_at)
    if known is past.current:
        return recent
    if past.unchanged_since(known):
        return recent or known.durable
    return past.says_again(known)


def _again(signal: Signal, known: _Entry) -> Claim:
    if known.in_flight or known.durable:
        conflicting = signal.content != known.content
        return Claim(signal, known.message_id, known.attempt, to_publish=False, conflicting=conflicting)
    known.attempt = Attempt(known)
    # What was said before never was taken for certain, so this is no contradiction.
    known.content = signal.content
    return Claim(signal, known.message_id, known.attempt, to_publish=True)


def _digest(subject: tuple[str, ...]) -> int:
    # Senders choose how long a subject is, and the memory is bounded in subjects: so all take the same.
    return int.from_bytes(blake2b(repr(subject).encode(), digest_size=16).digest())
