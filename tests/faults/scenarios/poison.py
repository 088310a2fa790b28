"""Records that Kafka refuses for good."""

import asyncio
from collections.abc import Iterator

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tests.faults.checker import ledger, senders
from tests.faults.checker.items import Body, Item, bodies
from tests.faults.checker.row import Row
from tests.faults.checker.trial import Ground, Trial
from tests.faults.checker.verdict import Missing
from tests.parts.relay import Door
from tests.parts.topics import administering

_LIMIT = 20_000
_POISON = 99
"""The number of the sender whose alerts are too large."""


async def too_large(ground: Ground) -> Row:
    """The topic's limit is lowered in an outage: what is too large now is parked, and blocks nothing behind it."""
    topic = await ground.new_topic()
    with Door(ground.kafka) as door:
        async with Trial(ground, topic, door.settings) as trial:
            await _lower(ground, topic)
            async with trial.load():
                large = await _send_large(trial)
                await asyncio.sleep(ground.seconds)
                door.open()
                await asyncio.sleep(1)
            books = await trial.drained()
    verdict = await trial.conclude(Missing(parked=large))
    complaints = [*ledger.imbalances(books), *ledger.differences(books, trial.history)]
    if books.parked != len(large):
        complaints.append(f"{len(large)} records were too large and {books.parked} parked")
    return Row(verdict, len(large), [f"{books.parked} records parked"], complaints)


async def _send_large(trial: Trial) -> frozenset[Item]:
    """Have some alerts acknowledged that will turn out to be too large; which."""
    connection = senders.Connection(trial.gateway.webhook, trial.history)
    sent: list[Body] = []
    for body in _large(trial.ground.seed):
        await senders.insist(connection, body)
        sent.append(body)
    await connection.close()
    return frozenset(item for body in sent for item in body.items if item in trial.history.done)


def _large(seed: int) -> Iterator[Body]:
    stock = bodies(seed, _POISON, padding=_LIMIT * 2)
    yield from (next(stock) for _ in range(4))


async def _lower(ground: Ground, topic: str) -> None:
    async with administering(ground.kafka) as admin:
        limit = {"max.message.bytes": str(_LIMIT), "min.insync.replicas": str(max(1, ground.replicas - 1))}
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, limit)])
