"""What was observed last is said again, where the log would end with a record that was received before it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from prometheus_client import CollectorRegistry

from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent
from sre_ingest.addressing import address
from sre_ingest.dedup import Claim, Overtaken, Sighting, sighting
from sre_ingest.envelope import seal
from sre_ingest.metrics import RecollectionMetrics, RestatementMetrics
from sre_ingest.publishing import Outcome, Record
from sre_ingest.recollection import Recollection, Span
from sre_ingest.restating import MOST, OUTCOMES, Find, Restating
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.signal import Reading, Signal
from sre_ingest.sdk.times import rfc3339
from tests.unit.observations import NOON, Gateway, at, check, firing, resolved

DELIVERY = samples.delivery(Adapter("any", lambda _: Reading(())), b"")


class Side:
    """One gateway on a log of one partition: its memory, how far it has read, and what it says again."""

    def __init__(self, log: list[Record]) -> None:
        self.log = log
        self.gateway = Gateway()
        self.outcome = Outcome.ACKED
        self._registry = CollectorRegistry()
        self.restating = Restating(self.gateway.memory, RestatementMetrics(self._registry, outcomes=OUTCOMES))
        metrics = RecollectionMetrics(self._registry)
        self._recollection = Recollection(
            self.gateway.memory, Span(NOON, NOON), metrics, lambda: NOON, self.restating.tell
        )
        self._read = 0

    def publish(self, signal: Signal, seconds: float) -> Claim:
        """Observe something; its record, if it becomes one, is on the log at once."""
        claim = self.gateway.see(signal, seconds)
        if claim.to_publish:
            self.land(claim, seconds)
        return claim

    def land(self, claim: Claim, seconds: float) -> None:
        """Put the record of a claim on the log."""
        intent = seal(claim.signal, claim.message_id, DELIVERY)
        self.log.append(address(intent, claim.signal.key.text, at(seconds)))

    async def read(self) -> None:
        """Read what has come, and say again what has to be."""
        self.follow()
        await self.say()

    def follow(self) -> None:
        """Read what has come."""
        placed = list(enumerate(self.log))[self._read :]
        self._read = len(self.log)
        self._recollection.see(0, [(offset, record.headers) for offset, record in placed])

    async def say(self) -> None:
        """Say again what has to be."""
        with suppress(TimeoutError):
            async with asyncio.timeout(0.02):
                await self.restating.run(self.finding, self._publish)

    @asynccontextmanager
    async def finding(self) -> AsyncIterator[Find]:
        """The log, by offset."""
        yield self.find

    async def find(self, partition: int, offset: int) -> Record | None:
        """One record of it."""
        assert partition == 0
        return self.log[offset]

    async def _publish(self, records: Sequence[Record]) -> Sequence[Outcome]:
        if self.outcome.durable:
            self.log.extend(records)
        return [self.outcome] * len(records)

    def count(self, outcome: str) -> float | None:
        """How many ended so."""
        return self._registry.get_sample_value("sre_ingest_dedup_restatements_total", {"outcome": outcome})


@pytest.fixture
def log() -> list[Record]:
    return []


@pytest.fixture
def sides(log: list[Record]) -> tuple[Side, Side]:
    """Two gateways on one log."""
    return Side(log), Side(log)


def states(log: list[Record]) -> list[str]:
    """What the records say, in their order."""
    return [seen(record).key.state for record in log]


def seen(record: Record) -> Sighting:
    """The record as a memory sees it."""
    found = sighting(record.headers)
    assert found is not None
    return found


async def overtaken(one: Side, two: Side) -> Claim:
    """R of 10 is behind the newer F of 20, which is returned."""
    late = two.gateway.see(resolved(), 10, Outcome.STORED)
    newer = one.publish(firing(at(15)), 20)
    two.land(late, 10)
    return newer


async def test_sequence_7_the_topic_ends_firing(sides: tuple[Side, Side], log: list[Record]) -> None:
    """R waits in a spool while another takes a newer F, and drains last: F is said again, under an id of its own."""
    one, two = sides
    newer = await overtaken(one, two)
    await one.read()
    assert states(log) == ["firing", "resolved", "firing"]
    again = seen(log[2])
    assert again.message_id not in (newer.message_id, seen(log[1]).message_id)
    assert again.key == seen(log[0]).key
    assert again.received_at == at(20)
    assert one.count("published") == 1
    for _ in range(2):
        await one.read()
        await two.read()
    assert len(log) == 3
    assert one.gateway.see(firing(at(15)), 30).message_id == again.message_id


async def test_it_says_what_was_said_but_for_id_and_time(sides: tuple[Side, Side], log: list[Record]) -> None:
    """Key, headers and content are those of the record that was overtaken; it is valid, and its time is everywhere."""
    one, two = sides
    await overtaken(one, two)
    one.publish(firing(at(15)), 22)
    await one.read()
    said, again = log[0], log[2]
    assert again.key == said.key
    assert {name for name, _ in again.headers} == {name for name, _ in said.headers}
    differing = {name for (name, mine), (_, yours) in zip(again.headers, said.headers, strict=True) if mine != yours}
    assert differing == {"ce_id", "ce_receivedtime"}
    intent = SreDomainIntent.FromString(again.value)
    assert intent.meta.message_id == dict(again.headers)["ce_id"].decode()
    assert rfc3339(at(22)) == dict(again.headers)["ce_receivedtime"].decode()
    assert intent.ingest_alert_requested.received_at.ToNanoseconds() == at(22)


async def test_duplicates_count_as_observations(sides: tuple[Side, Side], log: list[Record]) -> None:
    """F of 1 was repeated at 20: R of 10 is older than that, and the time of the repetition is said."""
    one, two = sides
    one.publish(firing(), 1)
    assert not one.publish(firing(), 20).to_publish
    two.land(two.gateway.see(resolved(), 10), 10)
    await one.read()
    assert states(log) == ["firing", "resolved", "firing"]
    assert seen(log[2]).received_at == at(20)


async def test_whoever_was_late_says_it_too(sides: tuple[Side, Side], log: list[Record]) -> None:
    """The other may have ended meanwhile. Both say it under one id."""
    one, two = sides
    newer = one.publish(firing(at(15)), 20)
    await two.read()
    late = two.gateway.see(resolved(), 25, Outcome.STORED)
    again = one.publish(firing(at(26)), 30)
    await two.read()
    two.land(late, 25)
    for side in sides:
        side.follow()
    for side in sides:
        await side.say()
    assert states(log) == ["firing", "firing", "resolved", "firing", "firing"]
    ids = [seen(record).message_id for record in log]
    assert ids[:2] == [newer.message_id, again.message_id]
    assert ids[3] == ids[4]


async def test_what_was_not_seen_on_the_log_will_stand_behind(sides: tuple[Side, Side], log: list[Record]) -> None:
    """The newer F is on its way yet: nothing has to be said again."""
    one, two = sides
    newer = one.gateway.see(firing(at(15)), 20)
    two.land(two.gateway.see(resolved(), 10), 10)
    await one.read()
    one.land(newer, 20)
    await one.read()
    assert states(log) == ["resolved", "firing"]


async def test_a_record_that_is_there_twice_is_nothing_new(sides: tuple[Side, Side], log: list[Record]) -> None:
    """A consumer drops the second by its id."""
    one, two = sides
    first = one.publish(firing(), 1)
    two.publish(resolved(), 10)
    one.land(first, 1)
    await one.read()
    assert states(log) == ["firing", "resolved", "firing"]


async def test_of_many_late_records_one_is_answered(sides: tuple[Side, Side], log: list[Record]) -> None:
    """They came together."""
    one, two = sides
    late = [two.gateway.see(check(state, at(second)), second) for second, state in enumerate("abc")]
    one.publish(check("d", at(15)), 20)
    for second, claim in enumerate(late):
        two.land(claim, second)
    await one.read()
    assert states(log) == ["d", "a", "b", "c", "d"]


async def test_what_was_observed_meanwhile_is_the_last_word(
    sides: tuple[Side, Side], log: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Something newer is published while the record is read back: then that stands last, and nothing is said again."""
    one, two = sides
    await overtaken(one, two)

    async def find(_: int, offset: int) -> Record | None:
        one.publish(resolved(at(15)), 30)
        return log[offset]

    monkeypatch.setattr(one, "find", find)
    await one.read()
    assert states(log) == ["firing", "resolved", "resolved"]
    assert one.count("obsolete") == 1


