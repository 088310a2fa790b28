"""The publisher without a spool while Kafka is away, dies, freezes or refuses: prompt, honest answers, and recovery."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from prometheus_client import CollectorRegistry

from sre_ingest.kafka import ERRORS, Connection, KafkaPublisher
from sre_ingest.metrics import KafkaMetrics
from sre_ingest.publishing import Outcome, Record
from tests.parts.broker import KafkaBroker
from tests.parts.topics import administering, consume, create_topic

PROMPT = 4.0
"""Seconds for an answer that is promised in one, on a machine that does other things too."""
BOUNDED = 20.0
"""Seconds for what is promised in a dozen."""


def record(key: str, number: int = 0) -> Record:
    return Record(key.encode(), (), str(number).encode())


@asynccontextmanager
async def publishing(broker: KafkaBroker, topic: str) -> AsyncIterator[tuple[KafkaPublisher, CollectorRegistry]]:
    registry = CollectorRegistry()
    connection = Connection(broker.bootstrap_servers)
    publisher = KafkaPublisher(connection, topic=topic, metrics=KafkaMetrics(registry, errors=ERRORS))
    await publisher.start()
    try:
        yield publisher, registry
    finally:
        async with asyncio.timeout(BOUNDED):
            await publisher.stop()


async def until(holds: Callable[[], Awaitable[bool]], within: float = BOUNDED) -> None:
    async with asyncio.timeout(within):
        while not await holds():  # a broker sets no event
            await asyncio.sleep(0.1)


async def until_acked(publisher: KafkaPublisher, sent: Record) -> None:
    async def acked() -> bool:
        return list(await publisher.publish([sent])) == [Outcome.ACKED]

    await until(acked)


async def timed(publisher: KafkaPublisher, sent: list[Record]) -> tuple[list[Outcome], float]:
    began = time.monotonic()
    outcomes = list(await publisher.publish(sent))
    return outcomes, time.monotonic() - began


async def test_it_starts_without_kafka_and_finds_it_when_it_comes(own_broker: KafkaBroker) -> None:
    """Without Kafka a record fails promptly and `ready` says why; when Kafka comes, nothing has to be restarted."""
    topic = await create_topic(own_broker.bootstrap_servers)
    await asyncio.to_thread(own_broker.stop)
    async with publishing(own_broker, topic) as (publisher, registry):
        outcomes, took = await timed(publisher, [record("before")])
        assert outcomes == [Outcome.FAILED]
        assert took < PROMPT
        assert "did not answer" in (publisher.ready() or "")
        await asyncio.to_thread(own_broker.start)
        await until(lambda: asyncio.sleep(0, publisher.ready() is None))
        assert list(await publisher.publish([record("after")])) == [Outcome.ACKED]
        assert registry.get_sample_value("sre_ingest_kafka_producer_restarts_total") == 0
    # What failed was never sent later.
    keys = {message.key for message in await consume(own_broker.bootstrap_servers, topic, 1)}
    assert keys == {b"after"}


async def test_stopping_without_kafka_is_bounded(own_broker: KafkaBroker) -> None:
    """Ending the gateway does not wait for a cluster that is not there, and answers what is under way."""
    topic = await create_topic(own_broker.bootstrap_servers)
    async with publishing(own_broker, topic) as (publisher, _):
        await until_acked(publisher, record("first"))
        await asyncio.to_thread(own_broker.kill)
        under_way = asyncio.create_task(timed(publisher, [record("second")]))
        await asyncio.sleep(0)
    outcomes, took = await under_way
    assert outcomes[0] in (Outcome.FAILED, Outcome.UNCERTAIN)
    assert took < PROMPT


async def test_a_missing_topic_is_named_and_never_created(own_broker: KafkaBroker) -> None:
    """A topic that nobody made: the record fails, the reason carries the remedy; once it is made, records pass."""
    async with publishing(own_broker, "not-there") as (publisher, _):
        outcomes, took = await timed(publisher, [record("key")])
        assert outcomes == [Outcome.FAILED]
        assert took < PROMPT
        assert "topics ensure" in (publisher.ready() or "")
        await create_topic(own_broker.bootstrap_servers, name="not-there")
        await until_acked(publisher, record("key"))


async def test_nothing_acknowledged_is_lost_when_the_broker_dies(own_broker: KafkaBroker) -> None:
    """Killed under load, and started again: ACKED is in the topic, FAILED is not, first occurrences are in order."""
    topic = await create_topic(own_broker.bootstrap_servers)
    answers: dict[tuple[str, int], Outcome] = {}
    ending = asyncio.Event()

    async def one_after_the_other(publisher: KafkaPublisher, key: str) -> None:
        number = 0
        while not ending.is_set():
            sent = [record(key, number), record(key, number + 1)]
            outcomes, took = await timed(publisher, sent)
            assert took < PROMPT
            answers.update({(key, number + index): outcome for index, outcome in enumerate(outcomes)})
            number += 2

    async with publishing(own_broker, topic) as (publisher, _), asyncio.TaskGroup() as callers:
        await until_acked(publisher, record("warm"))
        for caller in range(20):
            callers.create_task(one_after_the_other(publisher, f"key-{caller}"))
        await asyncio.sleep(0.5)
        await asyncio.to_thread(own_broker.kill)
        await asyncio.sleep(2.5)
        await asyncio.to_thread(own_broker.start)
        await until_acked(publisher, record("warm"))
        await asyncio.sleep(0.5)
        ending.set()

    acked = {item for item, outcome in answers.items() if outcome is Outcome.ACKED}
    failed = {item for item, outcome in answers.items() if outcome is Outcome.FAILED}
    stored = [(m.key.decode(), int(m.value)) for m in await consume(own_broker.bootstrap_servers, topic, len(acked))]
    assert acked - set(stored) == set()
    assert failed & set(stored) == set()
    assert len(failed) > 0
    for caller in range(20):
        first = list(dict.fromkeys(number for key, number in stored if key == f"key-{caller}"))
        assert first == sorted(first)


async def test_a_frozen_broker_costs_a_deadline_and_no_restart(own_broker: KafkaBroker) -> None:
    """SIGSTOP: every call is answered within its deadline, with doubt; after SIGCONT the same publisher goes on."""
    topic = await create_topic(own_broker.bootstrap_servers)
    async with publishing(own_broker, topic) as (publisher, registry):
        await until_acked(publisher, record("before"))
        own_broker.pause()
        try:
            (first, took), (behind, behind_took) = await asyncio.gather(
                timed(publisher, [record("frozen", 1)]), _after(0.2, publisher, [record("frozen", 2)])
            )
            assert first == [Outcome.UNCERTAIN]
            # It waited behind the first and was never handed over, so it is certain.
            assert behind == [Outcome.FAILED]
            assert max(took, behind_took) < PROMPT
        finally:
            own_broker.resume()
        await until_acked(publisher, record("after"))
        assert registry.get_sample_value("sre_ingest_kafka_inflight_records") == 0
    stored = [(m.key, m.value) for m in await consume(own_broker.bootstrap_servers, topic, 2)]
    assert (b"frozen", b"2") not in stored


async def test_a_long_freeze_turns_readiness_false_and_back(own_broker: KafkaBroker) -> None:
    """A broker frozen for longer than a check takes is noticed without any traffic, and so is its return."""
    topic = await create_topic(own_broker.bootstrap_servers)

    async with publishing(own_broker, topic) as (publisher, registry):

        async def ready() -> bool:
            return publisher.ready() is None

        async def not_ready() -> bool:
            return publisher.ready() is not None

        await until(ready)
        assert registry.get_sample_value("sre_ingest_kafka_connected") == 1
        own_broker.pause()
        try:
            await until(not_ready)
            assert registry.get_sample_value("sre_ingest_kafka_connected") == 0
        finally:
            own_broker.resume()
        await until(ready)


async def test_a_producer_that_died_in_silence_is_replaced(kafka: str, topic: str) -> None:
    """Its sender task gone, aiokafka takes batches and never sends them: that costs a deadline, then a new producer."""
    registry = CollectorRegistry()
    publisher = KafkaPublisher(Connection(kafka), topic=topic, metrics=KafkaMetrics(registry, errors=ERRORS))
    await publisher.start()
    await until_acked(publisher, record("before"))
    link = publisher._supervisor._link
    assert link is not None
    link._producer._sender.sender_task.cancel()
    assert list(await publisher.publish([record("key", 1)])) == [Outcome.UNCERTAIN]
    await until_acked(publisher, record("key", 2))
    assert registry.get_sample_value("sre_ingest_kafka_producer_restarts_total") == 1
    await publisher.stop()


async def test_a_broker_that_refuses_a_batch_does_not_refuse_its_records(own_broker: KafkaBroker) -> None:
    """The limit is lowered behind our back: the batch is halved until the one record too large stands alone."""
    servers = own_broker.bootstrap_servers
    topic = await create_topic(servers, partitions=1)
    async with publishing(own_broker, topic) as (publisher, registry):
        await until_acked(publisher, record("warm"))
        await _lower_the_limit(servers, topic, 20_000)
        probes = await _refusing(publisher)
        sent = [Record(b"a", (), bytes([number]) * (30_000 if number == 5 else 3_000)) for number in range(16)]
        outcomes = list(await publisher.publish(sent))
        assert outcomes == [Outcome.REFUSED if number == 5 else Outcome.ACKED for number in range(16)]
        refused = registry.get_sample_value("sre_ingest_kafka_records_total", {"outcome": "refused"})
        assert refused == 2  # the last probe and the one record
    stored = await consume(servers, topic, 16 + probes)
    assert [m.value[0] for m in stored if m.key == b"a"] == [number for number in range(16) if number != 5]


async def _refusing(publisher: KafkaPublisher) -> int:
    """Wait until the broker has heard of its new limit; the number of large records that it took until then."""
    taken = 0
    while await publisher.publish([Record(b"probe", (), bytes(30_000))]) != [Outcome.REFUSED]:
        taken += 1
        await asyncio.sleep(0.1)
    return taken


async def _after(seconds: float, publisher: KafkaPublisher, sent: list[Record]) -> tuple[list[Outcome], float]:
    await asyncio.sleep(seconds)
    return await timed(publisher, sent)


async def _lower_the_limit(servers: str, topic: str, limit: int) -> None:
    async with administering(servers) as admin:
        resource = ConfigResource(ConfigResourceType.TOPIC, topic, {"max.message.bytes": str(limit)})
        await admin.alter_configs([resource])
