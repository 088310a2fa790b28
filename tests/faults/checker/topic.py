"""What is on the topic, as a consumer sees it."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tests.faults.checker.items import Item
from tests.journey.consumer import Received, consume

_STEPS = {1: "firing", 2: "resolved"}


@dataclass(frozen=True, slots=True)
class Found:
    """One record: what it says, under which id, and where it lies."""

    item: Item
    message_id: str
    partition: int
    place: int
    """Grows with the offset within a partition."""


async def read(bootstrap_servers: str, topic: str) -> list[Found]:
    """Everything on the topic, each record held to the contract."""
    received = await consume(bootstrap_servers, topic)
    return [_found(one, place) for place, one in enumerate(received)]


def joined(earlier: Sequence[Found], later: Sequence[Found]) -> list[Found]:
    """Two topics that took the place of each other, as one."""
    return [*earlier, *[replace(one, place=one.place + len(earlier)) for one in later]]


def _found(one: Received, place: int) -> Found:
    alert = one.intent.ingest_alert_requested
    step = _STEPS.get(alert.status, "other")
    item = Item(alert.labels.get("item", ""), step, alert.annotations.get("word", ""))
    return Found(item, one.intent.meta.message_id, one.partition, place)
