"""The nine rules of a lane, each with the tests that are named after it: a real spool, and a road that tests decide.

1. First in, first out; one batch is outstanding, and the next follows when it has settled.
2. On trouble the lane turns: the batch and all behind it go to the spool in order, and so does what comes next.
3. A batch that timed out is in limbo: nothing is drained past it until it has settled or its producer is closed.
4. One drainer; the direct way opens only when nothing is in the spool or on its way there.
5. An error of a batch is not one of each record: halve, and park only the one that is refused for good. What is not
   allowed holds the lane. What the topic can never take is refused before anything is acknowledged.
6. At the start what waits is delivered before anything new; a bad row is set aside and counted.
7. A disk that fails answers its whole commit group, is opened again, and nothing of it was acknowledged.
8. A topic is created safe, and one that is less safe is reported.
9. One gateway uses a data directory; a command beside it only reads.
"""

import asyncio
import os
import resource
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from aiokafka import errors
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from sre_ingest.kafka import ERRORS, Connection, KafkaPublisher
from sre_ingest.kafka.topics import Topic, shortcomings
from sre_ingest.metrics import KafkaMetrics
from sre_ingest.publishing import Outcome, Record
from sre_ingest.store.files import HeldError
from sre_ingest.store.waiting import waiting
from tests.parts.topics import consume, create_topic
from tests.unit.kafka.lines import SOON, Line, quiet, running, until
from tests.unit.kafka.roads import put, settle, turn

ACKED, STORED = Outcome.ACKED, Outcome.STORED


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    async with running(tmp_path) as line:
        yield line


async def test_rule_1_one_batch_is_outstanding_and_the_next_takes_all_that_waits(line: Line) -> None:
    """What arrives while a batch is under way is the next batch, whoever called, and in order."""
    first = put(line.lane, b"1")
    await line.batch(0)
    second, third = put(line.lane, b"2", b"3"), put(line.lane, b"4")
    await turn()
    assert line.road.batches == [[b"1"]]
    settle(line.road.futures[0])
    assert await line.batch(1) == [b"2", b"3", b"4"]
    settle(line.road.futures[1])
    assert [await each.answer for each in (first, second, third)] == [[ACKED], [ACKED, ACKED], [ACKED]]


async def test_rule_2_a_late_batch_and_all_behind_it_go_to_the_spool_in_order(line: Line) -> None:
    """With the batch that timed out leaves what is queued, and what comes next, whoever sent it."""
    first = put(line.lane, b"1", within=SOON)
    await line.batch(0)
    second, third = put(line.lane, b"2"), put(line.lane, b"3")
    assert [await each.answer for each in (first, second, third)] == [[STORED], [STORED], [STORED]]
    later = put(line.lane, b"4")
    assert await later.answer == [STORED]
    settle(line.road.futures[0], errors.RequestTimedOutError())
    line.road.verdict = lambda _: None
    await line.empty()
    assert [value for batch in line.road.batches[1:] for value in batch] == [b"1", b"2", b"3", b"4"]


async def test_rule_3_the_lane_does_not_drain_past_a_batch_in_limbo(line: Line) -> None:
    """Until the batch that timed out has settled it may still arrive, and nothing overtakes it."""
    assert await put(line.lane, b"1", within=SOON).answer == [STORED]
    assert await put(line.lane, b"2").answer == [STORED]
    await quiet()
    assert line.road.batches == [[b"1"]]


async def test_rule_3_a_late_acknowledgement_takes_the_copy_back(line: Line) -> None:
    """What arrived after all is not sent again."""
    assert await put(line.lane, b"1", within=SOON).answer == [STORED]
    assert await put(line.lane, b"2").answer == [STORED]
    settle(line.road.futures[0])
    assert await line.batch(1) == [b"2"]
    settle(line.road.futures[1])
    await line.empty()
    assert line.count("acked_records_total") == 2
    assert len(line.road.batches) == 2


async def test_rule_3_limbo_ends_with_its_producer(line: Line) -> None:
    """A producer that is closed sends nothing any more, so its batch is sent by the next one."""
    assert await put(line.lane, b"1", within=SOON).answer == [STORED]
    line.road.closed.set_result(None)
    await until(lambda: len(line.road.batches) > 1)
    assert line.road.batches[1] == [b"1"]


async def test_rule_4_the_direct_way_opens_only_when_nothing_is_left(line: Line) -> None:
    """While a single record is in the spool or on its way there, what comes goes behind it."""
    assert await put(line.lane, b"1", within=SOON).answer == [STORED]
    settle(line.road.futures[0], errors.RequestTimedOutError())
    assert await line.batch(1) == [b"1"]
    assert await put(line.lane, b"2").answer == [STORED]
    settle(line.road.futures[1])
    assert await line.batch(2) == [b"2"]
    settle(line.road.futures[2])
    await line.empty()
    direct = put(line.lane, b"3")
    assert await line.batch(3) == [b"3"]
    settle(line.road.futures[3])
    assert await direct.answer == [ACKED]


