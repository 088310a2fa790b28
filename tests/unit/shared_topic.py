"""Two gateways on one topic, as a model around two real memories: a log with lag, spools that drain late, clocks."""

from dataclasses import dataclass

from sre_ingest.dedup import Claim, Overtaken, Sighting
from sre_ingest.publishing import Outcome
from sre_ingest.sdk.signal import Signal
from sre_ingest.sdk.times import SECOND, Instant
from tests.unit.observations import HOUR, Gateway

FRESH = 3 * SECOND
"""How long a follower that has not heard of new records is believed to know them all (kafka/follower.py)."""


class Life:
    """One run of a gateway, from its start to the next: its memory, and what that was told, and when."""

    def __init__(self, gateway: Gateway, since: Instant) -> None:
        self.gateway = gateway
        self.since = since
        """How far back the log is read."""
        self.told: dict[int, int] = {}
        """Records by the order of their arrival, with the order of the last arrival before they were told."""
        self.begin: int | None = None
        """Offset from which the log is read back; None until that is begun, after the spool was read."""
        self.end = self.next = 0
        self.recalled = False
        self.overtaken: list[Overtaken] = []
        """What has to be said again."""


@dataclass(eq=False)
class Arrival:
    """One observation as it came in, and its record if it became one."""

    order: int
    subject: str
    signal: Signal
    received_at: Instant
    window: int
    claim: Claim
    life: Life
    offset: int | None = None
    """Where its record is on the topic."""

    @property
    def counts(self) -> bool:
        """Somebody may rely on it."""
        return self.offset is not None or (self.claim.outcome is not None and self.claim.outcome.durable)

    @property
    def sighting(self) -> Sighting:
        """Its record as a memory sees it."""
        message_id = self.claim.message_id
        return Sighting(
            self.signal.key, message_id, int(message_id.replace("-", ""), 16), self.received_at, self.offset
        )

    def knew(self, other: "Arrival") -> bool:
        """Whether the gateway that took this one had to know of the other's record then.

        It did not if that was still to come in the log: on its way, in a spool, or not read yet.
        It had to know, though it could not, if that lay before what is read back of the log at the start.
        """
        begin = self.life.begin
        forgotten = other.offset is not None and begin is not None and other.offset < begin
        return forgotten or self.life.told.get(other.order, self.order) < self.order


@dataclass(frozen=True, slots=True)
class Record:
    """What stands at one offset."""

    arrival: Arrival
    landed_at: Instant
    sent_at: Instant
    """By the clock of its gateway: the timestamp by which a reader finds where to begin."""


class Topic:
    """Records in the order in which they came, and a consumer that reads them (docs/consuming.md)."""

    def __init__(self) -> None:
        self.records: list[Record] = []
        self.first: dict[str, Arrival] = {}
        """The first occurrence of each id."""
        self.believed: dict[str, Arrival] = {}
        """Of each subject, the first occurrence with the greatest `received_at`."""

    def land(self, arrival: Arrival, now: Instant, sent_at: Instant) -> None:
        """A record comes into the log, and the consumer takes it."""
        arrival.offset = len(self.records)
        self.records.append(Record(arrival, now, sent_at))
        if self.first.setdefault(arrival.claim.message_id, arrival) is not arrival:
            return
        believed = self.believed.get(arrival.subject)
        if believed is None or arrival.received_at >= believed.received_at:
            self.believed[arrival.subject] = arrival


class Host:
    """One gateway through all its lives: its clock and its spool outlive them."""

    def __init__(self, topic: Topic, max_entries: int, now: Instant) -> None:
        self._topic, self._max_entries = topic, max_entries
        self.ahead = 0
        """Nanoseconds by which its clock is."""
        self.in_flight: list[list[Arrival]] = []
        self.spool: list[Arrival] = []
        self.start(now)

    def start(self, now: Instant) -> None:
        """Begin a life, which knows nothing yet."""
        at = self.time(now)
        self.life = Life(Gateway(since=at, max_entries=self._max_entries), Instant(at - HOUR))

    def time(self, now: Instant) -> Instant:
        """What its clock shows."""
        return Instant(now + self.ahead)

    def land(self, arrival: Arrival, now: Instant) -> None:
        """Send a record, which arrives."""
        self._topic.land(arrival, now, self.time(now))

    @property
    def is_behind(self) -> bool:
        """Whether there is something that it has not read."""
        return self.life.begin is None or self.life.next < len(self._topic.records)

    def follow(self, portion: int, order: int) -> None:
        """Read on: at the start the spool, then the log as far as it went then, then what comes."""
        life, memory = self.life, self.life.gateway.memory
        if life.begin is None:
            self._read_spool(life, order)
            return
        found = [record.arrival for record in self._topic.records[life.next : life.next + portion]]
        before = max(life.end - life.next, 0)
        memory.recall([one.sighting for one in found[:before]])
        life.overtaken += memory.see([one.sighting for one in found[before:]]).overtaken
        _tell(life, found, order)
        life.next += len(found)
        if life.next >= life.end and not life.recalled:
            memory.reaches(life.since)
            life.recalled = True
        memory.followed = life.recalled and not self.is_behind

    def restate(self, order: int) -> Arrival | None:
        """Say the first of what was overtaken again, if it still has to be; what has to be published for that."""
        overtaken = self.life.overtaken.pop(0)
        found = self._topic.records[overtaken.offset].arrival
        again = self.life.gateway.memory.restate(found.sighting, overtaken.late)
        if again is None:
            return None
        claim = Claim(found.signal, again.message_id, again.attempt, to_publish=True)
        return Arrival(order, found.subject, found.signal, again.received_at, found.window, claim, self.life)

    def _read_spool(self, life: Life, order: int) -> None:
        sightings = [one.sighting for one in self.spool]
        life.gateway.memory.expect(sightings)
        life.gateway.memory.recall(sightings, Outcome.STORED)
        _tell(life, self.spool, order)
        life.end = len(self._topic.records)
        found = (n for n, record in enumerate(self._topic.records) if record.sent_at >= life.since)
        life.begin = life.next = next(found, life.end)

    def look(self, now: Instant) -> None:
        """What it has not read for some time it knows that it has not read."""
        if self.is_behind and (self.life.begin is None or self._topic.records[self.life.next].landed_at < now - FRESH):
            self.life.gateway.memory.followed = False


def _tell(life: Life, found: list[Arrival], order: int) -> None:
    for one in found:
        life.told.setdefault(one.order, order)
