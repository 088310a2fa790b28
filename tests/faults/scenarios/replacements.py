"""Something else under the same name: another cluster at the address, another topic of this name."""

import asyncio
from collections.abc import Awaitable, Callable

from tests.faults.checker import ledger
from tests.faults.checker.ledger import Books
from tests.faults.checker.row import Row
from tests.faults.checker.trial import Ground, Trial
from tests.parts.topics import delete_topic


async def replaced(ground: Ground) -> Row:
    """Another cluster, at first without the topic, in the place of this one: answered 2xx, and what the first one did
    not take arrives there.
    """
    topic = await ground.new_topic()

    async def change() -> None:
        await asyncio.to_thread(ground.cluster.kill)
        ground.cluster.replace()

    async def mend() -> None:
        await asyncio.to_thread(ground.cluster.start)
        await asyncio.sleep(1)
        await ground.new_topic(name=topic)

    return await _replaced(Trial(ground, topic), change, mend)


async def recreated(ground: Ground) -> Row:
    """The topic deleted and made again, its offsets from 0 on: answered 2xx, and what the first one did not take
    arrives on the second.
    """
    topic = await ground.new_topic()

    async def change() -> None:
        await delete_topic(ground.kafka, topic)

    async def mend() -> None:
        await ground.new_topic(name=topic)

    return await _replaced(Trial(ground, topic), change, mend)


async def _replaced(trial: Trial, change: Callable[[], Awaitable[None]], mend: Callable[[], Awaitable[None]]) -> Row:
    """Some load before `change`, more after it, and `mend` while that goes on."""
    async with trial:
        async with trial.load():
            await asyncio.sleep(max(1.0, trial.ground.seconds / 3))
        await trial.drained()
        earlier = await trial.found()
        await change()
        # A batch that the first one takes now is acknowledged, and gone with it.
        await trial.until(lambda books: not books.connected)
        async with trial.load(wave=1):
            await asyncio.sleep(trial.ground.seconds)
            await mend()
            await trial.until(lambda books: books.connected and books.seen_off > 0)
            await asyncio.sleep(1)
        await trial.drained()
        books = await trial.until(lambda books: books.followed)
    verdict = await trial.conclude(earlier=earlier)
    complaints = [*ledger.imbalances(books), *ledger.differences(books, trial.history), *_unkept(trial, books)]
    return Row(verdict, 1, [f"{len(earlier)} records on the first, {books.kept} went through the spool"], complaints)


def _unkept(trial: Trial, books: Books) -> list[str]:
    found = [f"{books.parked} records were put aside"] if books.parked else []
    refused = {answer: count for answer, count in trial.history.answers().items() if answer not in ("200", "202")}
    return [*found, *([f"not answered 2xx: {refused}"] if refused else [])]
