"""A lane without a spool, on a road whose every move the test decides."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import suppress

import pytest
from aiokafka import errors as kafka
from prometheus_client import CollectorRegistry

from sre_ingest.kafka.failures import ERRORS
from sre_ingest.kafka.lane import Lane
from sre_ingest.metrics import KafkaMetrics
from sre_ingest.publishing import NoSpool, Outcome
from tests.unit.kafka.roads import SimulatedRoad, put, settle, turn

ACKED, FAILED, REFUSED, UNCERTAIN = Outcome.ACKED, Outcome.FAILED, Outcome.REFUSED, Outcome.UNCERTAIN


@pytest.fixture
async def road() -> SimulatedRoad:
    return SimulatedRoad()


@pytest.fixture
async def lane(road: SimulatedRoad) -> AsyncIterator[Lane]:
    made = Lane(0, road, NoSpool(), KafkaMetrics(CollectorRegistry(), errors=ERRORS))
    task = asyncio.create_task(made.run())
    yield made
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task


async def test_a_batch_is_full_at_the_limit(lane: Lane, road: SimulatedRoad) -> None:
    """A topic that takes little gets small batches; a delivery may take several."""
    road.max_message_bytes = 1_000
    road.verdict = lambda _: None
    values = [bytes([number]) * 300 for number in range(7)]
    assert await put(lane, *values).answer == [ACKED] * 7
    assert [len(batch) for batch in road.batches] == [2, 2, 2, 1]
    assert [value for batch in road.batches for value in batch] == values


async def test_a_deadline_tells_what_is_in_doubt_from_what_never_left(lane: Lane, road: SimulatedRoad) -> None:
    """Handed over and unanswered: UNCERTAIN. Behind it: FAILED, and not sent when the lane moves again."""
    under_way = put(lane, b"1", within=0.05)
    await turn()
    behind = put(lane, b"2", within=0.05)
    assert (await under_way.answer, await behind.answer) == ([UNCERTAIN], [FAILED])
    later = put(lane, b"3")
    await turn()
    assert road.batches == [[b"1"]]  # closed until the batch has settled
    settle(road.futures[0])
    await turn()
    assert road.batches == [[b"1"], [b"3"]]
    settle(road.futures[1])
    assert await later.answer == [ACKED]


async def test_a_late_acknowledgement_changes_no_answer(lane: Lane, road: SimulatedRoad) -> None:
    """An answer that was given stays as it was."""
    ticket = put(lane, b"1", within=0.02)
    answer = await ticket.answer
    settle(road.futures[0])
    await turn()
    assert answer == [UNCERTAIN]


async def test_a_closed_producer_frees_the_lane(lane: Lane, road: SimulatedRoad) -> None:
    """A batch that never settles holds its lane until its producer is closed, and no longer."""
    lost = put(lane, b"1")
    await turn()
    waiting = put(lane, b"2")
    road.closed.set_result(None)
    assert await lost.answer == [UNCERTAIN]
    await turn()
    road.closed = asyncio.get_running_loop().create_future()
    settle(road.futures[1])
    assert await waiting.answer in ([ACKED], [UNCERTAIN])
    assert road.batches == [[b"1"], [b"2"]]


async def test_a_batch_that_does_not_settle_condemns_its_producer(road: SimulatedRoad) -> None:
    """After every deadline the producer is reported as useless."""
    lane = Lane(0, road, NoSpool(), KafkaMetrics(CollectorRegistry(), errors=ERRORS), settle_timeout=0.02)
    task = asyncio.create_task(lane.run())
    put(lane, b"1")
    await asyncio.sleep(0.1)
    assert [failure.reason for failure in road.failures] == ["unsettled"]
    assert road.failures[0].fatal
    task.cancel()


async def test_a_refused_batch_is_halved_in_order(lane: Lane, road: SimulatedRoad) -> None:
    """One record too large among siblings: it alone is REFUSED, the rest arrives in order, nothing overtakes."""
    road.verdict = lambda values: kafka.MessageSizeTooLargeError() if b"bad" in values else None
    ticket = put(lane, b"1", b"2", b"bad", b"3", b"4")
    behind = put(lane, b"5")
    assert await ticket.answer == [ACKED, ACKED, REFUSED, ACKED, ACKED]
    assert await behind.answer == [ACKED]
    accepted = [value for batch in road.batches if b"bad" not in batch for value in batch]
    assert accepted == [b"1", b"2", b"3", b"4", b"5"]


async def test_several_refused_records_are_each_found(lane: Lane, road: SimulatedRoad) -> None:
    """Also at the ends, also the whole batch."""
    road.verdict = _verdict(kafka.MessageSizeTooLargeError)
    assert await put(lane, b"bad1", b"1", b"2", b"bad2").answer == [REFUSED, ACKED, ACKED, REFUSED]
    assert await put(lane, b"bad1", b"bad2").answer == [REFUSED, REFUSED]


async def test_an_unknown_error_costs_only_its_record_and_refuses_none(lane: Lane, road: SimulatedRoad) -> None:
    """Whether a broker stumbled or a record is bad cannot be told: the siblings go on, and that one is tried again."""
    road.verdict = _verdict(kafka.for_code(10_000))
    assert await put(lane, b"1", b"bad", b"2").answer == [ACKED, UNCERTAIN, ACKED]


def _verdict(error: type[BaseException]) -> Callable[[Sequence[bytes]], BaseException | None]:
    return lambda values: error() if any(value.startswith(b"bad") for value in values) else None


async def test_a_half_that_waits_fails_at_the_deadline_and_is_not_sent(lane: Lane, road: SimulatedRoad) -> None:
    """Refused with the whole batch and not handed over again: certainly not in the log."""
    ticket = put(lane, b"1", b"bad", within=0.1)
    await turn()
    settle(road.futures[0], kafka.MessageSizeTooLargeError())
    assert await ticket.answer == [UNCERTAIN, FAILED]
    settle(road.futures[1])
    await turn()
    assert road.batches == [[b"1", b"bad"], [b"1"]]
    assert [failure.reason for failure in road.failures] == ["too_large"]


@pytest.mark.parametrize(
    ("error", "outcome"),
    [
        (kafka.TopicAuthorizationFailedError("topic"), FAILED),
        (kafka.RequestTimedOutError(), UNCERTAIN),
        (kafka.KafkaConnectionError(), UNCERTAIN),
        (kafka.NotEnoughReplicasAfterAppendError(), UNCERTAIN),
        (kafka.ProducerClosed(), UNCERTAIN),
        (ValueError(), UNCERTAIN),
    ],
)
async def test_other_errors_fail_with_or_without_doubt(
    lane: Lane, road: SimulatedRoad, error: Exception, outcome: Outcome
) -> None:
    """Forbidden is certain; what may have been written is not; neither is poison, and the lane goes on."""
    ticket = put(lane, b"1")
    await turn()
    settle(road.futures[0], error)
    assert await ticket.answer == [outcome]
    road.verdict = lambda _: None
    assert await put(lane, b"2").answer == [ACKED]


async def test_a_no_after_more_than_one_try_leaves_doubt(lane: Lane, road: SimulatedRoad) -> None:
    """The broker's no is about the last try; an earlier one may have been written and its answer lost."""
    ticket = put(lane, b"1")
    await asyncio.sleep(0.15)
    settle(road.futures[0], kafka.TopicAuthorizationFailedError("topic"))
    assert await ticket.answer == [UNCERTAIN]


