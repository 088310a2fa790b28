"""Kafka: down, restarted, without replicas, frozen, and behind a network that drops packets."""

import asyncio
import random
from collections.abc import Sequence

from tests.faults.checker import ledger
from tests.faults.checker.row import NotRunError, Row
from tests.faults.checker.trial import Ground, Trial
from tests.faults.scenarios import network
from tests.parts.broker import KafkaBroker

_LONG = 4.0
"""Seconds in which the client gives up on a request, and tries again."""
PROMPT = 6.0
"""Seconds for answers that are promised in two, on a machine that does other things too."""


async def outage(ground: Ground) -> Row:
    """All brokers killed: everything is answered 2xx, is drained when they are back, and stays in order per alert."""
    async with Trial(ground, await ground.new_topic()) as trial:
        async with trial.load():
            await asyncio.sleep(1)
            ground.cluster.kill()
            await asyncio.sleep(ground.seconds)
            await asyncio.to_thread(ground.cluster.start)
            await asyncio.sleep(1)
        return await _concluded(trial, 1)


async def restarts(ground: Ground) -> Row:
    """Brokers restarted one after the other, leaders moving each time: everything is answered 2xx, 0 lost."""
    rounds = max(1, round(ground.seconds / 30))
    async with Trial(ground, await ground.new_topic()) as trial:
        async with trial.load():
            for broker in ground.cluster.brokers * rounds:
                await asyncio.sleep(1)
                await asyncio.to_thread(broker.restart)
            await asyncio.sleep(1)
        return await _concluded(trial, rounds * len(ground.cluster.brokers))


async def replicas(ground: Ground) -> Row:
    """NOT_ENOUGH_REPLICAS, a broker being away that every write needs: answered 2xx, and drained when it is back."""
    brokers = ground.cluster.brokers
    if len(brokers) < 3:
        raise NotRunError(f"{len(brokers)} broker has no replicas to lose, three are needed: see make faults")
    topic = await ground.new_topic({"min.insync.replicas": str(len(brokers))})
    async with Trial(ground, topic) as trial:
        async with trial.load():
            await asyncio.sleep(1)
            brokers[-1].kill()
            await trial.until(lambda books: books.waiting > 0)
            await asyncio.sleep(ground.seconds)
            await asyncio.to_thread(ground.cluster.start)
        return await _concluded(trial, 1)


async def freeze(ground: Ground) -> Row:
    """Brokers under SIGSTOP, each in turn: the deadline of an answer is kept, 0 lost, duplicates have one id."""
    chance = random.Random(ground.seed)  # noqa: S311
    each = max(1.5, ground.seconds / 5)
    rounds = max(1, round(ground.seconds / each))
    async with Trial(ground, await ground.new_topic()) as trial:
        async with trial.load():
            for _ in range(rounds):
                await asyncio.sleep(1)
                await _frozen(ground, chance, each)
        return await _concluded(trial, rounds)


async def doubt(ground: Ground) -> Row:
    """Brokers frozen with batches in hand, and no spool: 503, for nobody knows; sent again, an alert has the id it had,
    so what arrives twice has one.
    """
    settings = {"SPOOL__ENABLED": "false", "QUARANTINE__ENABLED": "false"}
    brokers, rounds = ground.cluster.brokers, max(1, round(ground.seconds / 10))
    async with Trial(ground, await ground.new_topic(), settings) as trial:
        async with trial.load():
            for _ in range(rounds):
                await asyncio.sleep(1)
                await _stopped(brokers, _LONG)
                await trial.until(lambda books: books.connected)
            await asyncio.sleep(1)
        complaints = ledger.imbalances(await trial.drained())
    verdict = await trial.conclude()
    if not verdict.duplicates:
        complaints.append("nothing arrived twice, so nothing was in doubt")
    return Row(verdict, rounds, [f"{trial.history.answers()['503']} answers 503"], complaints)


async def cut(ground: Ground) -> Row:
    """Packets to the brokers dropped, then those from them: the deadline of an answer is kept, 0 lost."""
    network.require_own()
    each = max(1.5, ground.seconds / 4)
    ways = [network.REQUESTS, network.ANSWERS] * max(1, round(ground.seconds / each / 2))
    ports = [broker.port for broker in ground.cluster.brokers]
    async with Trial(ground, await ground.new_topic()) as trial:
        async with trial.load():
            for way in ways:
                await asyncio.sleep(1)
                with network.dropping(way, ports):
                    await asyncio.sleep(each)
        return await _concluded(trial, len(ways))


async def _frozen(ground: Ground, chance: random.Random, seconds: float) -> None:
    brokers = ground.cluster.brokers
    await _stopped(chance.choice([brokers, [chance.choice(brokers)]]), seconds)


async def _stopped(stopped: Sequence[KafkaBroker], seconds: float) -> None:
    for broker in stopped:
        broker.pause()
    try:
        await asyncio.sleep(seconds)
    finally:
        for broker in stopped:
            broker.resume()


async def _concluded(trial: Trial, faults: int) -> Row:
    books = await trial.drained()
    verdict = await trial.conclude()
    complaints = [*ledger.imbalances(books), *ledger.differences(books, trial.history)]
    if verdict.info:
        complaints.append(f"not answered 2xx: {dict(trial.history.answers())}")
    if verdict.slowest > PROMPT:
        complaints.append(f"an answer took {verdict.slowest:.1f} s")
    return Row(verdict, faults, [f"{books.kept} of {verdict.acknowledged} items went through the spool"], complaints)
