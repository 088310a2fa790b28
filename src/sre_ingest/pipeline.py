"""The line: read, claim, seal, address, publish. Nothing else happens here."""

import asyncio
from collections.abc import Sequence

from sre_ingest.addressing import address
from sre_ingest.dedup import Claim, Memory
from sre_ingest.envelope import seal
from sre_ingest.publishing import Outcome, Publisher, Record
from sre_ingest.receipts import Item, ItemOutcome, Receipt
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import ItemReason, Unavailable
from sre_ingest.sdk.signal import Reading


class Pipeline:
    """Takes deliveries from admission to their receipts."""

    def __init__(self, memory: Memory, publisher: Publisher) -> None:
        self._memory = memory
        self._publisher = publisher
        self._publications: set[asyncio.Task[None]] = set()

    async def ingest(self, adapter: Adapter, delivery: Delivery) -> Receipt:
        """Make one delivery durable and account for it.

        Raises what `adapter.read` raises, and Unavailable when some record is not durable for certain: the sender's
        next attempt then repeats what is, and publishes what is not under the same ids.
        """
        reading = adapter.read(delivery)
        claims = self._memory.claim(reading.signals, delivery.received_at)
        await self._publish([claim for claim in claims if claim.to_publish], delivery)
        # Only now: a delivery that waited for another before it has published its own could wait in a circle.
        outcomes = [await claim.ended() for claim in claims]
        if any(outcome in (Outcome.FAILED, Outcome.UNCERTAIN) for outcome in outcomes):
            raise Unavailable("Nothing durable took the delivery in time; send it again.")
        return _receipt(delivery, reading, claims, outcomes)

    async def _publish(self, claims: Sequence[Claim], delivery: Delivery) -> None:
        if not claims:
            return
        # A task of its own: a client that goes away takes only its answer with it, not what others may be waiting for.
        task = asyncio.create_task(self._settle(claims, delivery))
        self._publications.add(task)
        task.add_done_callback(self._publications.discard)
        await asyncio.shield(task)

    async def _settle(self, claims: Sequence[Claim], delivery: Delivery) -> None:
        outcomes: Sequence[Outcome] = [Outcome.UNCERTAIN] * len(claims)
        try:
            outcomes = await self._publisher.publish([_record(claim, delivery) for claim in claims])
        finally:
            for claim, outcome in zip(claims, outcomes, strict=True):
                self._memory.settle(claim, outcome)


def _record(claim: Claim, delivery: Delivery) -> Record:
    intent = seal(claim.signal, claim.message_id, delivery)
    return address(intent, str(claim.signal.key), delivery.received_at)


def _receipt(delivery: Delivery, reading: Reading, claims: Sequence[Claim], outcomes: Sequence[Outcome]) -> Receipt:
    items = [_item(claim, outcome) for claim, outcome in zip(claims, outcomes, strict=True)]
    items += [Item(r.index, ItemOutcome.QUARANTINED, reason=r.reason, path=r.path) for r in reading.rejects]
    items += [Item(index, ItemOutcome.IGNORED) for index in reading.ignored]
    items.sort(key=lambda item: item.index)
    return Receipt(delivery.receipt_id, items, on_disk=Outcome.STORED in outcomes, truncated=reading.truncated)


def _item(claim: Claim, outcome: Outcome) -> Item:
    signal = claim.signal
    if outcome is Outcome.REFUSED:
        return Item(signal.index, ItemOutcome.QUARANTINED, reason=ItemReason.TOO_LARGE, signal=signal)
    fate = ItemOutcome.ACCEPTED if claim.to_publish else ItemOutcome.DUPLICATE
    return Item(signal.index, fate, claim.message_id, signal=signal)
