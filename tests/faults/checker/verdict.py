"""What the history and the topic say together."""

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tests.faults.checker.history import History, Outcome
from tests.faults.checker.items import STEPS, Item
from tests.faults.checker.topic import Found


@dataclass(frozen=True, slots=True)
class Verdict:
    """The promise is kept when `broken` is empty."""

    operations: int
    info: int
    acknowledged: int
    """Items."""
    lost: tuple[Item, ...]
    duplicates: int
    """Records of items that other records say already."""
    torn: tuple[Item, ...]
    """Items whose records, or whose answers, have more than one id."""
    never_sent: tuple[Item, ...]
    order_breaks: tuple[str, ...]
    """Alerts of which a later observation stands before an earlier one that was acknowledged before it was sent."""
    slowest: float
    """Seconds of the slowest answer."""

    @property
    def broken(self) -> list[str]:
        """Which promises are, in words with examples."""
        found: Mapping[str, Sequence[object]] = {
            "lost": self.lost,
            "more than one id": self.torn,
            "never sent": self.never_sent,
            "out of order": self.order_breaks,
        }
        return [f"{name}: {len(which)}, such as {which[0]}" for name, which in found.items() if which]


@dataclass(frozen=True, slots=True)
class Missing:
    """Which items may be acknowledged and not on the topic, and why: they are not lost."""

    destroyed: AbstractSet[Item] = frozenset()
    """The test has destroyed their bytes."""
    parked: AbstractSet[Item] = frozenset()
    """Kafka refuses them for good, and they lie where the gateway keeps what it cannot send."""


ALL_THERE = Missing()
"""Nothing may be missing."""


def judge(history: History, found: Sequence[Found], missing: Missing = ALL_THERE) -> Verdict:
    """Compare what was promised with what is there."""
    first = _first(found)
    return Verdict(
        operations=len(history.operations),
        info=history.count(Outcome.INFO),
        acknowledged=len(history.done),
        lost=tuple(sorted(history.done.keys() - first.keys() - missing.destroyed - missing.parked)),
        duplicates=len(found) - len(first),
        torn=tuple(_torn(history, found)),
        never_sent=tuple(sorted(first.keys() - history.begun.keys())),
        order_breaks=tuple(_order_breaks(history, first)),
        slowest=history.slowest(),
    )


def times(found: Sequence[Found]) -> Counter[Item]:
    """How often each item is there."""
    return Counter(one.item for one in found)


def _first(found: Sequence[Found]) -> dict[Item, Found]:
    first: dict[Item, Found] = {}
    for one in found:
        first.setdefault(one.item, one)
    return first


def _torn(history: History, found: Sequence[Found]) -> list[Item]:
    ids: dict[Item, set[str]] = defaultdict(set)
    for one in found:
        ids[one.item].add(one.message_id)
    for item, message_id in history.ids.items():
        if item in ids:
            ids[item].add(message_id)
    return sorted(item for item, several in ids.items() if len(several) > 1)


def _order_breaks(history: History, first: Mapping[Item, Found]) -> list[str]:
    lives: dict[str, dict[str, Item]] = defaultdict(dict)
    for item in first:
        lives[item.alert][item.step] = item
    whole = [[life[step] for step in STEPS] for life in lives.values() if set(STEPS) <= set(life)]
    return sorted(before.alert for before, after in whole if _breaks(history, first, before, after))


def _breaks(history: History, first: Mapping[Item, Found], before: Item, after: Item) -> bool:
    if before not in history.done or after not in history.begun:
        return False
    if history.done[before] > history.begun[after]:
        return False  # they were under way together: no order was promised
    here, there = first[before], first[after]
    return here.partition != there.partition or here.place > there.place
