"""What Kafka permits: taken away from the gateway while it runs, and given back."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from tests.faults.checker import ledger
from tests.faults.checker.ledger import Books
from tests.faults.checker.row import Row
from tests.faults.checker.trial import Ground, Trial
from tests.parts import acls
from tests.parts.acls import Operation, Permission


@dataclass(frozen=True, slots=True)
class _Denial:
    """One thing that is denied, and the metric that has to alarm."""

    operation: Operation
    alarms: Callable[[Books, Books], bool]
    """Whether the second books do, compared with the first."""


_DENIALS = (
    _Denial(Operation.WRITE, lambda before, now: now.denied > before.denied),
    _Denial(Operation.ALL, lambda _, now: not now.connected),  # not even to be told of the topic
)


async def forbidden(ground: Ground) -> Row:
    """Write, then everything, denied on the topic by an authorizer: answered 2xx, the lanes hold and the metrics alarm,
    nothing is parked; permitted again, everything arrives.
    """
    if await acls.obeyed(ground.kafka):
        return await _forbidden(ground)
    with ground.apart(acls.AUTHORIZER) as own:
        return await _forbidden(own)


async def _forbidden(ground: Ground) -> Row:
    topic = await ground.new_topic()
    # As soon as one rule speaks of a topic, nobody may do what none permits.
    await acls.put(ground.kafka, topic, Operation.ALL, Permission.ALLOW)
    async with Trial(ground, topic) as trial:
        async with trial.load():
            held = [await _denied(trial, denial) for denial in _DENIALS]
        books = await trial.drained()
    verdict = await trial.conclude()
    complaints = [*ledger.imbalances(books), *ledger.differences(books, trial.history), *_taken_for_poison(books)]
    if verdict.info:
        complaints.append(f"not answered 2xx: {dict(trial.history.answers())}")
    return Row(verdict, len(held), [f"{' and '.join(map(str, held))} records held, {books.denied} alarms"], complaints)


async def _denied(trial: Trial, denial: _Denial) -> int:
    """Deny it for a while; how many records waited in the end. PartFailedError when nothing alarms."""
    await trial.until(lambda books: books.connected and not books.waiting)
    before = await trial.until(lambda _: True)
    rule = (trial.ground.kafka, trial.topic, denial.operation, Permission.DENY)
    await acls.put(*rule)
    await trial.until(lambda books: denial.alarms(before, books) and books.waiting > 0)
    await asyncio.sleep(trial.ground.seconds)
    books = await trial.until(lambda _: True)
    await acls.remove(*rule)
    return books.waiting


def _taken_for_poison(books: Books) -> list[str]:
    aside = books.parked + books.intents["quarantined"]
    return [f"{aside} records were put aside for what the broker did not permit"] if aside else []
