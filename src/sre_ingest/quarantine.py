"""What could not be understood: how it is known again, and who keeps it until somebody decides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Protocol

from sre_ingest.receipts import ItemOutcome, Receipt
from sre_ingest.sdk import json
from sre_ingest.sdk.delivery import Delivery, Endpoint
from sre_ingest.sdk.errors import BadIdempotencyKey, DeliveryError, ItemReason, NotJson, WrongShape
from sre_ingest.sdk.signal import Reading

MAX_ITEMS = 256
"""Items of one delivery that are kept each by itself; if more of them are refused, the body is kept as a whole, so that
no delivery makes more work of its answer than that.
"""

REASONS = (NotJson.reason, WrongShape.reason, BadIdempotencyKey.reason, *ItemReason)
"""Every reason why something is kept."""


@dataclass(frozen=True, slots=True)
class Refusal:
    """One item, or a whole body, that was not understood."""

    id: str
    """Under which it is kept. The same item of the same senders has the same id, in whatever body it comes."""
    reason: str
    place: str
    """The field that was wrong, in the sender's words; empty if none can be named."""
    index: int | None = None
    """Position of the item in the delivery; None: the body as a whole."""
    times: int = 1
    """How often the delivery says it."""


class Quarantine(Protocol):
    """Keeps, durably, what was refused: once for each id, with a count, and never evicting any."""

    active: bool
    """False if it never keeps anything; what is refused has no id then."""

    async def keep(self, delivery: Delivery, refusals: Sequence[Refusal]) -> None:
        """Keep all of them with the body they came in. What is there already needs no room and is counted up.

        QuarantineFull if there is no room for one of them, Unavailable if the disk does not take them in time; the
        others are kept nevertheless.
        """


class NoQuarantine:
    """The quarantine of a deployment that wants none."""

    active = False

    async def keep(self, delivery: Delivery, refusals: Sequence[Refusal]) -> None:
        """Nothing is ever kept."""


def of_body(delivery: Delivery, error: DeliveryError) -> Refusal:
    """The refusal of a body as a whole."""
    return Refusal(body_id(delivery), error.reason, "")


def of_items(delivery: Delivery, receipt: Receipt) -> list[Refusal]:
    """The refusals among the items of a receipt, each id once."""
    if not receipt.count(ItemOutcome.QUARANTINED):
        return []  # as nearly always, and the id of a large body takes a while
    found: dict[str, Refusal] = {}
    whole = body_id(delivery)
    for item in receipt.items:
        if (name := item.quarantine_id) is None or item.reason is None:
            continue
        index = None if name == whole else item.index
        known = found.setdefault(name, Refusal(name, item.reason, item.path or "", index, 0))
        found[name] = Refusal(name, known.reason, known.place, known.index, 1 if index is None else known.times + 1)
    return list(found.values())


def names(delivery: Delivery, reading: Reading, indexes: Sequence[int]) -> Mapping[int, str]:
    """The ids of these items of a reading; that of the body for all of them if they are too many."""
    if len(indexes) > MAX_ITEMS:
        return dict.fromkeys(indexes, body_id(delivery))
    return {index: item_id(delivery.endpoint, reading, delivery.body, index) for index in indexes}


def item_id(endpoint: Endpoint, reading: Reading, body: bytes, index: int) -> str:
    """The id of one item: of what it says, whatever stands beside it in the body."""
    if index >= len(reading.items):
        return _digest(endpoint, "place", str(index).encode(), body)
    return _digest(endpoint, "item", _canonical(reading.items[index]))


def body_id(delivery: Delivery) -> str:
    """The id of a body as a whole."""
    return _digest(delivery.endpoint, "body", delivery.body)


def _canonical(item: json.Value) -> bytes:
    # As a list, so that the text "1" and the number 1 differ.
    return json.text([item]).encode(errors="surrogatepass")


def _digest(endpoint: Endpoint, kind: str, *parts: bytes) -> str:
    hashed = blake2b(digest_size=10)
    for part in _framed((kind, endpoint.source, endpoint.instance, endpoint.tenant), parts):
        hashed.update(part)
    return hashed.hexdigest()


def _framed(words: Iterable[str], parts: Iterable[bytes]) -> Iterable[bytes]:
    for part in (*(word.encode() for word in words), *parts):
        yield len(part).to_bytes(8, "big")
        yield part
