"""Gateways that share a topic: what one has published the others know, as soon as they have read it."""

import uuid
from collections.abc import Sequence

import pytest

from sre_ingest.addressing import address
from sre_ingest.dedup import Claim, Sighting, sighting
from sre_ingest.envelope import seal
from sre_ingest.publishing import Outcome
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.signal import Reading, Signal
from tests.unit.observations import NOON, Gateway, at, check, firing, resolved, sli

OLD = at(-3_000)
"""A start that nobody can vouch for by its age."""


class Topic:
    """Records in the order in which they came, and how far each gateway has read."""

    def __init__(self) -> None:
        self.records: list[Sighting] = []
        self._read: dict[Gateway, int] = {}

    def gateway(self, seconds: float = 0, *, recall: bool = True) -> Gateway:
        """One that starts so many seconds after noon, and reads back what is there."""
        gateway = Gateway(since=at(seconds))
        if recall:
            self.recall(gateway)
        self._read[gateway] = len(self.records)
        return gateway

    def recall(self, gateway: Gateway) -> None:
        """Tell a gateway of all there is."""
        gateway.memory.recall(self.records)
        gateway.memory.reaches(at(-3_600))
        gateway.memory.followed = True

    def publish(self, gateway: Gateway, signal: Signal, seconds: float) -> Claim:
        """Observe something at a gateway; its record, if it becomes one, is on the topic at once."""
        claim = gateway.see(signal, seconds)
        if claim.to_publish:
            self.land(claim, seconds)
        return claim

    def land(self, claim: Claim, seconds: float) -> None:
        """Put the record of a claim on the topic."""
        self.records.append(_sighting(claim, seconds))

    def read(self, *gateways: Gateway) -> list[int]:
        """Let gateways read what has come; how many records of others each found."""
        found = [gateway.memory.see(self.records[self._read[gateway] :]).others for gateway in gateways]
        self._read |= dict.fromkeys(gateways, len(self.records))
        return found


def _sighting(claim: Claim, seconds: float) -> Sighting:
    return Sighting(claim.signal.key, claim.message_id, uuid.UUID(claim.message_id).int, at(seconds))


@pytest.fixture
def topic() -> Topic:
    return Topic()


SIGNALS = [firing(), firing(OLD), firing(None), check("healthy", None), check("healthy"), sli("a")]


@pytest.mark.parametrize("signal", SIGNALS)
def test_what_another_gateway_has_published_is_a_duplicate(topic: Topic, signal: Signal) -> None:
    """The second member of an HA pair that comes to another gateway: one record, and its id."""
    one, two = topic.gateway(), topic.gateway()
    first = topic.publish(one, signal, 1)
    assert topic.read(one, two) == [0, 1]
    second = topic.publish(two, signal, 30)
    assert (second.to_publish, second.message_id, second.outcome) == (False, first.message_id, Outcome.ACKED)


@pytest.mark.parametrize("signal", [firing(), firing(OLD), firing(None), check("healthy", None)])
def test_a_restart_forgets_nothing_that_is_on_the_topic(topic: Topic, signal: Signal) -> None:
    """Inside the window it is a duplicate as if there had been no restart, later a refresh under a new id."""
    first = topic.publish(topic.gateway(), signal, 1)
    again = topic.gateway(60)
    assert not topic.publish(again, signal, 61).to_publish
    refreshed = topic.publish(again, signal, 1 + 11 * 60)
    assert refreshed.to_publish
    assert refreshed.message_id != first.message_id


def test_own_records_are_not_applied_a_second_time(topic: Topic) -> None:
    """Though they are read after what followed them: F, R, F, R is told by one gateway, and stays as it was."""
    one = topic.gateway()
    ids = [topic.publish(one, signal, second).message_id for second, signal in enumerate([firing(), resolved()] * 2)]
    assert len(set(ids)) == 4
    assert topic.read(one) == [0]
    last = topic.publish(one, resolved(), 10)
    assert (last.to_publish, last.message_id) == (False, ids[-1])