async def test_what_could_not_be_handed_over_fails(lane: Lane, road: SimulatedRoad) -> None:
    """A producer that does not take a batch has nothing of it, and is replaced."""
    road.broken = kafka.KafkaError("Unexpected error during batch delivery")
    assert await put(lane, b"1").answer == [FAILED]
    assert road.failures[0].fatal


async def test_nothing_is_taken_while_the_road_is_closed(lane: Lane, road: SimulatedRoad) -> None:
    """Without a link records wait, and fail at their deadline."""
    road.opened.clear()
    early = put(lane, b"1", within=0.02)
    assert await early.answer == [FAILED]
    road.opened.set()
    await turn()
    assert (road.batches, road.failures) == ([], [])
    road.opened.clear()
    late = put(lane, b"2")
    road.verdict = lambda _: None
    road.opened.set()
    assert await late.answer == [ACKED]
    assert road.batches == [[b"2"]]


async def test_a_caller_that_left_is_no_obstacle(lane: Lane, road: SimulatedRoad) -> None:
    """A cancelled answer changes nothing for the record."""
    ticket = put(lane, b"1")
    ticket.answer.cancel()
    await turn()
    settle(road.futures[0])
    await turn()
    assert (road.batches, ticket.outcomes, ticket.closed) == ([[b"1"]], [ACKED], True)
    assert road.failures == []
