"""What `sre-ingest tail` reads."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

from sre_ingest.kafka import Connection
from sre_ingest.kafka.reader import read
from sre_ingest.kafka.topics import TopicError
from sre_ingest.publishing import Record


async def write(servers: str, topic: str, *numbers: int) -> list[Record]:
    records = [Record(b"key-%d" % number, (("name", b"\x00%d" % number),), b"%d" % number) for number in numbers]
    async with AIOKafkaProducer(bootstrap_servers=servers, acks="all") as producer:
        for record in records:
            await producer.send_and_wait(topic, record.value, key=record.key, headers=list(record.headers))
    return records


async def test_from_the_beginning_to_the_present_end(kafka: str, topic: str) -> None:
    """All partitions, every record once, and then it ends."""
    written = await write(kafka, topic, *range(50))
    found = [record async for record in read(Connection(kafka), topic, from_beginning=True, follow=False)]
    assert sorted(found, key=str) == sorted(written, key=str)


async def test_what_is_null_is_empty(kafka: str, topic: str) -> None:
    """Other producers may leave out key, value, and the value of a header."""
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all") as producer:
        await producer.send_and_wait(topic, None, key=b"key", headers=[("name", None)])
        await producer.send_and_wait(topic, b"value")
    found = [record async for record in read(Connection(kafka), topic, from_beginning=True, follow=False)]
    assert sorted(found, key=str) == [Record(b"", (), b"value"), Record(b"key", (("name", b""),), b"")]


async def test_an_empty_topic_ends_at_once(kafka: str, topic: str) -> None:
    """Nothing to read is no reason to wait; neither is what lies before, when only what comes was asked for."""
    assert [record async for record in read(Connection(kafka), topic, from_beginning=True, follow=False)] == []
    await write(kafka, topic, 1)
    assert [record async for record in read(Connection(kafka), topic, from_beginning=False, follow=False)] == []


async def test_following_begins_now_and_goes_on(kafka: str, topic: str) -> None:
    """What was there before is not read, what comes is, until the reader closes it."""
    await write(kafka, topic, 1, 2)
    records = read(Connection(kafka), topic, from_beginning=False, follow=True)
    upcoming = asyncio.ensure_future(anext(records))
    written: list[Record] = []
    while not upcoming.done():  # nothing says when the reader stands at the end, so write until it sees something
        written += await write(kafka, topic, 3 + len(written))
        await asyncio.wait({upcoming}, timeout=0.5)
    assert upcoming.result() in written
    await records.aclose()  # type: ignore[attr-defined]


async def test_a_missing_topic_is_one_sentence(kafka: str) -> None:
    """And is not created by the question."""
    for _ in range(2):
        with pytest.raises(TopicError, match="does not exist"):
            await anext(read(Connection(kafka), "not-there", from_beginning=True, follow=False))
