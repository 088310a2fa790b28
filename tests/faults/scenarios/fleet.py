"""More than one: two Alertmanagers before one gateway, and two gateways behind a balancer."""

import asyncio
import random

from tests.faults.checker import ledger
from tests.faults.checker.items import Body, bodies
from tests.faults.checker.row import Row
from tests.faults.checker.senders import Connection, insist, send, try_once
from tests.faults.checker.trial import Ground, Trial
from tests.parts.gateway import Gateway
from tests.parts.relay import Relay

_SUPPRESSED = 0.999
_LEAVING = 0.3
"""Seconds between leaving the balancer and SIGTERM, as the chart's preStop has them."""


async def pair(ground: Ground) -> Row:
    """Two Alertmanagers say the same: at least 99.9 % of repetitions become no record, order per alert holds."""
    async with Trial(ground, await ground.new_topic()) as trial:
        async with asyncio.timeout(ground.seconds + 60), asyncio.TaskGroup() as tasks:
            ending = asyncio.get_running_loop().time() + ground.seconds
            for number in range(ground.senders):
                tasks.create_task(_both(trial, number, ending))
        books = await trial.drained()
        complaints = [*ledger.imbalances(books), *ledger.differences(books, trial.history)]
    verdict = await trial.conclude()
    share = 1 - verdict.duplicates / max(1, verdict.acknowledged)
    if share < _SUPPRESSED:
        complaints.append(f"only {share:.2%} suppressed")
    return Row(verdict, 0, [f"{share:.2%} of repetitions suppressed"], complaints)


async def rolling(ground: Ground) -> Row:
    """Rolling restarts of two gateways behind a balancer, the sender never repeats: 0 refused, 0 lost."""
    restarts = max(1, min(20, round(ground.seconds)))
    trial = Trial(ground, await ground.new_topic())
    folder = ground.folder / "second"
    folder.mkdir()
    second = Gateway(folder, trial.settings)
    with Relay() as balancer:
        async with trial:
            await asyncio.to_thread(second.start)
            await _roll(balancer, trial, [trial.gateway, second], restarts)
            await asyncio.to_thread(second.stop)
            complaints = ledger.imbalances(await trial.drained())
    verdict = await trial.conclude()
    if verdict.info:
        complaints.append(f"refused: {dict(trial.history.answers())}")
    return Row(verdict, restarts, complaints=complaints)


async def _roll(balancer: Relay, trial: Trial, gateways: list[Gateway], restarts: int) -> None:
    """Restart one gateway after the other, so many times in all, while senders that never repeat send."""
    for gateway in gateways:
        await _join(balancer, gateway)
    ending = asyncio.Event()
    async with asyncio.TaskGroup() as tasks:
        for number in range(trial.ground.senders):
            connection = Connection(f"{balancer.url}/webhooks/alertmanager", trial.history, {"connection": "close"})
            tasks.create_task(send(connection, bodies(trial.ground.seed, number), try_once, ending))
        for number in range(restarts):
            await _restart(balancer, gateways[number % 2])
        ending.set()


async def _both(trial: Trial, number: int, ending: float) -> None:
    """Two senders, each body from both at about the same time."""
    chance = random.Random(number)  # noqa: S311
    loop = asyncio.get_running_loop()
    members = [Connection(trial.gateway.webhook, trial.history) for _ in range(2)]
    for body in bodies(trial.ground.seed, number):
        if loop.time() > ending:
            break
        await asyncio.gather(*[_late(member, body, chance.uniform(0, 0.01)) for member in members])
    for member in members:
        await member.close()


async def _late(connection: Connection, body: Body, seconds: float) -> None:
    await asyncio.sleep(seconds)
    await insist(connection, body)


async def _join(balancer: Relay, gateway: Gateway) -> None:
    await asyncio.to_thread(gateway.wait_until_ready)
    balancer.add(gateway.port)


async def _restart(balancer: Relay, gateway: Gateway) -> None:
    balancer.remove(gateway.port)
    await asyncio.sleep(_LEAVING)
    await asyncio.to_thread(gateway.stop)
    await asyncio.to_thread(gateway.start)
    await _join(balancer, gateway)