@pytest.mark.parametrize("outcome", [Outcome.UNCERTAIN, Outcome.FAILED])
def test_a_record_that_is_on_the_topic_after_all_settles_its_claim(topic: Topic, outcome: Outcome) -> None:
    """Nobody answered, and it is there: the retry is a duplicate of it."""
    one = topic.gateway()
    lost = one.see(firing(), 1, outcome)
    topic.land(lost, 1)
    topic.read(one)
    retry = topic.publish(one, firing(), 20)
    assert (retry.to_publish, retry.message_id, retry.outcome) == (False, lost.message_id, Outcome.ACKED)


def test_a_claim_in_flight_is_settled_by_whoever_publishes_it(topic: Topic) -> None:
    """Its record is read before its acknowledgement: nothing is settled twice."""
    one = topic.gateway()
    claim = one.claim(firing(), 1)
    topic.land(claim, 1)
    topic.read(one)
    one.memory.settle(claim, Outcome.ACKED)
    assert not topic.publish(one, firing(), 2).to_publish


def test_sequence_1_only_the_resolve_is_left_on_the_topic(topic: Topic) -> None:
    """F, R; a restart when the log that is read back holds R alone; F again with the same old start: a new id."""
    one = topic.gateway()
    first = topic.publish(one, firing(OLD), 1)
    topic.publish(one, resolved(OLD), 5)
    del topic.records[0]
    again = topic.publish(topic.gateway(60), firing(OLD), 61)
    assert again.to_publish
    assert again.message_id != first.message_id


def test_sequence_5_a_firing_that_failed_here_is_published_by_another(topic: Topic) -> None:
    """F fails here, the retry publishes it there, R, and F again here: a new id."""
    one, two = topic.gateway(), topic.gateway()
    one.see(firing(), 1, Outcome.FAILED)
    there = topic.publish(two, firing(), 2)
    topic.publish(two, resolved(), 3)
    assert topic.read(one, two) == [1, 0]  # the F has the id that was given here, too
    again = topic.publish(one, firing(), 5)
    assert again.to_publish
    assert again.message_id != there.message_id


def test_sequence_6_one_of_two_has_not_seen_the_resolve(topic: Topic) -> None:
    """Both refresh the same firing, each with a salt of its own."""
    one, two = topic.gateway(), topic.gateway()
    topic.publish(one, firing(), 1)
    topic.read(one, two)
    topic.publish(two, resolved(), 2)
    here, there = (topic.publish(gateway, firing(), 11 * 60) for gateway in (one, two))
    assert here.message_id != there.message_id


def test_sequence_7_an_older_resolve_that_drains_late_does_not_silence_the_firing(topic: Topic) -> None:
    """R waits in a spool while another gateway takes a newer F; it drains last, and the next F is published again."""
    one, two = topic.gateway(), topic.gateway()
    topic.publish(one, firing(), 1)
    topic.read(one, two)
    late = two.see(resolved(), 10, Outcome.STORED)
    newer = topic.publish(one, firing(at(15)), 20)
    topic.land(late, 10)
    topic.read(one)
    again = topic.publish(one, firing(at(15)), 30)
    assert again.to_publish
    assert again.message_id != newer.message_id


def test_an_older_record_of_the_same_state_changes_nothing(topic: Topic) -> None:
    """Late and equal: remembered, and what is current stays so."""
    one, two = topic.gateway(), topic.gateway()
    late = two.see(firing(), 1, Outcome.STORED)
    current = topic.publish(one, firing(at(15)), 20)
    topic.land(late, 1)
    topic.read(one)
    assert topic.publish(one, firing(at(15)), 30).message_id == current.message_id
    assert topic.publish(one, firing(), 31).message_id == late.message_id


def test_an_older_record_that_became_current_is_not_what_a_consumer_believes(topic: Topic) -> None:
    """Sequence 7 the other way: what is observed after the newer F is R, whose late record a consumer passes over."""
    one, two = topic.gateway(), topic.gateway()
    late = two.see(resolved(), 10, Outcome.STORED)
    topic.publish(one, firing(), 20)
    topic.land(late, 10)
    topic.read(one)
    news = topic.publish(one, resolved(), 30)
    assert news.to_publish
    assert news.message_id != late.message_id
    assert topic.publish(one, resolved(), 31).message_id == news.message_id


