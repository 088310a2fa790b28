"""The line: read, claim, seal, address, publish. Nothing else happens here."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace

from sre_ingest import quarantine
from sre_ingest.addressing import address
from sre_ingest.dedup import Claim, Memory
from sre_ingest.envelope import seal
from sre_ingest.ledger import Ledger
from sre_ingest.publishing import Outcome, Publisher, Record
from sre_ingest.quarantine import NoQuarantine, Quarantine
from sre_ingest.receipts import Item, ItemOutcome, Receipt
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import DeliveryError, ItemReason, Unavailable
from sre_ingest.sdk.signal import Reading, Reject, Signal

PORTION = 256
"""Signals claimed and published at a time. A delivery of more is taken as if it had come in several, so that however
large it is, the event loop turns in between and the log is never handed more than it may queue.
"""
LARGE = 256 * 1024
"""Bytes from which a body is read beside the event loop, which a hundred alerts already hold up for a while."""

Settled = tuple[Claim, Outcome]
Publication = tuple[Sequence[Claim], "asyncio.Task[None] | None"]
"""A portion that is claimed, and the task that publishes what is its own to publish; None if it only repeats."""
Names = Mapping[int, str]
"""Under which ids items are kept that are refused, by their index; empty if they are not."""


class Pipeline:
    """Takes deliveries from admission to their receipts, in the order in which they were admitted."""

    def __init__(self, memory: Memory, publisher: Publisher, kept: Quarantine | None = None) -> None:
        """`kept` keeps what is refused; None: nothing is."""
        self._memory = memory
        self._publisher = publisher
        self._quarantine = kept or NoQuarantine()
        self.ledger = Ledger(publisher.standing)
        # Claims are made in the order of admission, or an older observation could be taken for the newer one. Nobody
        # ever waits here but for a delivery that is large.
        self._order = asyncio.Lock()
        self._publications: set[asyncio.Task[None]] = set()

    async def ingest(self, adapter: Adapter, delivery: Delivery) -> Receipt:
        """Make one delivery durable, what is refused of it too, and account for it.

        Raises what `adapter.read` raises; Unavailable when some record is not durable for certain, and QuarantineFull
        or Unavailable when something refused is not: the sender's next attempt then repeats what is, and publishes
        what is not under the same ids.
        """
        try:
            receipt = await self.take(adapter, delivery)
        except DeliveryError as error:
            if not error.retriable and self._quarantine.active:
                refusal = quarantine.of_body(delivery, error)
                await self._quarantine.keep(delivery, [refusal])
                error.quarantine_id = refusal.id
            raise
        # Its siblings are safe by now: if there is no room for what was refused, the next attempt repeats them.
        if refusals := quarantine.of_items(delivery, receipt):
            await self._quarantine.keep(delivery, refusals)
        return receipt

    async def take(self, adapter: Adapter, delivery: Delivery) -> Receipt:
        """The same, but nothing of what is refused is kept; the receipt has the ids under which it would be."""
        settled: list[Settled] = []
        async with self._order:
            reading, names, received = await self._read(adapter, delivery)
            *firsts, last = _portions(reading.signals)
            for portion in firsts:
                settled += await _end(self._begin(portion, delivery))
            publication = self._begin(last, delivery)
        settled += await _end(publication)
        if self._quarantine.active and (refused := _refused(settled)):
            names = await self._name(adapter, delivery, [*names, *refused])
        return _receipt(delivery, reading, settled, names, received)

    async def publish(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """See `Publisher.publish`; entered into the books."""
        outcomes: Sequence[Outcome] = [Outcome.UNCERTAIN] * len(records)
        self.ledger.hand(len(records))
        try:
            outcomes = await self._publisher.publish(records)
        finally:
            self.ledger.enter(outcomes)
        return outcomes

    async def _read(self, adapter: Adapter, delivery: Delivery) -> tuple[Reading, Names, int]:
        if len(delivery.body) < LARGE:
            return self._understand(adapter, delivery)
        return await asyncio.to_thread(self._understand, adapter, delivery)

    def _understand(self, adapter: Adapter, delivery: Delivery) -> tuple[Reading, Names, int]:
        reading = adapter.read(delivery)
        refused = [reject.index for reject in reading.rejects] if self._quarantine.active else []
        # What the sender said is let go before anything waits for the log: of many deliveries it would be much.
        return replace(reading, items=()), quarantine.names(delivery, reading, refused), len(reading.items)

    async def _name(self, adapter: Adapter, delivery: Delivery, indexes: Sequence[int]) -> Names:
        reading = await asyncio.to_thread(adapter.read, delivery)
        return await asyncio.to_thread(quarantine.names, delivery, reading, indexes)

    def _begin(self, signals: Sequence[Signal], delivery: Delivery) -> Publication:
        claims = self._memory.claim(signals, delivery.received_at, delivery.endpoint.dedup_window)
        own = [claim for claim in claims if claim.to_publish]
        if not own:
            return claims, None
        # A task of its own: a client that goes away takes only its answer with it, not what others may be waiting for.
        task = asyncio.create_task(self._settle(own, delivery))
        self._publications.add(task)
        task.add_done_callback(self._publications.discard)
        return claims, task

    async def _settle(self, claims: Sequence[Claim], delivery: Delivery) -> None:
        outcomes: Sequence[Outcome] = [Outcome.UNCERTAIN] * len(claims)
        try:
            outcomes = await self.publish([_record(claim, delivery) for claim in claims])
        finally:
            for claim, outcome in zip(claims, outcomes, strict=True):
                self._memory.settle(claim, outcome)


def _portions(signals: Sequence[Signal]) -> list[Sequence[Signal]]:
    return [signals[first : first + PORTION] for first in range(0, len(signals), PORTION)] or [()]


async def _end(publication: Publication) -> list[Settled]:
    claims, task = publication
    if task is not None:
        await asyncio.shield(task)
    # Only now: a delivery that waited for another before it has published its own could wait in a circle.
    settled = [(claim, await claim.ended()) for claim in claims]
    if any(outcome in (Outcome.FAILED, Outcome.UNCERTAIN) for _, outcome in settled):
        raise Unavailable("Nothing durable took the delivery in time; send it again.")
    return settled


def _record(claim: Claim, delivery: Delivery) -> Record:
    intent = seal(claim.signal, claim.message_id, delivery)
    return address(intent, claim.signal.key.text, delivery.received_at)


def _refused(settled: Sequence[Settled]) -> list[int]:
    return [claim.signal.index for claim, outcome in settled if outcome is Outcome.REFUSED]


def _receipt(delivery: Delivery, reading: Reading, settled: Sequence[Settled], names: Names, received: int) -> Receipt:
    items = [_item(claim, outcome, names) for claim, outcome in settled]
    items += [_reject(one, names) for one in reading.rejects]
    items += [Item(index, ItemOutcome.IGNORED) for index in reading.ignored]
    items.sort(key=lambda item: item.index)
    on_disk = any(outcome is Outcome.STORED for _, outcome in settled)
    # Where the room does not say what it has found, there is nothing to compare with.
    left = received - len(items) if received else 0
    return Receipt(delivery.receipt_id, items, on_disk=on_disk, truncated=reading.truncated, unaccounted=left)


def _reject(reject: Reject, names: Names) -> Item:
    kept = names.get(reject.index)
    return Item(reject.index, ItemOutcome.QUARANTINED, reason=reject.reason, path=reject.path, quarantine_id=kept)


def _item(claim: Claim, outcome: Outcome, names: Names) -> Item:
    signal = claim.signal
    if outcome is Outcome.REFUSED:
        kept, why = names.get(signal.index), ItemReason.TOO_LARGE
        return Item(signal.index, ItemOutcome.QUARANTINED, reason=why, quarantine_id=kept, signal=signal)
    fate = ItemOutcome.ACCEPTED if claim.to_publish else ItemOutcome.DUPLICATE
    return Item(signal.index, fate, claim.message_id, signal=signal, conflicting=claim.conflicting)
