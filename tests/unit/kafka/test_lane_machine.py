"""A lane between a broker and a disk that do the worst they may.

            put                      what lies in the spool is delivered
    direct ------> batch under way --------------------------------------+
      ^               |      |                                           |
      |  acknowledged |      | late, or refused: all beside it goes to   |
      +---------------+      v the spool, in order of arrival            |
      ^                    turned <--------------------------------------+
      |                      |   put: to the spool, behind all others
      +----------------------+
        nothing is left in the spool, and nothing is on its way there

Whatever happens in between, once broker and disk are well again: every record that was answered ACKED or STORED is on
the topic or parked, in the order in which it was put; what was answered FAILED or REFUSED never is; and nothing else.
Nothing is there twice but for a reason: an answer that was lost, a batch that came late, a kill.
"""

import asyncio
from collections.abc import Callable, Coroutine
from contextlib import suppress

import pytest
from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from prometheus_client import CollectorRegistry

from sre_ingest.kafka.batching import weigh
from sre_ingest.kafka.entry import Entry
from sre_ingest.kafka.failures import ERRORS
from sre_ingest.kafka.lane import Lane
from sre_ingest.kafka.ticket import Ticket
from sre_ingest.metrics import KafkaMetrics
from sre_ingest.publishing import Outcome, Record
from tests.unit.kafka.worlds import Broker, Disk, Fate, Loop, Mood

PATIENCE = 1.0
"""Seconds until a record that Kafka has not taken goes to the spool."""
PAUSES = [0.0, 0.002, 0.02, 0.5, 1.001, 11.0]


