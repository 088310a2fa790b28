"""What is remembered of one subject."""

from dataclasses import dataclass

from sre_ingest.dedup.entry import Entry
from sre_ingest.dedup.sighting import Sighting
from sre_ingest.sdk.signal import NaturalKey
from sre_ingest.sdk.times import Instant

EPISODES = 5
"""Episodes remembered of one subject."""
STATES = 32
"""States remembered of one subject, its episodes together: the digests of an SLI window have no end of their own."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When a delivery was received, and the dedup window of the endpoint that it came to, in nanoseconds."""

    at: Instant
    window: int

    @property
    def bucket(self) -> int:
        """Which window since 1970 it lies in."""
        return self.at // self.window

    def is_near(self, instant: Instant) -> bool:
        """Whether an instant is less than a window away."""
        # The distance, not the age: a clock that was set back must not silence a subject until it has caught up.
        return abs(self.at - instant) < self.window


class Past:
    """What is remembered of one subject. The last entry is the current one."""

    __slots__ = ("entries", "forgotten", "observed", "observed_at", "passed")

    def __init__(self, observed_at: Instant, forgotten: Instant) -> None:
        self.entries: tuple[Entry, ...] = ()
        self.observed_at = observed_at
        self.observed: Entry | None = None
        """What was observed then, by what was received; also where a record that came late is current since."""
        self.forgotten = forgotten
        """What this process claimed of the subject until then may be missing here; nothing later is."""
        self.passed: tuple[int, ...] = ()
        """Ids that were read too late to be those of an entry, the last `STATES` of them. They are on the topic."""

    @property
    def current(self) -> Entry | None:
        """What was observed last; None if nothing was."""
        return self.entries[-1] if self.entries else None

    def observe(self, entry: Entry, at: Instant) -> None:
        """Take note of what was observed; earlier, perhaps, than something else was."""
        if at >= self.observed_at:
            self.observed_at, self.observed = at, entry

    def find(self, key: NaturalKey) -> Entry | None:
        """The entry of this state of this episode."""
        for entry in self.entries:
            if entry.state == key.state and entry.episode == key.episode:
                return entry
        return None

    def unchanged_since(self, entry: Entry) -> bool:
        """True if the subject was claimed to be in no other state after this entry."""
        return all(other.state == entry.state for other in self.entries[self.entries.index(entry) :])

    def says_again(self, entry: Entry) -> bool:
        """True if the topic, whatever came in between, now says what this entry says, or said once it is published."""
        current = self.entries[-1]
        # A current state that never reached the topic proves nothing: there another one may stand.
        return current.durable and current.state == entry.state and (entry.durable or entry.in_flight)

    def contradicts(self, entry: Entry, at: Instant) -> bool:
        """True if a consumer may believe another state, because its record was received later, and not after `at`.

        Then it stands in the log before what is older, or was observed by another gateway or another clock.
        """
        alike = (one.given_at for one in self.entries if one is entry or (one.durable and one.state == entry.state))
        newest = max(alike)
        return any(newest < one.last_at <= at for one in self.entries if one.state != entry.state)

    def overtaken_by(self, late: Sighting) -> int | None:
        """Where the record of what was observed last stands, if it says something else than this later record.

        None while it was not seen in the log, where it will stand behind; and for a record that is there once more.
        """
        observed, known = self.observed, self.find(late.key)
        again = known is not None and known.number == late.number and known.offset is not None
        if observed is None or again or observed.state == late.key.state:
            return None
        return observed.offset

    def pass_over(self, number: int) -> None:
        """Remember of a late record its id alone."""
        if number not in self.passed:
            self.passed = (*self.passed, number)[-STATES:]

    def has_given(self, number: int) -> bool:
        """Whether a record of this id is known, so that another one must not have it."""
        return number in self.passed or any(entry.number == number for entry in self.entries)

    def enter(self, entry: Entry, replaced: Entry | None) -> None:
        """Make an entry the current one, in place of the one for the same state of the same episode."""
        others = self._take_place(entry, replaced)
        # Each delivery brings its own copy of the same text, and with a firing and its resolve one copy will do.
        entry.episode = next((other.episode for other in others if other.episode == entry.episode), entry.episode)
        self.entries = (*others, entry)
        if len(self.entries) > EPISODES:
            self._forget()

    def enter_late(self, entry: Entry, replaced: Entry | None) -> None:
        """Remember an entry that is older than what was observed last, and leave the current one current.

        It becomes current itself where it takes the place of that one, or where there is none.
        """
        if replaced is self.current:
            self.enter(entry, replaced)
            return
        *earlier, current = self._take_place(entry, replaced)
        before = sum(one.given_at <= entry.given_at for one in earlier)
        self.entries = (*earlier[:before], entry, *earlier[before:], current)
        if len(self.entries) > EPISODES:
            self._forget()

    def _take_place(self, entry: Entry, replaced: Entry | None) -> tuple[Entry, ...]:
        """Take over the place of an entry, and its last time, by which a consumer may go; the other entries remain."""
        if replaced is not None:
            entry.last_at = max(entry.last_at, replaced.last_at)
        return tuple(other for other in self.entries if other is not replaced)

    def _forget(self) -> None:
        newest = list(dict.fromkeys(entry.episode for entry in reversed(self.entries)))[:EPISODES]
        kept = tuple([entry for entry in self.entries if entry.episode in newest][-STATES:])
        if len(kept) < len(self.entries):
            self.entries = kept
            self.forgotten = max(self.forgotten, self.observed_at)
