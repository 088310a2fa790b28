"""Two gateways on one topic, senders that do as they please, and a consumer that believes what it may.

Each gateway is a real memory; the topic, the lag of its followers, the spools and the clocks are a model
(`shared_topic`). The consumer drops by message id and believes, of the first occurrences, the one with the greatest
`received_at`. It must believe the newest observation, by `received_at`, that anybody may rely on.

No rule can decide, and so nothing is asked of, one case: the gateway that took the newest observation could not know
yet of the very record that the consumer believes in its stead, or of the very record whose id it gave a second time.
Such a record was still to come in the log: on its way from the other gateway or in its spool, not read yet, or sent by
an earlier life of this gateway that nobody had answered. But as soon as both gateways have read everything, one
repetition of that observation, at either, must put the consumer right.

There are three exceptions, which a refresh puts right: one delivery that said two states of one subject, read back out
of order; an id that was given twice as above, of which the gateway does not know the first record any more, because
another id took its place, the subject or its episode was forgotten, or a clock was set (`_cannot_tell`); and a subject
that was forgotten where a clock was set (`_lost`).

`HISTORIES` says how many histories are tried; `make faults` tries 2,000, each time others.
"""

import os
from itertools import chain

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sre_ingest.dedup import EPISODES
from sre_ingest.publishing import Outcome
from sre_ingest.sdk.signal import Signal
from sre_ingest.sdk.times import SECOND, Instant
from tests.unit.observations import NOON
from tests.unit.senders import PAUSES, SEEN_ONCE, SUBJECTS, WINDOWS, Senders
from tests.unit.shared_topic import Arrival, Host, Topic

HISTORIES = int(os.environ.get("HISTORIES", "100"))
HOSTS = st.sampled_from([0, 1])
STEPS = [-700, -40, -5, -1, 1, 5, 40, 700]