def test_an_id_that_another_gave_first_is_dropped_here_so_a_repeat_is_published(topic: Topic) -> None:
    """F at one, R and F again at two within the lag of the topic, both F under one id: R would be the last word."""
    one, two = topic.gateway(), topic.gateway()
    first = topic.publish(one, firing(), 1)
    topic.publish(two, resolved(), 10)
    assert topic.publish(two, firing(), 20).message_id == first.message_id
    topic.read(two)
    again = topic.publish(two, firing(), 30)
    assert again.to_publish
    assert again.message_id != first.message_id
    assert not topic.publish(two, firing(), 31).to_publish


def test_an_id_that_failed_here_and_was_given_later_elsewhere_hides_what_came_between(topic: Topic) -> None:
    """F fails at one, then R; two, which has not seen it, gives the later F the same id: R again is news."""
    one, two = topic.gateway(), topic.gateway()
    one.see(firing(), 1, Outcome.FAILED)
    ended = topic.publish(one, resolved(), 10)
    topic.publish(two, firing(), 20)
    topic.read(one)
    again = topic.publish(one, resolved(), 25)
    assert again.to_publish
    assert again.message_id != ended.message_id


def test_a_retry_here_hides_what_another_received_before_it(topic: Topic) -> None:
    """F fails at 1 and is retried at 20 under its id; an R of 10 is read after that: R again is news."""
    one, two = topic.gateway(), topic.gateway()
    one.see(firing(), 1, Outcome.FAILED)
    topic.publish(two, resolved(), 10)
    topic.publish(one, firing(), 20)
    topic.read(one)
    assert topic.publish(one, resolved(), 25).to_publish


def test_of_two_late_records_of_one_observation_the_newer_counts() -> None:
    """Read back out of order: the record of the firing that a consumer goes by is older than the second resolve."""
    gateway = Gateway()
    ids = [str(uuid.UUID(int=number)) for number in range(3)]
    read = [(firing(), 0, 1.0), (firing(), 0, 40.0), (resolved(), 1, 0.5), (resolved(), 2, 20.0)]
    gateway.memory.recall([Sighting(signal.key, ids[n], n, at(seconds)) for signal, n, seconds in read])
    assert gateway.claim(firing(), 41).to_publish


def test_an_older_record_that_takes_the_place_of_a_newer_one_does_not_hide_it(topic: Topic) -> None:
    """F of 11 here; R of 2, F of 9 and R of 10 come late: the R that comes next is news, for F of 11 is believed."""
    one, two = topic.gateway(), topic.gateway()
    two.see(firing(None), 1)
    for signal, second in [(resolved(None), 2), (firing(None), 9), (resolved(None), 10)]:
        topic.publish(two, signal, second)
    one.see(firing(None), 11)
    topic.read(one)
    assert topic.publish(one, resolved(None), 15).to_publish


def test_an_id_that_was_read_is_not_given_again_by_a_refresh(topic: Topic) -> None:
    """F and its refresh at one; at two, which reads them late, F and R came meanwhile: the next F has an id of its own.

    The first F becomes current at two, so the refresh must take its place there, though two received an F after it.
    """
    one, two = topic.gateway(), topic.gateway()
    ids = [topic.publish(one, firing(OLD), seconds).message_id for seconds in (1, 700)]
    ids += [
        topic.publish(two, signal, seconds).message_id for signal, seconds in [(firing(OLD), 710), (resolved(), 720)]
    ]
    topic.read(two)
    again = topic.publish(two, firing(OLD), 730)
    assert again.to_publish
    assert again.message_id not in ids


def test_an_id_that_was_read_is_not_given_again_where_a_clock_was_set_back(topic: Topic) -> None:
    """F, R, and once the clock is set back F again: a restart reads it as older than the first F, and knows its id."""
    one = topic.gateway()
    ids = [topic.publish(one, firing(OLD), 1).message_id, topic.publish(one, resolved(OLD), 5).message_id]
    ids.append(topic.publish(one, firing(OLD), 0.5).message_id)
    again = topic.publish(topic.gateway(), firing(OLD), 8)
    assert again.to_publish
    assert again.message_id not in ids


