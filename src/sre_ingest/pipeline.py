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
from sre_ingest.sdk.signal import Reading, Signal

PORTION = 256
"""Signals claimed and published at a time. A delivery of more is taken as if it had come in several, so that however
large it is, others have their turn and the log is never handed more than it may queue.
"""
LARGE = 256 * 1024
"""Bytes from which a body is read beside the event loop, which a hundred alerts already hold up for a while."""

Settled = tuple[Claim, Outcome]


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
        reading = await _read(adapter, delivery)
        settled: list[Settled] = []
        for first in range(0, len(reading.signals), PORTION):
            settled += await self._take(reading.signals[first : first + PORTION], delivery)
        return _receipt(delivery, reading, settled)

    async def _take(self, signals: Sequence[Signal], delivery: Delivery) -> list[Settled]:
        claims = self._memory.claim(signals, delivery.received_at)
        await self._publish([claim for claim in claims if claim.to_publish], delivery)
        # Only now: a delivery that waited for another before it has published its own could wait in a circle.
        settled = [(claim, await claim.ended()) for claim in claims]
        if any(outcome in (Outcome.FAILED, Outcome.UNCERTAIN) for _, outcome in settled):
            raise Unavailable("Nothing durable took the delivery in time; send it again.")
        return settled

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


async def _read(adapter: Adapter, delivery: Delivery) -> Reading:
    if len(delivery.body) < LARGE:
        return adapter.read(delivery)
    return await asyncio.to_thread(adapter.read, delivery)


def _record(claim: Claim, delivery: Delivery) -> Record:
    intent = seal(claim.signal, claim.message_id, delivery)
    return address(intent, claim.signal.key.text, delivery.received_at)


def _receipt(delivery: Delivery, reading: Reading, settled: Sequence[Settled]) -> Receipt:
    items = [_item(claim, outcome) for claim, outcome in settled]
    items += [Item(r.index, ItemOutcome.QUARANTINED, reason=r.reason, path=r.path) for r in reading.rejects]
    items += [Item(index, ItemOutcome.IGNORED) for index in reading.ignored]
    items.sort(key=lambda item: item.index)
    on_disk = any(outcome is Outcome.STORED for _, outcome in settled)
    return Receipt(delivery.receipt_id, items, on_disk=on_disk, truncated=reading.truncated)


def _item(claim: Claim, outcome: Outcome) -> Item:
    signal = claim.signal
    if outcome is Outcome.REFUSED:
        return Item(signal.index, ItemOutcome.QUARANTINED, reason=ItemReason.TOO_LARGE, signal=signal)
    fate = ItemOutcome.ACCEPTED if claim.to_publish else ItemOutcome.DUPLICATE
    return Item(signal.index, fate, claim.message_id, signal=signal)