class TwoGateways(RuleBasedStateMachine):
    """Deliveries, outcomes, lag, evictions, restarts and clocks in any order, at two gateways."""

    @initialize(max_entries=st.sampled_from([1, 3, 100]), cast=st.sampled_from([SUBJECTS[:1], SUBJECTS[:3], SUBJECTS]))
    def begin(self, max_entries: int, cast: tuple[str, ...]) -> None:
        """An empty topic and two gateways that have just started; one alert alone, or subjects in each other's way."""
        self.cast, self.now = cast, NOON
        self.topic = Topic()
        self.hosts = [Host(self.topic, max_entries, self.now) for _ in range(2)]
        self.stepped = False
        self.senders = Senders()
        self.arrivals: list[Arrival] = []
        self.late: list[tuple[Host, Arrival]] = []

    # What senders and clocks do.

    @rule(seconds=st.sampled_from(PAUSES))
    def wait(self, seconds: int) -> None:
        """Time passes."""
        self._pass(seconds * SECOND)

    @rule(number=HOSTS, seconds=st.sampled_from(STEPS))
    def step(self, number: int, seconds: int) -> None:
        """The clock of a gateway is set."""
        self.hosts[number].ahead += seconds * SECOND
        self.stepped = True

    @rule(data=st.data(), number=HOSTS, both=st.booleans(), window=st.sampled_from(WINDOWS))
    def deliver(self, data: st.DataObject, number: int, both: bool, window: int) -> None:
        """Observations, new or once more, at one gateway, or as the members of a pair do at both; all is in flight."""
        size = 1 if len(self.cast) == 1 else 3
        subjects = data.draw(st.lists(st.sampled_from(self.cast), min_size=1, max_size=size), label="subjects")
        signals = [self.senders.observe(data, subject, self.now) for subject in subjects]
        for host in [self.hosts[number], self.hosts[1 - number]][: 2 if both else 1]:
            self._deliver(host, subjects, signals, window)

    def _deliver(self, host: Host, subjects: list[str], signals: list[Signal], window: int) -> None:
        self._pass(1_000)
        at = host.time(self.now)
        groups: dict[str, list[Arrival]] = {}
        for subject, claim in zip(subjects, host.life.gateway.memory.claim(signals, at, window), strict=True):
            arrival = Arrival(len(self.arrivals), subject, claim.signal, at, window, claim, host.life)
            self._retries_and_twins_share_one_id(arrival)
            self.arrivals.append(arrival)
            if claim.to_publish:
                host.life.told[arrival.order] = arrival.order
                groups.setdefault(subject, []).append(arrival)
        host.in_flight += groups.values()

    def _pass(self, nanoseconds: int) -> None:
        self.now = Instant(self.now + nanoseconds)
        for host in self.hosts:
            host.look(self.now)

    # What becomes of the records.

    @rule(
        data=st.data(), number=HOSTS, outcome=st.sampled_from([Outcome.ACKED, *Outcome]), lands=st.sampled_from("nlx")
    )
    def settle(self, data: st.DataObject, number: int, outcome: Outcome, lands: str) -> None:
        """The records of one subject in one delivery are answered for; unanswered, they land now, later or never."""
        host = self.hosts[number]
        if not host.in_flight:
            return
        group = host.in_flight.pop(data.draw(st.integers(0, len(host.in_flight) - 1), label="group"))
        for arrival in group:
            host.life.gateway.memory.settle(arrival.claim, outcome)
            if outcome is Outcome.STORED:
                host.spool.append(arrival)
            elif outcome is Outcome.ACKED or (outcome is Outcome.UNCERTAIN and lands == "n"):
                host.land(arrival, self.now)
            elif outcome is Outcome.UNCERTAIN and lands == "l":
                self.late.append((host, arrival))

    @rule(number=HOSTS)
    def settle_well(self, number: int) -> None:
        """Everything in flight at a gateway is acknowledged."""
        host = self.hosts[number]
        for arrival in chain.from_iterable(host.in_flight):
            host.life.gateway.memory.settle(arrival.claim, Outcome.ACKED)
            host.land(arrival, self.now)
        host.in_flight.clear()

    @rule(number=HOSTS, count=st.sampled_from([1, 1_000]))
    def drain(self, number: int, count: int) -> None:
        """What waits in a spool reaches the topic."""
        host = self.hosts[number]
        for arrival in host.spool[:count]:
            host.land(arrival, self.now)
        del host.spool[:count]

    @precondition(lambda self: self.late)
    @rule()
    def arrive(self) -> None:
        """What was handed over and never answered reaches the topic after all."""
        for host, arrival in self.late:
            host.land(arrival, self.now)
        self.late.clear()

    # What gateways do.

    @rule(number=HOSTS, portion=st.sampled_from([1, 3, 1_000]))
    def follow(self, number: int, portion: int) -> None:
        """A gateway reads on."""
        self.hosts[number].follow(portion, len(self.arrivals) - 1)

    @rule(number=HOSTS)
    def restate(self, number: int) -> None:
        """What a late record has overtaken is said again."""
        host = self.hosts[number]
        if not host.life.overtaken:
            return
        self._pass(1_000)
        if (arrival := host.restate(len(self.arrivals))) is not None:
            self.arrivals.append(arrival)
            host.life.told[arrival.order] = arrival.order
            host.in_flight.append([arrival])

    @rule(number=HOSTS, lands=st.sampled_from([None, None, None, "now", "later", "never"]))
    def restart(self, number: int, lands: str | None) -> None:
        """Now and then a gateway dies with all it remembers; what was in flight is answered by nobody."""
        if lands is None:
            return
        host = self.hosts[number]
        for arrival in chain.from_iterable(host.in_flight):
            if lands == "now":
                host.land(arrival, self.now)
            elif lands == "later":
                self.late.append((host, arrival))
        host.in_flight.clear()
        host.start(self.now)

    # What must hold.

    def _retries_and_twins_share_one_id(self, arrival: Arrival) -> None:
        """As soon as the gateway has read of one; asked of a subject that is in its first window and first state."""
        life = arrival.life
        if self.stepped or life.gateway.metric("dedup_evictions_total"):
            return
        alike = [one for one in self.arrivals if one.subject == arrival.subject]
        known = {one.claim.message_id for one in alike if one.order in life.told}
        alone = all(
            one.signal.key == arrival.signal.key and arrival.received_at - one.received_at < arrival.window
            for one in alike
        )
        if known and alone:
            assert arrival.claim.message_id in known

    @precondition(lambda self: hasattr(self, "topic"))
    @invariant()
    def the_consumer_believes_the_newest_observation(self) -> None:
        """Wherever the dust has settled: nothing of the subject is in flight or still to land."""
        for subject, newest in self._newest().items():
            believed, first = self.topic.believed[subject], self.topic.first[newest.claim.message_id]
            if believed.signal.key.state != newest.signal.key.state:
                assert not (newest.knew(believed) and newest.knew(first)) or self._lost(newest)

    def _lost(self, arrival: Arrival) -> bool:
        return self.stepped and bool(arrival.life.gateway.metric("dedup_evictions_total"))

    def _newest(self) -> dict[str, Arrival]:
        waiting = [one for host in self.hosts for one in chain(host.spool, *host.in_flight)]
        unsettled = {one.subject for one in chain(waiting, (late for _, late in self.late))}
        counting = [one for one in self.arrivals if one.counts and one.subject not in unsettled]
        last = {one.subject: one for one in counting}
        newest = {one.subject: one for one in sorted(counting, key=lambda one: one.received_at)}
        # Of what is seen once by nature, an earlier observation is no news, and a clock may say that it is.
        return {
            subject: one
            for subject, one in newest.items()
            if subject not in SEEN_ONCE or one.signal.key == last[subject].signal.key
        }

    def teardown(self) -> None:
        """The dust settles, everybody reads everything, and every subject is observed once more at either gateway."""
        if not hasattr(self, "topic"):
            return
        self._come_to_rest()
        self.the_consumer_believes_the_newest_observation()
        newest = self._newest()
        start = max([self.now, *(one.received_at - min(host.ahead for host in self.hosts) for one in newest.values())])
        self._pass(start - self.now)
        for host in self.hosts[:: 1 if len(self.arrivals) % 2 else -1]:
            for subject, last in newest.items():
                self._deliver(host, [subject], [last.signal], last.window)
            again = self.arrivals[-len(newest) :] if newest else []
            self._come_to_rest()
            for one in again:
                believed = self.topic.believed[one.subject].signal.key.state
                assert believed == one.signal.key.state or self._cannot_tell(one)

    def _cannot_tell(self, repeat: Arrival) -> bool:
        key, message_id = repeat.signal.key, repeat.claim.message_id
        given = [one for one in self.arrivals if one.signal.key == key and one.claim.to_publish]
        times = {one.received_at for one in given if one.claim.message_id == message_id}
        as_before = not repeat.claim.to_publish or key.once
        replaced = len({one.claim.message_id for one in given}) > 1
        episodes = {one.signal.key.episode for one in self.arrivals if one.subject == repeat.subject}
        evicted = bool(repeat.life.gateway.metric("dedup_evictions_total")) or len(episodes) > EPISODES
        at_once = self.topic.believed[repeat.subject].received_at in times
        return self._lost(repeat) or (
            as_before and (at_once or (len(times) > 1 and (replaced or evicted or self.stepped)))
        )

    def _come_to_rest(self) -> None:
        while True:
            for number in range(len(self.hosts)):
                self.settle_well(number)
                self.drain(number, 1_000)
            self.late and self.arrive()
            for host in self.hosts:
                while host.is_behind:
                    host.follow(1_000, len(self.arrivals) - 1)
            if not any(host.life.overtaken for host in self.hosts):
                return
            for number in range(len(self.hosts)):
                self.restate(number)


pytestmark = pytest.mark.timeout(900)  # to make a failure small takes longer than to find it

TwoGateways.TestCase.settings = settings(
    max_examples=HISTORIES,
    derandomize="HISTORIES" not in os.environ,  # the short run is the same each time, the long one looks further
    stateful_step_count=40,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],  # explaining a failure takes minutes
)
test_two_gateways_leave_a_consumer_with_the_newest_observation = TwoGateways.TestCase