@pytest.mark.parametrize("error", [None, ConnectionError()])
async def test_a_record_that_cannot_be_read_back(
    sides: tuple[Side, Side], log: list[Record], monkeypatch: pytest.MonkeyPatch, error: Exception | None
) -> None:
    """It is counted, and the next observation is published."""
    one, two = sides
    newer = await overtaken(one, two)

    async def find(_: int, __: int) -> Record | None:
        if error is not None:
            raise error
        return None

    monkeypatch.setattr(one, "find", find)
    await one.read()
    assert one.count("unread") == 1
    again = one.publish(firing(at(15)), 30)
    assert again.to_publish
    assert again.message_id != newer.message_id
    assert states(log) == ["firing", "resolved", "firing"]


async def test_a_restatement_that_fails_is_made_by_the_next_observation(
    sides: tuple[Side, Side], log: list[Record]
) -> None:
    """Neither Kafka nor the disk takes it: what is observed next is published, and no duplicate."""
    one, two = sides
    await overtaken(one, two)
    one.outcome = Outcome.FAILED
    await one.read()
    assert one.count("failed") == 1
    assert one.publish(firing(at(15)), 30).to_publish
    assert states(log) == ["firing", "resolved", "firing"]


async def test_what_waits_is_bounded(log: list[Record]) -> None:
    """More subjects than it takes are counted, and their next observations are published in any case."""
    one = Side(log)
    for number in range(MOST + 1):
        key = firing(fingerprint=str(number)).key
        one.restating.tell(0, [Overtaken(0, Sighting(key, "", 0, NOON))])
    assert one.count("crowded") == 1
