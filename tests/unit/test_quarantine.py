"""What is refused on the line is kept before the answer, and known again by what it says."""

import json
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest

from sre_ingest.publishing import MemoryPublisher, Outcome, Publisher
from sre_ingest.quarantine import MAX_ITEMS, Quarantine, Refusal, body_id
from sre_ingest.receipts import ItemOutcome, Receipt
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import ItemReason, NotJson, QuarantineFull, Unavailable
from sre_ingest.sdk.signal import Reading
from tests.unit.deliveries import ENDPOINT, TOY, delivery
from tests.unit.test_pipeline import pipeline


class Kept:
    """A quarantine in a list."""

    active = True

    def __init__(self, refusal: Exception | None = None) -> None:
        self.refusals: list[Refusal] = []
        self.refusal = refusal

    async def keep(self, delivery: Delivery, refusals: Sequence[Refusal]) -> None:
        """Remember them, or refuse as a full one does."""
        if self.refusal:
            raise self.refusal
        self.refusals += refusals

    @property
    def ids(self) -> list[str]:
        """What was kept, in its order."""
        return [one.id for one in self.refusals]


def _said(given: Delivery) -> Reading:
    """The toy source, which names its items."""
    reading = TOY.read(given)
    return replace(reading, items=json.loads(given.body))


NAMING = Adapter("toy", _said)


async def ingest(
    kept: Quarantine, *names: str, adapter: Adapter = NAMING, to: Publisher | None = None, **changed: Any
) -> Receipt:
    """What becomes of a delivery of these."""
    return await pipeline(to or MemoryPublisher(), kept).ingest(adapter, delivery(*names, **changed))


async def test_a_bad_item_is_kept_and_its_receipt_says_where() -> None:
    """With its reason, its place and its position; its siblings have no such id."""
    kept = Kept()
    receipt = await ingest(kept, "A", "bad", "paused")
    (refusal,) = kept.refusals
    assert [item.quarantine_id for item in receipt.items] == [None, refusal.id, None]
    assert refusal == Refusal(refusal.id, "bad_field", "[1]", 1)


async def test_an_item_is_known_again_in_any_body() -> None:
    """By what it says and who says it, and not by what stands beside it; twice in one body it is one."""
    kept = Kept()
    for names in (("bad",), ("A", "bad"), ("B", "C", "bad", "bad")):
        await ingest(kept, *names)
    assert len(set(kept.ids)) == 1
    assert [(one.index, one.times) for one in kept.refusals] == [(0, 1), (1, 1), (2, 2)]
    await ingest(kept, "bad", endpoint=replace(ENDPOINT, tenant="other"))
    await ingest(kept, "bad", endpoint=replace(ENDPOINT, instance="other"))
    await ingest(kept, "bad", endpoint=replace(ENDPOINT, source="other"))
    assert len(set(kept.ids)) == 4


async def test_without_items_an_item_is_known_by_its_body() -> None:
    """A room that does not name its items costs an entry a body, and no confusion."""
    kept = Kept()
    for names in (("bad",), ("bad",), ("A", "bad")):
        await ingest(kept, *names, adapter=TOY)
    assert len(kept.ids) == 3
    assert len(set(kept.ids)) == 2


async def test_too_many_bad_items_are_kept_as_their_body() -> None:
    """So that no delivery makes more entries than a bound."""
    kept = Kept()
    receipt = await ingest(kept, *["bad"] * (MAX_ITEMS + 1))
    (refusal,) = kept.refusals
    assert (refusal.id, refusal.index, refusal.times) == (body_id(delivery(*["bad"] * (MAX_ITEMS + 1))), None, 1)
    assert {item.quarantine_id for item in receipt.items} == {refusal.id}


async def test_a_record_that_the_log_refuses_is_kept() -> None:
    """Too large to publish: its item is kept under the id that it would have had as a reject."""
    kept = Kept()
    receipt = await ingest(kept, "A", "bad", to=MemoryPublisher(Outcome.REFUSED))
    large, bad = receipt.items
    assert (large.outcome, large.reason) == (ItemOutcome.QUARANTINED, ItemReason.TOO_LARGE)
    assert kept.ids == [large.quarantine_id, bad.quarantine_id]
    assert len(set(kept.ids)) == 2


def _broken(_: Delivery) -> Reading:
    raise NotJson("The body is not strict JSON.")


async def test_a_body_that_is_not_understood_is_kept_before_it_is_refused() -> None:
    """The error carries the id; the same bytes again have the same one."""
    kept = Kept()
    for _ in range(2):
        with pytest.raises(NotJson) as caught:
            await ingest(kept, "A", adapter=Adapter("toy", _broken))
        assert caught.value.quarantine_id == kept.ids[-1] == body_id(delivery("A"))
    assert kept.refusals == [Refusal(body_id(delivery("A")), "malformed_json", "")] * 2


@pytest.mark.parametrize("error", [QuarantineFull("full"), Unavailable("disk")])
async def test_siblings_are_safe_when_a_bad_item_finds_no_room(error: Exception) -> None:
    """They are published before the sender is told to come again, and its next attempt only repeats them."""
    log, kept = MemoryPublisher(), Kept(error)
    line = pipeline(log, kept)
    for _ in range(3):
        with pytest.raises(type(error)):
            await line.ingest(NAMING, delivery("A", "bad", "B"))
    assert len(log.records) == 2
    kept.refusal = None
    receipt = await line.ingest(NAMING, delivery("A", "bad", "B"))
    assert receipt.count(ItemOutcome.DUPLICATE) == 2
    assert len(log.records) == 2


async def test_a_body_that_finds_no_room_is_to_come_again() -> None:
    """A 4xx would make its sender forget it."""
    with pytest.raises(QuarantineFull):
        await ingest(Kept(QuarantineFull("full")), "A", adapter=Adapter("toy", _broken))


async def test_what_is_only_unavailable_is_not_kept() -> None:
    """The sender has it still."""
    kept = Kept()
    with pytest.raises(Unavailable):
        await ingest(kept, "A", "bad", to=MemoryPublisher(Outcome.FAILED))
    assert kept.ids == []


async def test_without_a_quarantine_nothing_has_an_id() -> None:
    """As a deployment without a disk wants it."""
    receipt = await pipeline(MemoryPublisher()).ingest(NAMING, delivery("bad"))
    assert receipt.items[0].quarantine_id is None
