"""The gateway itself: run long, and killed."""

import asyncio
import random

from tests.faults.checker import ledger
from tests.faults.checker.row import Row
from tests.faults.checker.trial import Ground, Trial

_LIFE = (0.3, 1.5)
"""Seconds that a gateway lives between its start and the next kill, at least and at most."""


async def soak(ground: Ground) -> Row:
    """Every 2xx becomes a record, and the books balance."""
    async with Trial(ground, await ground.new_topic()) as trial:
        async with trial.load():
            await asyncio.sleep(ground.seconds)
        books = await trial.drained()
        complaints = [*ledger.imbalances(books), *ledger.differences(books, trial.history)]
    verdict = await trial.conclude()
    return Row(verdict, 0, [f"{verdict.acknowledged / ground.seconds:.0f} items/s"], complaints)


async def kill(ground: Ground) -> Row:
    """Nothing that was acknowledged is lost by `kill -9`, and what is there twice has one id."""
    chance = random.Random(ground.seed)  # noqa: S311
    async with Trial(ground, await ground.new_topic()) as trial:
        async with trial.load():
            for _ in range(ground.kills):
                await asyncio.sleep(chance.uniform(*_LIFE))
                await asyncio.to_thread(trial.gateway.kill)
                await asyncio.to_thread(trial.gateway.start)
            await asyncio.sleep(_LIFE[0])
        complaints = ledger.imbalances(await trial.drained())
    return Row(await trial.conclude(), ground.kills, complaints=complaints)
