"""A consumer that knows nothing of the gateway: Kafka, the contract, and what its pages say."""

from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent
from sre_ingest.contract.validation import validate_record


@dataclass(frozen=True, slots=True)
class Received:
    """One record as a consumer sees it."""

    partition: int
    key: str
    headers: dict[str, str]
    intent: SreDomainIntent


async def consume(bootstrap_servers: str, topic: str) -> list[Received]:
    """Every record of the topic up to now, in order within a partition."""
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=bootstrap_servers, auto_offset_reset="earliest")
    await consumer.start()
    try:
        partitions: set[TopicPartition] = consumer.assignment()
        ends = await consumer.end_offsets(partitions)
        received: list[Received] = []
        for at in sorted(partitions):
            while await consumer.position(at) < ends[at]:
                received.append(_received(await consumer.getone(at)))
        return received
    finally:
        await consumer.stop()


def _received(record: ConsumerRecord) -> Received:
    headers = {name: value.decode() for name, value in record.headers}
    intent = SreDomainIntent.FromString(record.value)
    assert validate_record(record.key, record.headers, intent) == ()
    return Received(record.partition, record.key.decode(), headers, intent)
