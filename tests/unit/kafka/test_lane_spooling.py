"""The rules of a lane that has a spool: a real one on a disk, and a road whose every move the test decides."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import closing
from pathlib import Path

import pytest
from aiokafka import errors as kafka

from sre_ingest.publishing import Outcome
from tests.unit.kafka.lines import SOON, Line, quiet, running, until
from tests.unit.kafka.roads import put, settle

ACKED, STORED = Outcome.ACKED, Outcome.STORED


@pytest.fixture
async def line(tmp_path: Path) -> AsyncIterator[Line]:
    async with running(tmp_path) as line:
        yield line


async def test_a_late_batch_and_all_behind_it_go_to_the_spool_in_order(line: Line) -> None:
    """Rules 1 and 2: with the batch that timed out leaves what is queued, and what comes next, whoever sent it."""
    first = put(line.lane, b"1", within=SOON)
    await line.batch(0)
    second, third = put(line.lane, b"2"), put(line.lane, b"3")
    assert [await each.answer for each in (first, second, third)] == [[STORED], [STORED], [STORED]]
    later = put(line.lane, b"4")
    assert await later.answer == [STORED]
    settle(line.road.futures[0], kafka.RequestTimedOutError())
    line.road.verdict = lambda _: None
    await line.empty()
    assert [value for batch in line.road.batches[1:] for value in batch] == [b"1", b"2", b"3", b"4"]


async def test_the_lane_does_not_drain_past_a_batch_in_limbo(line: Line) -> None:
    """Rule 3: until the batch that timed out has settled it may still arrive, and nothing overtakes it."""
    assert await put(line.lane, b"1", within=SOON).answer == [STORED]
    assert await put(line.lane, b"2").answer == [STORED]
    await quiet()
    assert line.road.batches == [[b"1"]]


async def test_a_late_acknowledgement_takes_the_copy_back(line: Line) -> None:
    """Rule 3: what arrived after all is not sent again."""
    assert await put(line.lane, b"1", within=SOON).answer == [STORED]
    assert await put(line.lane, b"2").answer == [STORED]
    settle(line.road.futures[0])
    assert await line.batch(1) == [b"2"]
    settle(line.road.futures[1])
    await line.empty()
    assert line.count("acked_records_total") == 2
    assert len(line.road.batches) == 2


async def test_limbo_ends_with_its_producer(line: Line) -> None:
    """Rule 3: a producer that is closed sends nothing any more, so its batch is sent by the next one."""
    assert await put(line.lane, b"1", within=SOON).answer == [STORED]
    line.road.closed.set_result(None)
    await until(lambda: len(line.road.batches) > 1)
    assert line.road.batches[1] == [b"1"]


async def test_the_direct_way_opens_only_when_nothing_is_left(line: Line) -> None:
    """Rule 4: while a single record is in the spool or on its way there, what comes goes behind it."""
    assert await put(line.lane, b"1", within=SOON).answer == [STORED]
    settle(line.road.futures[0], kafka.RequestTimedOutError())
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


async def test_a_busy_lane_comes_back_to_the_direct_way(line: Line) -> None:
    """Rule 4: what comes while the last rows are taken waits behind them, and is not kept in its turn for ever."""
    assert await put(line.lane, b"0", within=SOON).answer == [STORED]
    settle(line.road.futures[0], kafka.RequestTimedOutError())
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


async def test_trouble_behind_the_last_rows_keeps_the_order(line: Line) -> None:
    """Rule 2: what waits in memory behind rows goes to the spool behind them when Kafka stops taking them."""
    line.road.opened.clear()
    assert await put(line.lane, b"1", b"2", within=SOON).answer == [STORED, STORED]
    line.road.max_message_bytes = 90
    line.road.opened.set()
    assert await line.batch(0) == [b"1"]
    settle(line.road.futures[0])
    assert await line.batch(1) == [b"2"]
    behind = put(line.lane, b"3")
    line.road.verdict = lambda _: None
    settle(line.road.futures[1], kafka.RequestTimedOutError())
    assert await behind.answer == [STORED]
    await line.empty()
    assert [value for batch in line.road.batches for value in batch] == [b"1", b"2", b"2", b"3"]


@pytest.mark.parametrize("error", [kafka.KafkaConnectionError(), kafka.TopicAuthorizationFailedError("topic")])
async def test_a_refused_batch_is_kept_and_tried_again(line: Line, error: Exception) -> None:
    """Rules 2 and 5: nothing waits for a deadline when Kafka says no; not allowed is no poison, the lane holds."""
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


async def test_one_bad_record_in_the_spool_is_parked_and_the_rest_goes_on(line: Line, tmp_path: Path) -> None:
    """Rule 5: halve and send again in order; only the one that stands alone is put aside."""
    assert await put(line.lane, b"1", b"2", b"bad", b"3", within=SOON).answer == [STORED] * 4
    line.road.verdict = lambda values: kafka.MessageSizeTooLargeError() if b"bad" in values else None
    settle(line.road.futures[0], kafka.RequestTimedOutError())
    await line.empty()
    delivered = [value for batch in line.road.batches[1:] if b"bad" not in batch for value in batch]
    assert delivered == [b"1", b"2", b"3"]
    assert line.count("parked_records_total") == 1
    with closing(sqlite3.connect(tmp_path / "sre-ingest.db")) as connection:
        assert connection.execute("SELECT value FROM parked").fetchall() == [(b"bad",)]


async def test_what_is_waiting_is_delivered_after_a_restart(tmp_path: Path) -> None:
    """Rule 6: in its order, and before anything new."""
    async with running(tmp_path) as line:
        line.road.opened.clear()
        assert await put(line.lane, b"1", b"2", within=SOON).answer == [STORED, STORED]
    async with running(tmp_path) as line:
        line.road.verdict = lambda _: None
        assert await put(line.lane, b"3").answer in ([STORED], [ACKED])
        await line.empty()
        assert [value for batch in line.road.batches for value in batch] == [b"1", b"2", b"3"]


async def test_a_damaged_row_is_set_aside_and_the_rest_is_delivered(tmp_path: Path) -> None:
    """Rule 6: a bad row is counted and kept; its neighbours go on."""
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


async def test_a_full_spool_refuses_and_recovers(tmp_path: Path) -> None:
    """The byte limit: what does not fit is FAILED, for the sender to send again; room comes back with delivery."""
    async with running(tmp_path, max_bytes=1_000) as line:
        line.road.opened.clear()
        assert await put(line.lane, bytes(900), within=SOON).answer == [STORED]
        assert await put(line.lane, bytes(900)).answer == [Outcome.FAILED]
        line.road.verdict = lambda _: None
        line.road.opened.set()
        await line.empty()
        assert await put(line.lane, bytes(900)).answer == [ACKED]


async def test_a_spool_that_fails_leaves_the_answer_to_the_sender(line: Line, tmp_path: Path) -> None:
    """Rule 7: neither in Kafka nor on the disk is FAILED, in doubt at Kafka is UNCERTAIN; nothing is acknowledged."""
    (tmp_path / "sre-ingest.db").unlink()
    under_way = put(line.lane, b"1", within=SOON)
    await line.batch(0)
    behind = put(line.lane, b"2", within=SOON)
    assert (await under_way.answer, await behind.answer) == ([Outcome.UNCERTAIN], [Outcome.FAILED])
    assert not line.lane.turned


async def test_order_is_kept_through_every_turn(line: Line) -> None:
    """One writer, a road that closes and opens at random times: what is durable arrives, first occurrences in order."""
    line.road.verdict = lambda values: kafka.RequestTimedOutError() if values[0][-1] % 7 == 3 else None
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
