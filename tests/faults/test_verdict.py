"""The checker can fail: each kind of broken promise is told from a good run, and from each other."""

from collections.abc import Sequence

from tests.faults.checker.history import History, Operation, Outcome
from tests.faults.checker.items import STEPS, Item, bodies
from tests.faults.checker.topic import Found
from tests.faults.checker.verdict import Verdict, judge

FIRED, ENDED = (Item("a", step, f"word of {step}") for step in STEPS)


def told(*items: Item, outcome: Outcome = Outcome.OK) -> History:
    """A history in which each was sent after the one before it was answered so."""
    history = History()
    for at, item in enumerate(items):
        history.begin([item], at)
        ids = {item: f"id of {item.step}"} if outcome is Outcome.OK else {}
        history.end(Operation((item,), at, 0.5, outcome, outcome), ids)
    return history


def found(*items: Item, partition: int = 0) -> list[Found]:
    """These on the topic in this order."""
    return [Found(item, f"id of {item.step}", partition, place) for place, item in enumerate(items)]


def words(history: History, topic: Sequence[Found]) -> list[str]:
    """Which promises are broken."""
    return [one.partition(":")[0] for one in judge(history, topic).broken]


def test_a_good_run_breaks_nothing() -> None:
    """Everything there, one of it twice under its id."""
    verdict: Verdict = judge(told(FIRED, ENDED), found(FIRED, ENDED, FIRED))
    assert (verdict.broken, verdict.duplicates, verdict.acknowledged) == ([], 1, 2)


def test_what_was_acknowledged_and_is_missing_is_lost() -> None:
    """And what was never acknowledged may be missing, and may be there."""
    assert words(told(FIRED, ENDED), found(FIRED)) == ["lost"]
    assert words(told(FIRED, ENDED, outcome=Outcome.INFO), found(FIRED)) == []


def test_what_nobody_sent_is_noticed() -> None:
    """Another alert, or the same one with words that it never had."""
    assert words(told(FIRED), found(FIRED, ENDED)) == ["never sent"]
    forged = Item(FIRED.alert, FIRED.step, "another word")
    assert words(told(FIRED), found(FIRED, forged)) == ["never sent"]


def test_one_item_has_one_id() -> None:
    """On the topic, and in the answer."""
    assert words(told(FIRED), [*found(FIRED), Found(FIRED, "another", 0, 1)]) == ["more than one id"]
    assert words(told(FIRED), [Found(FIRED, "another", 0, 1)]) == ["more than one id"]


def test_an_end_before_its_beginning_is_out_of_order() -> None:
    """In one partition, and because it went to another; a late repetition is no beginning."""
    assert words(told(FIRED, ENDED), found(ENDED, FIRED)) == ["out of order"]
    assert words(told(FIRED, ENDED), [*found(FIRED), *found(ENDED, partition=1)]) == ["out of order"]
    assert words(told(FIRED, ENDED, outcome=Outcome.INFO), found(ENDED, FIRED)) == []
    assert words(told(FIRED, ENDED), found(FIRED, ENDED, FIRED)) == []


def test_the_load_follows_from_its_seed() -> None:
    """The same items for the same seed and sender, others for another, and never one twice."""
    first, again, other = bodies(1, 2), bodies(1, 2), bodies(1, 3)
    items = [next(first).items for _ in range(50)]
    assert items == [next(again).items for _ in range(50)]
    others = [item for _ in range(50) for item in next(other).items]
    everything = [item for body in items for item in body] + others
    assert len(everything) == len(set(everything))
    assert {len(body) for body in items} == {1, 10}