class OneLane(RuleBasedStateMachine):
    """One partition, and everything that can happen to it."""

    def __init__(self) -> None:
        super().__init__()
        self.loop = Loop()
        self.run(self._begin())

    async def _begin(self) -> None:
        self.broker, self.disk = Broker(), Disk()
        self.put_ = 0
        self.tickets: list[tuple[range, Ticket]] = []
        self.dead: set[int] = set()
        """Records of which nobody was told anything before the process was killed."""
        self.damaged: set[int] = set()
        self.doubled = False
        """Whether anything happened that may bring a record twice."""
        await self._start()

    async def _start(self) -> None:
        metrics = KafkaMetrics(CollectorRegistry(), errors=ERRORS)
        self.lane = Lane(0, self.broker, self.disk, metrics)
        await self.disk.start(self.lane.adopt)
        self.task = asyncio.create_task(self.lane.run())

    def run(self, what: Coroutine[object, object, None]) -> None:
        """Do something in the lane's time."""
        self.loop.run_until_complete(what)

    @rule(count=st.integers(1, 6))
    def records_come(self, count: int) -> None:
        """One delivery."""

        async def put() -> None:
            values = range(self.put_, self.put_ + count)
            self.put_ += count
            records = [Record(b"key", (), b"%d" % value) for value in values]
            ticket = Ticket(count, 0, lambda _: None)
            ticket.due_in(PATIENCE, self.lane.turn_for)
            self.lane.put([Entry(record, weigh(record), ticket, at) for at, record in enumerate(records)])
            self.tickets.append((values, ticket))

        self.run(put())

    @rule(count=st.integers(1, 3))
    def a_record_comes_that_kafka_never_takes(self, count: int) -> None:
        """Among good ones."""
        self.broker.poison.add(self.put_ + count - 1)
        self.records_come(count + 1)

    @rule(seconds=st.sampled_from(PAUSES))
    def time_passes(self, seconds: float) -> None:
        """A little or much."""
        self.run(asyncio.sleep(seconds))

    @precondition(lambda self: self.broker.batches)
    @rule(fate=st.sampled_from(Fate))
    def a_batch_ends(self, fate: Fate) -> None:
        """As the broker likes."""

        async def end() -> None:
            _, batch = self.broker.batches[0]
            self.doubled = self.doubled or fate in (Fate.DOUBLED, Fate.UNANSWERED)
            self.broker.settle(batch, fate)

        self.run(end())

    @rule(reachable=st.booleans())
    def the_cluster_goes_or_comes(self, reachable: bool) -> None:
        """For what is not under way yet."""
        self.broker.reach(reachable)

    @rule()
    def the_producer_is_replaced(self) -> None:
        """What it has under way may still arrive."""
        self.run(_now(self.broker.close))

    @precondition(lambda self: self.broker.stray)
    @rule(data=st.data())
    def a_stray_batch_arrives(self, data: st.DataObject) -> None:
        """Long after its producer was closed: a duplicate, or what nobody was promised."""
        self.doubled = True
        self.broker.topic += self.broker.stray.pop(data.draw(st.integers(0, len(self.broker.stray) - 1)))

    @rule(mood=st.sampled_from(Mood))
    def the_disk_changes(self, mood: Mood) -> None:
        """For the better or the worse. Of what a slow one keeps after its answer nobody knows the numbers, so a batch
        that is acknowledged meanwhile cannot take its copy back.
        """
        self.doubled = self.doubled or mood is Mood.SLOW
        self.disk.mood = mood

    @precondition(lambda self: self.disk.rows)
    @rule(data=st.data())
    def a_row_is_damaged(self, data: st.DataObject) -> None:
        """It cannot be delivered, and holds up nobody."""
        number = data.draw(st.sampled_from(sorted(self.disk.rows)))
        self.disk.damaged.add(number)
        self.damaged.add(int(self.disk.rows[number].value))

    @rule()
    def the_gateway_is_killed(self) -> None:
        """What nobody was answered is nobody's; what lies on the disk is delivered by the next one."""

        async def kill() -> None:
            self.doubled = True
            self.task.cancel()
            with suppress(asyncio.CancelledError):
                await self.task
            others = asyncio.all_tasks() - {asyncio.current_task()}
            for task in others:
                task.cancel()
            await asyncio.gather(*others, return_exceptions=True)
            for values, ticket in self.tickets:
                if ticket._timer is not None:
                    ticket._timer.cancel()
                self.dead |= {value for at, value in enumerate(values) if ticket.waits_for(at)}
            self.broker.close()
            await asyncio.sleep(0.02)  # what the disk has begun it ends
            await self._start()

        self.run(kill())

    @invariant()
    def nothing_appears_that_is_not_to(self) -> None:
        """What was refused for certain is not on the topic, and nothing is that was never put."""
        answers = self._answers()
        assert all(value < self.put_ for value in self.broker.topic)
        for value in set(self.broker.topic):
            assert answers.get(value) not in (Outcome.FAILED, Outcome.REFUSED)

    def teardown(self) -> None:
        """All is well again: now everything has to be where it belongs."""

        async def settle() -> None:
            self.disk.mood = Mood.WELL
            self.broker.obliging = True
            self.broker.reach(True)
            for _, batch in list(self.broker.batches):
                self.broker.decide(batch)
            await asyncio.sleep(120)

        try:
            self.run(settle())
            self._judge()
        finally:
            self.run(self._end())
            self.loop.close()

    async def _end(self) -> None:
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    def _judge(self) -> None:
        assert not self.lane.turned
        assert self.broker.faults == []
        assert set(self.disk.rows) <= self.disk.stuck
        self.nothing_appears_that_is_not_to()
        answers = self._answers()
        assert set(answers) | self.dead == set(range(self.put_)), "everybody was answered"
        assert {value for value, outcome in answers.items() if outcome is Outcome.REFUSED} <= self.broker.poison
        # Of what was set aside a stray copy may still arrive, at any time.
        durable = {value for value, outcome in answers.items() if outcome.durable} - set(self.disk.parked)
        found = list(dict.fromkeys(value for value in self.broker.topic if value in durable))
        assert set(found) == durable
        assert set(self.disk.parked) <= self.broker.poison | self.damaged
        assert found == sorted(found)
        assert self.doubled or len(set(self.broker.topic)) == len(self.broker.topic)

    def _answers(self) -> dict[int, Outcome]:
        return {
            value: outcome
            for values, ticket in self.tickets
            for value, outcome in zip(values, ticket._outcomes, strict=True)
            if outcome is not None and value not in self.dead
        }


async def _now(call: Callable[[], None]) -> None:
    call()


OneLane.TestCase.settings = settings(
    max_examples=200,
    stateful_step_count=30,
    deadline=None,
    phases=[Phase.explicit, Phase.reuse, Phase.generate, Phase.shrink],
)
test_whatever_happens_what_is_durable_arrives_in_order = OneLane.TestCase


@pytest.mark.parametrize("mood", Mood)
@pytest.mark.parametrize("fate", Fate)
@pytest.mark.parametrize("answered_after", [0.02, 1.001, 11.0], ids=["in time", "late", "hanging"])
def test_every_answer_of_the_broker_on_every_disk(fate: Fate, mood: Mood, answered_after: float) -> None:
    """What the machine draws at random is met here for certain: each answer, at each time, on each disk."""
    lane = OneLane()
    lane.the_disk_changes(mood)
    lane.records_come(3)
    lane.time_passes(0.0)
    ((_, batch),) = lane.broker.batches
    lane.records_come(2)
    lane.time_passes(answered_after)
    if any(one is batch for _, one in lane.broker.batches):
        lane.a_batch_ends(fate)
    else:
        assert lane.broker.stray == [batch.values], "its producer was closed, and it may arrive yet"
        lane.doubled = True
        lane.broker.settle(batch, fate)
    assert batch.future.done()
    lane.time_passes(0.5)
    lane.teardown()