async def test_rule_4_a_busy_lane_comes_back_to_the_direct_way(line: Line) -> None:
    """What comes while the last rows are taken waits behind them, and is not kept in its turn for ever."""
    assert await put(line.lane, b"0", within=SOON).answer == [STORED]
    settle(line.road.futures[0], errors.RequestTimedOutError())
    line.road.verdict = lambda _: None
    number = 0
    async with asyncio.timeout(20):
        while (
            await (ticket := put(line.lane, (number := number + 1).to_bytes(2))).answer != [ACKED] or line.lane.turned
        ):
            assert ticket.outcomes in ([STORED], [ACKED])
    await line.empty()
    seen = [value for batch in line.road.batches[1:] for value in batch]
    assert seen == [b"0", *(each.to_bytes(2) for each in range(1, number + 1))]


async def test_rule_2_trouble_behind_the_last_rows_keeps_the_order(line: Line) -> None:
    """What waits in memory behind rows goes to the spool behind them when Kafka stops taking them."""
    line.road.opened.clear()
    assert await put(line.lane, b"1", b"2", within=SOON).answer == [STORED, STORED]
    line.road.max_message_bytes = 90
    line.road.opened.set()
    assert await line.batch(0) == [b"1"]
    settle(line.road.futures[0])
    assert await line.batch(1) == [b"2"]
    behind = put(line.lane, b"3")
    line.road.verdict = lambda _: None
    settle(line.road.futures[1], errors.RequestTimedOutError())
    assert await behind.answer == [STORED]
    await line.empty()
    assert [value for batch in line.road.batches for value in batch] == [b"1", b"2", b"2", b"3"]


@pytest.mark.parametrize("error", [errors.KafkaConnectionError(), errors.TopicAuthorizationFailedError("topic")])
async def test_rule_5_what_is_no_poison_holds_the_lane(line: Line, error: Exception) -> None:
    """Nothing waits for a deadline when Kafka says no; not allowed is no poison, the lane holds."""
    ticket = put(line.lane, b"1", b"2")
    await line.batch(0)
    settle(line.road.futures[0], error)
    assert await ticket.answer == [STORED, STORED]
    assert await line.batch(1) == [b"1", b"2"]
    settle(line.road.futures[1], error)
    assert await line.batch(2) == [b"1", b"2"]
    settle(line.road.futures[2])
    await line.empty()
    assert line.count("parked_records_total") == 0


async def test_rule_5_one_bad_record_is_parked_and_the_rest_goes_on(line: Line, tmp_path: Path) -> None:
    """Halve and send again in order; only the one that stands alone is put aside."""
    assert await put(line.lane, b"1", b"2", b"bad", b"3", within=SOON).answer == [STORED] * 4
    line.road.verdict = lambda values: errors.MessageSizeTooLargeError() if b"bad" in values else None
    settle(line.road.futures[0], errors.RequestTimedOutError())
    await line.empty()
    delivered = [value for batch in line.road.batches[1:] if b"bad" not in batch for value in batch]
    assert delivered == [b"1", b"2", b"3"]
    assert line.count("parked_records_total") == 1
    with closing(sqlite3.connect(tmp_path / "sre-ingest.db")) as connection:
        assert connection.execute("SELECT value FROM parked").fetchall() == [(b"bad",)]


async def test_rule_6_what_is_waiting_is_delivered_first_after_a_restart(tmp_path: Path) -> None:
    """In its order, and before anything new."""
    async with running(tmp_path) as line:
        line.road.opened.clear()
        assert await put(line.lane, b"1", b"2", within=SOON).answer == [STORED, STORED]
    async with running(tmp_path) as line:
        line.road.verdict = lambda _: None
        assert await put(line.lane, b"3").answer in ([STORED], [ACKED])
        await line.empty()
        assert [value for batch in line.road.batches for value in batch] == [b"1", b"2", b"3"]


async def test_rule_6_a_damaged_row_is_set_aside_and_the_rest_is_delivered(tmp_path: Path) -> None:
    """A bad row is counted and kept; its neighbours go on."""
    async with running(tmp_path) as line:
        line.road.opened.clear()
        assert await put(line.lane, b"1", b"2", b"3", within=SOON).answer == [STORED] * 3
    with closing(sqlite3.connect(tmp_path / "sre-ingest.db", isolation_level=None)) as connection:
        connection.execute("UPDATE spool SET value = x'00' WHERE value = x'32'")
    async with running(tmp_path) as line:
        line.road.verdict = lambda _: None
        await line.empty()
        assert line.road.batches == [[b"1", b"3"]]
        assert (line.count("corrupt_records_total"), line.count("parked_records_total")) == (1, 1)


