"""Records that Kafka refuses for good."""

import asyncio
import sys
from collections.abc import Iterator
from pathlib import Path

from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from tests.faults import keyless
from tests.faults.checker import aside, ledger, senders
from tests.faults.checker.items import Body, Item, bodies
from tests.faults.checker.row import Row
from tests.faults.checker.trial import Ground, Trial
from tests.faults.checker.verdict import Missing
from tests.parts.relay import Door
from tests.parts.topics import administering

_LIMIT = 20_000
_SPOOLED = 500
"""Records of which some are poison, however few a delivery has."""
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


async def invalid_record(ground: Ground) -> Row:
    """Single records without a key amid others on a compacted topic, spooled and direct: those alone are INVALID_RECORD
    and put aside, raw, and none behind them is blocked.
    """
    topic = await ground.new_topic({"cleanup.policy": "compact"})
    program = (sys.executable, str(Path(keyless.__file__)))
    with Door(ground.kafka) as door:
        async with Trial(ground, topic, door.settings, program) as trial:
            async with trial.load():
                await asyncio.sleep(ground.seconds / 2)
                await trial.until(lambda books: books.kept >= _SPOOLED)
                door.open()
                await trial.until(lambda books: books.parked > 0 and not books.waiting)
                await asyncio.sleep(ground.seconds / 2)
            books = await trial.drained()
            put_aside = await aside.words(trial.gateway, ground.folder / "data")
    poison = frozenset(item for item in trial.history.begun if keyless.loses_its_key(item.alert))
    verdict = await trial.conclude(Missing(parked=poison))
    complaints = ledger.imbalances(books)
    if sorted(put_aside) != sorted(item.word for item in poison) or not books.intents["quarantined"]:
        complaints.append(f"{len(poison)} records had no key, {len(put_aside)} of {books} lie aside")
    notes = f"{books.parked} records parked, {books.intents['quarantined']} quarantined in the answer"
    return Row(verdict, len(poison), [notes], complaints)


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
