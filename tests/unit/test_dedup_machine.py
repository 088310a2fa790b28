"""One gateway, senders that do as they please, and a consumer that believes what it may: nothing is lost between them.

The consumer drops by message id and believes, of the first occurrences, the one received last. Then it must believe the
newest observation that was acknowledged, or whose record reached the topic without anybody knowing. Newest by arrival:
a straggler, an F that arrives after the R that followed it, counts as firing again, for no rule can tell the two apart.

Left out, because the memory of one process cannot decide it: a restart within the window of a record, until the log is
read back. The same id may be given again (`_blind`).
"""

from collections import OrderedDict
from dataclasses import dataclass, field
from itertools import chain, takewhile

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sre_ingest.dedup import EPISODES, Claim
from sre_ingest.publishing import Outcome
from sre_ingest.sdk.signal import Signal
from sre_ingest.sdk.times import SECOND, Instant
from tests.unit.observations import NOON, Gateway
from tests.unit.senders import PAUSES, SUBJECTS, WINDOWS, Senders


@dataclass
class Arrival:
    """One observation as it came in."""

    subject: str
    signal: Signal
    received_at: Instant
    window: int
    """Of the endpoint that it came to."""
    claim: Claim
    old_id: bool
    """An earlier process gave the same id."""
    landed: bool = False
    """Its own record is on the topic, now or once it arrives."""

    @property
    def counts(self) -> bool:
        """Somebody may rely on it."""
        return self.landed or (self.claim.outcome is not None and self.claim.outcome.durable)


@dataclass
class Given:
    """When a key got the id that it has, and what arrived since."""

    message_id: str
    received_at: Instant
    states: set[str] = field(default_factory=set)
    episodes: set[str] = field(default_factory=set)


class Consumer:
    """Drops by message id and believes, of the first occurrences, the one with the greatest `received_at`."""

    def __init__(self) -> None:
        self._seen: set[str] = set()
        self._newest: dict[str, Arrival] = {}

    def take(self, record: Arrival) -> None:
        """Read the next record of the topic."""
        if record.claim.message_id in self._seen:
            return
        self._seen.add(record.claim.message_id)
        newest = self._newest.get(record.subject)
        if newest is None or record.received_at >= newest.received_at:
            self._newest[record.subject] = record

    def state(self, subject: str) -> str:
        """What it believes."""
        return self._newest[subject].signal.key.state