async def test_rule_7_a_spool_that_fails_leaves_the_answer_to_the_sender(line: Line, tmp_path: Path) -> None:
    """Neither in Kafka nor on the disk is FAILED, in doubt at Kafka is UNCERTAIN; nothing is acknowledged."""
    (tmp_path / "sre-ingest.db").unlink()
    under_way = put(line.lane, b"1", within=SOON)
    await line.batch(0)
    behind = put(line.lane, b"2", within=SOON)
    assert (await under_way.answer, await behind.answer) == ([Outcome.UNCERTAIN], [Outcome.FAILED])
    assert not line.lane.turned


async def test_rule_1_order_is_kept_through_every_turn(line: Line) -> None:
    """One writer, a road that closes and opens at random times: what is durable arrives, first occurrences in order."""
    line.road.verdict = lambda values: errors.RequestTimedOutError() if values[0][-1] % 7 == 3 else None
    answers: list[list[Outcome]] = []
    for number in range(200):
        answers.append(list(await put(line.lane, number.to_bytes(2), within=SOON).answer))
        if number % 11 == 0:
            line.road.opened.clear()
        if number % 13 == 0:
            line.road.opened.set()
    line.road.opened.set()
    line.road.verdict = lambda _: None
    await line.empty()
    seen = list(dict.fromkeys(int.from_bytes(value) for batch in line.road.batches for value in batch))
    assert all(outcome in ([ACKED], [STORED]) for outcome in answers)
    assert seen == list(range(200))


async def test_rule_5_what_the_topic_can_never_take_is_refused_before_anything_is_acknowledged(kafka: str) -> None:
    """The limit is asked of the broker at the start; that record alone is REFUSED, those around it are ACKED."""
    topic = await create_topic(kafka, partitions=1, settings={"max.message.bytes": "100000"})
    publisher = KafkaPublisher(Connection(kafka), topic=topic, metrics=KafkaMetrics(CollectorRegistry(), errors=ERRORS))
    await publisher.start()
    sent = [Record(b"key", (), value) for value in (b"0", b"1", bytes(100_000), b"2")]
    assert await publisher.publish(sent[:1]) == [ACKED]
    assert await publisher.publish(sent[1:]) == [ACKED, Outcome.REFUSED, ACKED]
    assert [message.value for message in await consume(kafka, topic, 3)] == [b"0", b"1", b"2"]
    await publisher.stop()


async def test_rule_7_a_write_that_fails_fails_its_group_and_the_store_is_opened_again(tmp_path: Path) -> None:
    """Nobody of the group was acknowledged, none of it is found later, and the next one is stored."""
    async with running(tmp_path) as line:
        line.road.opened.clear()
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, hard))
        try:
            group = [put(line.lane, bytes(9_000), within=SOON) for _ in range(5)]
            outcomes = [outcome for ticket in group for outcome in await ticket.answer]
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        assert not any(outcome.durable for outcome in outcomes)
        assert await put(line.lane, b"next", within=SOON).answer == [STORED]
        line.road.verdict = lambda _: None
        line.road.opened.set()
        await line.empty()
        assert line.road.batches == [[b"next"]]


def test_rule_8_what_makes_a_topic_less_safe_is_named() -> None:
    """Fewer replicas than `ensure` makes, fewer that have to answer, or a topic that forgets; more is no fault."""
    safe = {"min.insync.replicas": "2", "cleanup.policy": "delete"}
    assert [shortcomings(Topic("good", 1, *more)) for more in ((3, safe), (5, safe), (3, {}))] == [[], [], []]
    bad = Topic("bad", 1, 1, {"min.insync.replicas": "1", "cleanup.policy": "compact"})
    assert shortcomings(bad) == [
        "bad has 1 replicas of a partition, not 3.",
        "bad has min.insync.replicas=1, not 2.",
        "bad has cleanup.policy=compact, not delete.",
    ]


async def test_rule_8_a_topic_that_is_less_safe_is_reported_at_the_start(kafka: str, topic: str) -> None:
    """One replica, and one that has to be in sync: a metric says so, and a line in the log."""
    registry = CollectorRegistry()
    publisher = KafkaPublisher(Connection(kafka), topic=topic, metrics=KafkaMetrics(registry, errors=ERRORS))
    with capture_logs() as lines:
        await publisher.start()
        assert await publisher.publish([Record(b"key", (), b"value")]) == [ACKED]
        await publisher.stop()
    assert registry.get_sample_value("sre_ingest_kafka_topic_shortcomings") == 2
    assert [line["topic"] for line in lines if line["event"] == "kafka_topic_less_safe"] == [topic]


async def test_rule_9_a_second_gateway_is_refused_and_a_command_reads_beside_the_first(tmp_path: Path) -> None:
    """Another one delivers what waits as soon as the first has stopped, and not before."""
    async with running(tmp_path) as line:
        line.road.opened.clear()
        assert await put(line.lane, b"1", within=SOON).answer == [STORED]
        with pytest.raises(HeldError, match=f"process {os.getpid()}"):
            async with running(tmp_path):
                pass
        assert waiting(tmp_path).records == 1
    async with running(tmp_path) as line:
        line.road.verdict = lambda _: None
        await line.empty()
        assert line.road.batches == [[b"1"]]
