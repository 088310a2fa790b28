"""The promises of `sre_ingest.publishing.Publisher`, kept by every implementation."""

import asyncio
from collections import Counter
from collections.abc import Sequence

from sre_ingest.publishing import Outcome, Record
from tests.contracts.subjects import Subject


def record(key: str, number: int = 0) -> Record:
    return Record(key.encode(), (("ce_id", f"{key}-{number}".encode()),), str(number).encode())


def numbers(records: Sequence[Record], key: str) -> list[int]:
    return [int(each.value) for each in records if each.key == key.encode()]


async def test_there_is_one_outcome_a_record_and_each_is_durable(subject: Subject) -> None:
    """A healthy log answers every record of a delivery, in its order."""
    outcomes = await subject.publisher.publish([record(f"key-{number}") for number in range(10)])
    assert len(outcomes) == 10
    assert all(outcome.durable for outcome in outcomes)


async def test_a_healthy_log_is_ready_after_the_first_answer(subject: Subject) -> None:
    """What has just taken a record says that it works."""
    await subject.publisher.publish([record("key")])
    assert subject.publisher.ready() is None


async def test_nothing_is_published_of_an_empty_delivery(subject: Subject) -> None:
    """An empty delivery has no outcomes, and leaves nothing in the log."""
    assert list(await subject.publisher.publish([])) == []
    await subject.publisher.publish([record("only")])
    assert await subject.read(1) == [record("only")]


async def test_a_reader_finds_the_very_bytes(subject: Subject) -> None:
    """Key, value and headers arrive as they were given: order, repeated names, empty and binary values included."""
    sent = [
        Record(b"\x00\xff key", (("b", b"2"), ("a", b"1"), ("b", b""), ("ümlaut", b"\x00\xff")), b"\x00\x01\xfe\xff"),
        Record(b"", (), b""),
    ]
    await subject.publisher.publish(sent)
    assert sorted(await subject.read(2), key=hash) == sorted(sent, key=hash)


async def test_equal_keys_keep_the_order_of_a_delivery(subject: Subject) -> None:
    """Within one call the records of a key stay in order."""
    await subject.publisher.publish([record(f"key-{number % 3}", number) for number in range(300)])
    stored = await subject.read(300)
    assert {key: numbers(stored, f"key-{key}") for key in range(3)} == {
        key: list(range(key, 300, 3)) for key in range(3)
    }


async def test_equal_keys_keep_the_order_of_calls_that_nobody_waited_for(subject: Subject) -> None:
    """The second of two calls comes second, although the first was not answered yet: the very first calls included."""
    async with asyncio.TaskGroup() as calls:
        for number in range(200):
            calls.create_task(_publish(subject, [record("same", number)]))
            await asyncio.sleep(0)
    assert numbers(await subject.read(200), "same") == list(range(200))


async def test_a_large_delivery_is_taken_whole(subject: Subject) -> None:
    """Five thousand records, two megabytes of them, in one call."""
    sent = [Record(f"key-{number}".encode(), (), b"x" * 400) for number in range(5_000)]
    outcomes = await subject.publisher.publish(sent)
    assert (len(outcomes), {outcome.durable for outcome in outcomes}) == (5_000, {True})
    assert Counter(await subject.read(5_000)) == Counter(sent)


async def test_many_callers_at_once_get_their_own_answers(subject: Subject) -> None:
    """Every caller gets as many outcomes as it gave records, and nothing is lost or doubled."""
    sizes = [1, 2, 3, 50] * 25
    sent = [[record(f"caller-{caller}", number) for number in range(size)] for caller, size in enumerate(sizes)]
    answers = await asyncio.gather(*(subject.publisher.publish(records) for records in sent))
    assert [len(answer) for answer in answers] == sizes
    stored = await subject.read(sum(sizes))
    assert Counter(stored) == Counter(each for records in sent for each in records)
    assert numbers(stored, "caller-3") == list(range(50))


async def test_what_was_answered_as_durable_is_somewhere(subject: Subject) -> None:
    """Acked, waiting and parked together are all that was taken, and nothing else is."""
    for size in (1, 20, 300):
        await asyncio.gather(*(subject.publisher.publish([record(f"key-{key}")] * size) for key in range(3)))
    now = subject.publisher.standing()
    assert (now.acked + now.waiting + now.parked, now.moving) == (3 * 321, 0)


async def test_cancelling_the_caller_withdraws_nothing(subject: Subject) -> None:
    """A sender that hangs up does not take back what it sent."""
    call = asyncio.create_task(_publish(subject, [record("left", number) for number in range(3)]))
    await asyncio.sleep(0)
    call.cancel()
    await subject.publisher.publish([record("left", 3)])
    assert numbers(await subject.read(4), "left") == [0, 1, 2, 3]


async def test_stopping_is_bounded_and_final(subject: Subject) -> None:
    """`stop` returns, answers what was under way, and from then on every record fails."""
    under_way = asyncio.create_task(_publish(subject, [record("last")]))
    await asyncio.sleep(0)
    async with asyncio.timeout(subject.stop_within + 5):
        await subject.publisher.stop()
        assert len(await under_way) == 1
    assert list(await subject.publisher.publish([record("late")])) == [Outcome.FAILED]
    assert subject.publisher.ready() is not None


async def _publish(subject: Subject, records: Sequence[Record]) -> Sequence[Outcome]:
    return await subject.publisher.publish(records)
