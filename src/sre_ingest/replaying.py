"""A second chance for what is in quarantine: it goes the way of a delivery once more, by today's rooms and mappings."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import structlog

from sre_ingest.pipeline import Pipeline
from sre_ingest.quarantine import Refusal, item_id, of_items
from sre_ingest.receipts import Item, ItemOutcome, Receipt
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Delivery, Endpoint
from sre_ingest.sdk.errors import DeliveryError
from sre_ingest.sdk.signal import Reading
from sre_ingest.store import entries, parked
from sre_ingest.store.entries import Entry, Selection
from sre_ingest.store.quarantine import StoreQuarantine
from sre_ingest.store.requests import Reply, Request
from sre_ingest.web.ways import Way, Ways

log = structlog.get_logger(__name__)


class Stays(Exception):
    """An entry stays in quarantine. The message is one sentence that says why."""


class Replaying:
    """Replays and drops what is in quarantine, as requests ask for it."""

    def __init__(self, data_dir: Path, ways: Ways, pipeline: Pipeline, quarantine: StoreQuarantine) -> None:
        self._data_dir = data_dir
        self._ways = ways
        self._pipeline = pipeline
        self._quarantine = quarantine

    async def replay(self, request: Request) -> Reply:
        """Publish what is understood today and take it out; what is not stays, under the reason of today."""
        return await self._each(request, self._again)

    async def drop(self, request: Request) -> Reply:
        """Take it out for good."""
        return await self._each(request, self._forget)

    async def _each(self, request: Request, act: Callable[[Entry], Awaitable[str]]) -> Reply:
        selection = Selection.of(request.arguments)
        found = await asyncio.to_thread(entries.select, self._data_dir, selection)
        missing = set(selection.ids) - {entry.id for entry in found}
        lines, done = [f"{name} is not in quarantine" for name in sorted(missing)], not missing
        for entry in found:
            try:
                told = await act(entry)
            except (Stays, DeliveryError) as stays:
                told, done = f"stays: {stays}", False
            log.info("quarantine_" + request.name, id=entry.id, outcome=told)
            lines.append(f"{entry.id} {told}")
        return Reply(lines, done)

    async def _forget(self, entry: Entry) -> str:
        await self._quarantine.remove(entry.id)
        return "dropped"

    async def _again(self, entry: Entry) -> str:
        told = await (self._resent if entry.reason == parked.REASON else self._reread)(entry)
        await self._quarantine.remove(entry.id)
        return told

    async def _resent(self, entry: Entry) -> str:
        record = await asyncio.to_thread(entries.record, self._data_dir, entry.id)
        if record is None:
            raise Stays("it is not what was written any more; drop it, and see the disk's health.")
        (outcome,) = await self._pipeline.publish([record])
        if not outcome.durable:
            raise Stays(f"it was sent again as it is, and {outcome}.")
        return f"published {dict(record.headers).get('ce_id', b'').decode(errors='replace')}".strip()

    async def _reread(self, entry: Entry) -> str:
        endpoint, adapter = self._way(entry)
        body = await asyncio.to_thread(entries.body, self._data_dir, entry.id)
        if body is None:
            raise Stays("its body is not what was kept any more; drop it, and see the disk's health.")
        delivery = _delivery(entry, endpoint, body)
        try:
            return await (self._whole if entry.index is None else self._item)(entry, adapter, delivery)
        except DeliveryError as error:
            if not error.retriable:
                await self._quarantine.amend(Refusal(entry.id, error.reason, ""))
            raise

    def _way(self, entry: Entry) -> Way:
        way = self._ways.find(entry.path)
        if way is None:
            raise Stays(f"no adapter listens at {entry.path} any more; bring its endpoint or its mapping back.")
        return way

    async def _whole(self, entry: Entry, adapter: Adapter, delivery: Delivery) -> str:
        receipt = await self._pipeline.take(adapter, delivery)
        refusals = of_items(delivery, receipt)
        if own := next((one for one in refusals if one.id == entry.id), None):
            await self._refused(own)
        await self._quarantine.keep(delivery, refusals)
        return _told(receipt)

    async def _item(self, entry: Entry, adapter: Adapter, delivery: Delivery) -> str:
        receipt = await self._pipeline.take(_only(adapter, entry), delivery)
        if not receipt.items:
            raise Stays("its body has no such item for the adapter of today.")
        item = receipt.items[0]
        if item.outcome is ItemOutcome.QUARANTINED:
            await self._refused(_refusal(entry, item))
        return _told(receipt)

    async def _refused(self, refusal: Refusal) -> None:
        await self._quarantine.amend(refusal)
        raise Stays(f"it is refused as {refusal.reason} at {refusal.place or 'no place that can be named'}.")


def _refusal(entry: Entry, item: Item) -> Refusal:
    return Refusal(entry.id, item.reason or entry.reason, item.path or "", entry.index)


def _delivery(entry: Entry, endpoint: Endpoint, body: bytes) -> Delivery:
    """The delivery as it was, but for its receipt."""
    return Delivery(
        endpoint=endpoint,
        body=body,
        received_at=entry.received_at,
        receipt_id=str(uuid4()),
        correlation_id=entry.correlation_id,
        traceparent=entry.traceparent,
        tracestate=entry.tracestate,
        idempotency_key=dict(entry.headers).get("idempotency-key"),
        headers=entry.headers,
    )


def _only(adapter: Adapter, entry: Entry) -> Adapter:
    """The adapter, but of a body it reads one item alone."""

    def read(delivery: Delivery) -> Reading:
        reading = adapter.read(delivery)
        index = _place(reading, entry, delivery)
        return replace(
            reading,
            signals=[one for one in reading.signals if one.index == index],
            rejects=[one for one in reading.rejects if one.index == index],
            ignored=[one for one in reading.ignored if one == index],
        )

    return replace(adapter, read=read)


def _place(reading: Reading, entry: Entry, delivery: Delivery) -> int | None:
    """Where the item stands for today's adapter, which may cut the body in other pieces than the one before."""
    then = replace(delivery.endpoint, source=entry.source, instance=entry.instance, tenant=entry.tenant)
    places = dict.fromkeys((entry.index or 0, *range(len(reading.items))))
    return next((index for index in places if item_id(then, reading, delivery.body, index) == entry.id), None)


def _told(receipt: Receipt) -> str:
    if len(receipt.items) == 1:
        item = receipt.items[0]
        return " ".join(
            filter(None, ("published" if item.outcome is ItemOutcome.ACCEPTED else item.outcome, item.message_id))
        )
    counted = [f"{number} {word}" for word in ItemOutcome if (number := receipt.count(word))]
    return "published: " + (", ".join(counted) or "nothing in it")
