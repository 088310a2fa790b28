"""What is sent: alerts, each with a life of two observations, all of them unique."""

import json
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tests.journey.alerts import alert, group

STEPS = ("firing", "resolved")
"""The life of an alert, in its order."""
SIZES = (1, 10)
"""Alerts of a body."""


@dataclass(frozen=True, slots=True, order=True)
class Item:
    """One observation of one alert; the word is in an annotation, so a record with a foreign one was never sent."""

    alert: str
    step: str
    word: str


@dataclass(frozen=True, slots=True)
class Body:
    """One delivery: the items, and the bytes that say them."""

    items: tuple[Item, ...]
    content: bytes


def bodies(seed: int, sender: int, *, padding: int = 0) -> Iterator[Body]:
    """The deliveries of one sender without end: some alerts fire, and in the next body the same are resolved.

    Items follow from the seed and the sender alone; only the times in the bodies are those of the run. `padding` is
    the number of characters by which every alert is longer.
    """
    chance = random.Random(f"{seed}/{sender}")  # noqa: S311
    count = 0
    while True:
        names = [f"{seed}-{sender}-{count + index}" for index in range(chance.choice(SIZES))]
        count += len(names)
        started = datetime.now(UTC).isoformat()
        for step in STEPS:
            items = tuple([Item(name, step, f"{chance.getrandbits(64):016x}") for name in names])
            yield Body(items, encode(items, started, "x" * padding))


def encode(items: Sequence[Item], started: str, padding: str = "") -> bytes:
    """The body in Alertmanager's words; what it leaves out of an alert, the gateway computes."""
    return json.dumps(group(*[_alert(item, started, padding) for item in items])).encode()


def _alert(item: Item, started: str, padding: str) -> dict[str, Any]:
    said = alert("Unique", item.step, started, item=item.alert)
    return {**said, "annotations": {"word": item.word, "padding": padding}}
