"""What is on the topic, as a consumer sees it."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace

from sre_ingest.dedup import Sighting, sighting
from sre_ingest.identity import message_id, overtaking
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
    """Everything on the topic, each record held to the contract; but for what gateways say again of themselves."""
    received = await consume(bootstrap_servers, topic)
    again = _said_again(received)
    return [_found(one, place) for place, one in enumerate(received) if one.intent.meta.message_id not in again]


def joined(earlier: Sequence[Found], later: Sequence[Found]) -> list[Found]:
    """Two topics that took the place of each other, as one."""
    return [*earlier, *[replace(one, place=one.place + len(earlier)) for one in later]]


def _said_again(received: Sequence[Received]) -> set[str]:
    """The ids that records have which say once more what a late record has overtaken (docs/identity.md)."""
    of_key: dict[str, list[Sighting]] = defaultdict(list)
    for one in received:
        if (seen := sighting([(name, text.encode()) for name, text in one.headers.items()])) is not None:
            of_key[one.key].append(seen)
    return {
        message_id(said.key, overtaking(late.message_id))
        for alike in of_key.values()
        for said in alike
        for late in alike
    }


def _found(one: Received, place: int) -> Found:
    alert = one.intent.ingest_alert_requested
    step = _STEPS.get(alert.status, "other")
    item = Item(alert.labels.get("item", ""), step, alert.annotations.get("word", ""))
    return Found(item, one.intent.meta.message_id, one.partition, place)
