"""The books: what is missing is told at once, and what is under way is not taken for it."""

import pytest

from sre_ingest.ledger import Ledger
from sre_ingest.publishing import Outcome, Standing

DURABLE = [Outcome.ACKED, Outcome.STORED]


class World:
    """A publisher that says where its records are."""

    def __init__(self) -> None:
        self.now = Standing()
        self.ledger = Ledger(lambda: self.now)

    def publish(self, *outcomes: Outcome) -> None:
        """Hand over, and be answered so."""
        self.ledger.hand(len(outcomes))
        self.ledger.enter(outcomes)


@pytest.mark.parametrize(
    ("now", "imbalance"),
    [
        (Standing(acked=2), 0),
        (Standing(acked=1, waiting=1), 0),
        (Standing(acked=9, waiting=-8, parked=1), 0),
        (Standing(acked=1), 1),
        (Standing(), 2),
        (Standing(acked=2, waiting=1), -1),
        (Standing(acked=2, waiting=1, moving=1), 0),
        (Standing(acked=1, moving=5), 1),
    ],
)
def test_accepted_is_acked_waiting_or_parked(now: Standing, imbalance: int) -> None:
    """One that is nowhere is missing, whatever is just leaving the disk; one too many is explained by that alone."""
    world = World()
    world.publish(*DURABLE, Outcome.FAILED, Outcome.UNCERTAIN, Outcome.REFUSED)
    world.now = now
    assert world.ledger.imbalance() == imbalance


def test_what_is_not_answered_yet_may_have_arrived() -> None:
    """It is there before its sender is told, and explains no more than itself."""
    world = World()
    world.ledger.hand(2)
    for acked, imbalance in ((0, 0), (1, 0), (2, 0), (3, -3)):
        world.now = Standing(acked=acked)
        assert world.ledger.imbalance() == imbalance
    world.now = Standing(acked=2)
    world.ledger.enter(DURABLE)
    assert world.ledger.imbalance() == 0