def test_a_refresh_read_late_does_not_hide_a_newer_record_of_its_state() -> None:
    """A consumer goes by the F of 30: no later id of that F, and no R said by a clock set back, makes R a duplicate."""
    gateway = Gateway()
    ids = [str(uuid.UUID(int=number)) for number in range(3)]
    read = [(firing(), 0, 30), (firing(), 0, 1), (resolved(), 1, 20), (firing(), 2, 10)]
    sightings = [Sighting(signal.key, ids[n], n, at(seconds)) for signal, n, seconds in read]
    gateway.memory.recall(sightings[:3])
    gateway.see(resolved(at(2)), 5)
    gateway.memory.recall(sightings[3:])
    assert gateway.claim(resolved(), 31).to_publish


def test_a_record_older_than_what_was_forgotten_proves_nothing(topic: Topic) -> None:
    """F here and at the other one, R here; the subject is forgotten, then the other's F is read: F again is news."""
    small, two = Gateway(max_entries=1), topic.gateway()
    small.memory.followed = True
    small.see(firing(None), 1)
    there = topic.publish(two, firing(None), 2)
    small.see(resolved(None), 3)
    small.see(firing(fingerprint="another"), 4)
    small.memory.see(topic.records)
    again = small.see(firing(None), 40)
    assert again.to_publish
    assert again.message_id != there.message_id


def test_own_records_of_a_forgotten_subject_take_no_room(topic: Topic) -> None:
    """They are read after the subject had to go; what is remembered now stays, and what is recalled later is taken."""
    small = Gateway(max_entries=1)
    topic.land(small.see(firing(), 1), 1)
    other = small.see(firing(fingerprint="another"), 2)
    small.memory.see(topic.records)
    small.memory.recall(topic.records)
    assert small.metric("dedup_entries") == 1
    assert small.memory.since == at(1)
    assert small.claim(firing(fingerprint="another"), 3).message_id == other.message_id
    assert small.metric("dedup_evictions_total") == 1


def test_sequence_8_deliveries_before_the_log_was_read(topic: Topic) -> None:
    """What is claimed meanwhile stands on top of what is read then, and neither is forgotten."""
    topic.publish(topic.gateway(), resolved(), 1)
    early = topic.gateway(60, recall=False)
    first = topic.publish(early, firing(at(59)), 61)
    topic.recall(early)
    assert topic.publish(early, firing(at(59)), 70).message_id == first.message_id
    assert topic.publish(early, resolved(), 80).to_publish


def test_what_was_read_back_vouches_for_what_began_later(topic: Topic) -> None:
    """The view reaches back to where reading began, so an episode of that time is new to the topic."""
    fresh = topic.publish(topic.gateway(recall=False), firing(OLD), 1)
    known = topic.publish(topic.gateway(), firing(OLD, "g"), 1)
    assert known.message_id == topic.publish(topic.gateway(), firing(OLD, "g"), 2).message_id
    assert fresh.message_id != topic.publish(topic.gateway(recall=False), firing(OLD), 40).message_id


def test_the_memory_stays_bounded(topic: Topic) -> None:
    """What is read counts as what is claimed does: the subjects seen last stay, and the view begins after the rest."""
    for second in range(20):
        topic.publish(topic.gateway(recall=False), firing(fingerprint=str(second)), second)
    small = Gateway(max_entries=5)
    small.memory.reaches(at(-3_600))
    small.memory.recall(topic.records)
    assert small.metric("dedup_entries") == 5
    assert small.memory.since == at(14)


def test_a_record_is_known_by_its_headers() -> None:
    """What a gateway seals and addresses is what the memory sees; and anything else is not seen."""
    signal = firing()
    delivery = samples.delivery(Adapter("any", lambda _: Reading(())), b"")
    claim = Gateway().claim(signal, 0)
    record = address(seal(signal, claim.message_id, delivery), signal.key.text, NOON)
    assert sighting(record.headers) == _sighting(claim, 0)
    for name in ("ce_id", "ce_dedupkey", "ce_receivedtime"):
        for bad in (None, b"", b"\xff", b"[1,2,3,4]", b"{}", b'["a"]'):
            headers: Sequence[tuple[str, bytes | None]] = [
                (one, bad if one == name else value) for one, value in record.headers
            ]
            assert sighting(headers) is None, (name, bad)
    assert sighting([]) is None