class OneGateway(RuleBasedStateMachine):
    """Deliveries, outcomes, evictions and restarts in any order."""

    @initialize(
        followed=st.booleans(), max_entries=st.sampled_from([1, 3, 100]), cast=st.sampled_from([SUBJECTS[:1], SUBJECTS])
    )
    def begin(self, followed: bool, max_entries: int, cast: tuple[str, ...]) -> None:
        """An empty topic, a process that has just started; one alert alone, or many subjects in each other's way."""
        self.followed, self.max_entries, self.cast = followed, max_entries, cast
        self.now = NOON
        self.consumer = Consumer()
        self.arrivals: dict[str, list[Arrival]] = {subject: [] for subject in SUBJECTS}
        self.senders = Senders()
        self.in_flight: list[list[Arrival]] = []
        self.late: list[Arrival] = []
        self.ids: dict[str, tuple[Signal, Instant, int]] = {}
        self.old_ids: dict[str, Instant] = {}
        self._start()

    def _start(self) -> None:
        self.gateway = Gateway(since=self.now, followed=self.followed, max_entries=self.max_entries)
        self.since = self.now
        self.remembered: OrderedDict[str, tuple[Instant, dict[str, Given]]] = OrderedDict()

    # What senders do.

    @rule(seconds=st.sampled_from(PAUSES))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self.now = Instant(self.now + seconds * SECOND)

    @rule(data=st.data(), twins=st.booleans(), window=st.sampled_from(WINDOWS))
    def deliver(self, data: st.DataObject, twins: bool, window: int) -> None:
        """New observations, old ones again, perhaps the first one twice, all at one endpoint; all is left in flight."""
        self.now = Instant(self.now + 1_000)
        size = 1 if len(self.cast) == 1 else 4
        subjects = data.draw(st.lists(st.sampled_from(self.cast), min_size=1, max_size=size), label="subjects")
        signals = [self.senders.observe(data, subject, self.now) for subject in subjects]
        if twins:
            subjects, signals = [subjects[0], *subjects], [signals[0], *signals]
        claims = self.gateway.memory.claim(signals, self.now, window)
        assert [claim.signal for claim in claims] == signals
        groups: dict[str, list[Arrival]] = {}
        for subject, claim in zip(subjects, claims, strict=True):
            arrival = self._arrive(subject, claim, window)
            if claim.to_publish:
                groups.setdefault(subject, []).append(arrival)
        self.in_flight += groups.values()
        self._evict()

    # What becomes of the records.

    @precondition(lambda self: self.in_flight)
    @rule(
        data=st.data(),
        outcome=st.sampled_from([Outcome.ACKED, *Outcome]),
        lands=st.sampled_from(["now", "later", "never"]),
    )
    def settle(self, data: st.DataObject, outcome: Outcome, lands: str) -> None:
        """The records of one subject in one delivery are answered for."""
        group = self.in_flight.pop(data.draw(st.integers(0, len(self.in_flight) - 1), label="group"))
        for arrival in group:
            self.gateway.memory.settle(arrival.claim, outcome)
            if outcome == Outcome.ACKED:
                self._land(arrival, "now")
            elif outcome == Outcome.STORED:
                self._land(arrival, "later" if lands == "never" else lands)
            elif outcome == Outcome.UNCERTAIN:
                self._land(arrival, lands)

    @rule()
    def settle_well(self) -> None:
        """Everything in flight is acknowledged."""
        while self.in_flight:
            for arrival in self.in_flight.pop(0):
                self.gateway.memory.settle(arrival.claim, Outcome.ACKED)
                self._land(arrival, "now")

    @precondition(lambda self: self.late)
    @rule()
    def drain(self) -> None:
        """What was stored, or handed over without an answer, reaches the topic at last."""
        while self.late:
            self.consumer.take(self.late.pop(0))

    @rule(lands=st.sampled_from([None, None, None, "now", "later", "never"]))
    def restart(self, lands: str | None) -> None:
        """Now and then the process dies with all it remembers; what was in flight is answered by nobody."""
        if lands is None:
            return
        while self.in_flight:
            for arrival in self.in_flight.pop(0):
                self._land(arrival, lands)
        self.old_ids |= {message_id: received_at for message_id, (_, received_at, _) in self.ids.items()}
        self.ids.clear()
        self._start()

    def teardown(self) -> None:
        """The dust settles."""
        if hasattr(self, "consumer"):
            self.settle_well()
            self.drain()
            self.the_consumer_believes_the_newest_acknowledged_observation()

    def _land(self, arrival: Arrival, lands: str) -> None:
        arrival.landed = lands != "never"
        if lands == "now":
            self.consumer.take(arrival)
        elif lands == "later":
            self.late.append(arrival)

    # What must hold.

    def _arrive(self, subject: str, claim: Claim, window: int) -> Arrival:
        arrival = Arrival(subject, claim.signal, self.now, window, claim, claim.message_id in self.old_ids)
        if claim.to_publish:
            self._an_id_is_given_again_only_to_the_same_observation(arrival)
        else:
            assert claim.outcome is None or claim.outcome.durable
        self._retries_and_twins_share_one_id(arrival)
        self.arrivals[subject].append(arrival)
        return arrival

    def _an_id_is_given_again_only_to_the_same_observation(self, arrival: Arrival) -> None:
        key, message_id = arrival.signal.key, arrival.claim.message_id
        if arrival.old_id and message_id not in self.ids:
            assert key.once or arrival.received_at - self.old_ids[message_id] < arrival.window
        arrivals = self.arrivals[arrival.subject]
        if message_id in self.ids:
            signal, _, position = self.ids[message_id]
            assert signal.key == key
            assert {other.signal.key.state for other in arrivals[position:]} == {key.state}
        self.ids[message_id] = (arrival.signal, arrival.received_at, len(arrivals))

    def _retries_and_twins_share_one_id(self, arrival: Arrival) -> None:
        key, message_id = arrival.signal.key, arrival.claim.message_id
        _, remembered = self.remembered.pop(arrival.subject, (self.now, {}))
        self.remembered[arrival.subject] = (self.now, remembered)
        for given in remembered.values():
            given.states.add(key.state)
            given.episodes.add(key.episode)
        known = remembered.get(str(key))
        if known and known.states == {key.state} and len(known.episodes) <= EPISODES:
            assert message_id == known.message_id or arrival.received_at - known.received_at >= arrival.window
        if known is None or message_id != known.message_id:
            remembered[str(key)] = Given(message_id, arrival.received_at, {key.state}, {key.episode})

    def _evict(self) -> None:
        while len(self.remembered) > self.max_entries:
            _, (observed_at, _) = self.remembered.popitem(last=False)
            self.since = max(self.since, observed_at)
        assert self.gateway.memory.since == self.since
        assert self.gateway.metric("dedup_entries") == len(self.remembered)

    @precondition(lambda self: hasattr(self, "consumer"))
    @invariant()
    def the_consumer_believes_the_newest_acknowledged_observation(self) -> None:
        """Wherever the dust has settled: nothing of the subject is in flight or still to land."""
        unsettled = {arrival.subject for arrival in (*self.late, *chain.from_iterable(self.in_flight))}
        for subject, arrivals in self.arrivals.items():
            newest = next((arrival for arrival in reversed(arrivals) if arrival.counts), None)
            if newest is not None and subject not in unsettled and not self._blind(arrivals, newest):
                assert self.consumer.state(subject) == newest.signal.key.state

    def _blind(self, arrivals: list[Arrival], newest: Arrival) -> bool:
        """A restarted process gave an id that is on the topic already; undecidable until it reads the log back.

        It may have done so for an earlier observation of the same state, of which the newest is a repeat.
        """
        alike = takewhile(lambda one: one.signal.key.state == newest.signal.key.state, reversed(arrivals))
        return any(one.old_id and not one.signal.key.once for one in (newest, *alike))


OneGateway.TestCase.settings = settings(
    max_examples=250,
    stateful_step_count=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],  # explaining a failure takes minutes
)
test_what_a_consumer_believes_is_the_newest_acknowledged_observation = OneGateway.TestCase
