"""What was claimed, and what others have put into the log.

`_repeats` says who is a duplicate, `Memory._salt` what sets all others apart; together they read the table of
docs/identity.md from its top to its end.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence
from hashlib import blake2b

from sre_ingest.dedup.claim import Claim
from sre_ingest.dedup.entry import Attempt, Entry, number_of
from sre_ingest.dedup.past import Moment, Past
from sre_ingest.dedup.restatement import Overtaken, Restatement, Seen
from sre_ingest.dedup.sighting import Sighting
from sre_ingest.identity import Salt, arrival, link, message_id, overtaking
from sre_ingest.metrics import MemoryMetrics
from sre_ingest.publishing import Outcome
from sre_ingest.sdk.signal import TIMELESS, NaturalKey, Signal
from sre_ingest.sdk.times import MIN, SECOND, Instant

HALF_MINUTE = 30 * SECOND


class Memory:
    """What was claimed, by subject: the `max_entries` subjects observed last. One process, one thread.

    Others may write to the same log. What is there already is told by `recall`, what comes by `see`.

    It knows no window of its own. Each delivery brings that of its endpoint, which decides what its observations repeat
    and what can be vouched for; two endpoints that speak of one subject may have different ones.
    """

    def __init__(self, *, max_entries: int, since: Instant, followed: bool, metrics: MemoryMetrics) -> None:
        """Begin with nothing."""
        self.since = since
        """The view is complete from here on. Moves forward when a subject is forgotten."""
        self.followed = followed
        """True while nothing can reach the log that is not seen here. True from the beginning where nobody else writes
        to it: then nothing needs to be told.
        """
        self._expected: OrderedDict[int, None] | None = None if followed else OrderedDict()
        """Ids given here whose records were not seen on the log yet."""
        self._max_entries = max_entries
        self._metrics = metrics
        self._forgotten = MIN
        self._pasts: OrderedDict[int, Past] = OrderedDict()

    def claim(self, signals: Sequence[Signal], received_at: Instant, window: int) -> list[Claim]:
        """Claim a whole delivery in one step, one claim a signal in their order; needs no event loop.

        `window` is the dedup window of its endpoint, in nanoseconds.
        Every claim `to_publish` must be settled, whatever becomes of its publication: its twins wait for that.
        """
        moment = Moment(received_at, window)
        claims = [self._claim(signal, moment) for signal in signals]
        # Not before: however many subjects a delivery has, its own twins are found.
        self._fit()
        return claims

    def settle(self, claim: Claim, outcome: Outcome) -> None:
        """Say how the publication of a claim ended. ValueError if it was not to be published, or is settled already."""
        if not claim.to_publish:
            raise ValueError(f"{claim.message_id} repeats another claim, and only that one can be settled.")
        claim.attempt.end(outcome)

    def recall(self, sightings: Iterable[Sighting], outcome: Outcome = Outcome.ACKED) -> None:
        """Tell of records that were there before anything was claimed here, and where they are."""
        for one in sightings:
            past, late = self._met(one)
            if past and not _landed(past, one):
                _enter(past, one, outcome, late=late)
        self._fit()

    def see(self, sightings: Iterable[Sighting]) -> Seen:
        """Tell of records as they come into the log, in the order of their partition.

        One that contradicts what is current here becomes current, also if it was received earlier: on the log it
        stands later. So what is observed next is published, and the log does not stay on a state that is over, not
        even where what it overtakes is not said again (`restate`).
        """
        others, overtaken = 0, []
        for one in sightings:
            own = self._expected is not None and self._expected.pop(one.number, self) is None
            others += not own
            past, late = self._met(one)
            if past is None:
                continue
            if late and (offset := past.overtaken_by(one)) is not None:
                overtaken.append(Overtaken(offset, one))
            if not _landed(past, one) and not own:
                agrees = past.current is not None and past.current.state == one.key.state
                _enter(past, one, Outcome.ACKED, late=late and agrees)
        self._fit()
        return Seen(others, overtaken)

    def restate(self, found: Sighting, late: Sighting) -> Restatement | None:
        """Claim what the record `found` says once more, as it was overtaken by a late one.

        Its attempt must be ended, whatever becomes of its publication. None if it is not what was observed last: then
        what was stands behind both in the log, or will.
        """
        past = self._pasts.get(_digest(found.key.remembered_by))
        if past is None or past.observed is None or past.observed.number != found.number:
            return None
        given_id = message_id(found.key, overtaking(late.message_id))
        entry = Entry(found.key, given_id, past.observed_at, past.observed.content)
        past.enter(entry, past.find(found.key))
        past.observe(entry, past.observed_at)
        self._expect(entry.number)
        return Restatement(given_id, past.observed_at, entry.attempt)

    def expect(self, sightings: Iterable[Sighting]) -> None:
        """Tell of records that will come into the log from this gateway, though an earlier process claimed them."""
        for one in sightings:
            self._expect(one.number)

    def reaches(self, since: Instant) -> None:
        """Everything in the log from `since` on was told."""
        self.since = max(since, self._forgotten)

    def _met(self, one: Sighting) -> tuple[Past | None, bool]:
        """The past of its subject, and whether something of it was observed later.

        None if that may be forgotten: then nobody knows what came after the record, and it proves nothing.
        """
        subject = _digest(one.key.remembered_by)
        if subject not in self._pasts and one.received_at <= self._forgotten:
            return None, True
        past = self._recall(subject, one.received_at)
        return past, one.received_at < past.observed_at

    def _expect(self, number: int) -> None:
        if self._expected is not None:
            self._expected[number] = None
            if len(self._expected) > self._max_entries:
                self._expected.popitem(last=False)

    def _fit(self) -> None:
        while len(self._pasts) > self._max_entries:
            self._evict()
        self._metrics.entries.set(len(self._pasts))

    def _claim(self, signal: Signal, moment: Moment) -> Claim:
        past = self._recall(_digest(signal.key.remembered_by), moment.at)
        known = past.find(signal.key)
        if known is not None and _repeats(known, past, signal.key, moment):
            past.observe(known, moment.at)
            return _again(signal, known, moment.at)
        given_id = message_id(signal.key, self._salt(signal, known, past, moment))
        while past.has_given(number_of(given_id)):
            given_id = message_id(signal.key, link(given_id, moment.bucket))
        entry = Entry(signal.key, given_id, moment.at, signal.content)
        past.enter(entry, known)
        past.observe(entry, moment.at)
        self._expect(entry.number)
        return Claim(signal, given_id, entry.attempt, to_publish=True)

    def _salt(self, signal: Signal, known: Entry | None, past: Past, moment: Moment) -> Salt | None:
        current = past.current
        if known is None and (self._vouched(signal, past, moment) or (current is None and signal.key.once)):
            return None
        if current is not None:
            return link(current.message_id, moment.bucket)
        bucket = moment.at // HALF_MINUTE
        # In this very half minute the subject may have been claimed and forgotten: then only the nanosecond is new.
        return arrival(bucket if bucket * HALF_MINUTE > past.forgotten else moment.at)

    def _vouched(self, signal: Signal, past: Past, moment: Moment) -> bool:
        """True if no record of this state of this episode can be on the topic yet.

        Only an episode that has begun is ever vouched for. So the unsalted ids given before `forgotten` are of episodes
        begun before it, and one begun later is not among what was forgotten.
        """
        began_at = signal.began_at
        if began_at is None or signal.key.episode == TIMELESS or not past.forgotten < began_at <= moment.at:
            return False
        return moment.is_near(began_at) or (self.followed and began_at > self.since + moment.window)

    def _recall(self, subject: int, received_at: Instant) -> Past:
        past = self._pasts.get(subject)
        if past is None:
            past = self._pasts[subject] = Past(received_at, self._forgotten)
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


def _repeats(known: Entry, past: Past, key: NaturalKey, moment: Moment) -> bool:
    if past.contradicts(known, moment.at):
        return False
    recent = key.once or moment.is_near(known.given_at)
    if known is past.current:
        return recent
    if past.unchanged_since(known):
        return recent or known.durable
    return past.says_again(known)


def _landed(past: Past, one: Sighting) -> bool:
    """Whether the record is one that is remembered; then the log has it."""
    known = past.find(one.key)
    if known is None or known.number != one.number:
        return False
    known.meet(one.received_at)
    known.land(one.offset)
    past.observe(known, one.received_at)
    return True


def _enter(past: Past, one: Sighting, outcome: Outcome, *, late: bool) -> None:
    """Remember a record: as the current one, or if it is late as one before it, unless its key has a later id."""
    known = past.find(one.key)
    if late and known is not None and known.given_at >= one.received_at:
        past.pass_over(one.number)
        return
    entry = Entry(one.key, one.message_id, one.received_at)
    entry.attempt.end(outcome)
    entry.offset = one.offset
    past.observe(entry, one.received_at)
    if late:
        past.enter_late(entry, known)
    else:
        past.enter(entry, known)


def _again(signal: Signal, known: Entry, received_at: Instant) -> Claim:
    if known.in_flight or known.durable:
        conflicting = signal.content != known.content
        return Claim(signal, known.message_id, known.attempt, to_publish=False, conflicting=conflicting)
    known.attempt = Attempt(known)
    known.meet(received_at)
    # What was said before never was taken for certain, so this is no contradiction.
    known.content = signal.content
    return Claim(signal, known.message_id, known.attempt, to_publish=True)


def _digest(subject: tuple[str, ...]) -> int:
    # Senders choose how long a subject is, and the memory is bounded in subjects: so all take the same.
    return int.from_bytes(blake2b(repr(subject).encode(), digest_size=16).digest())
