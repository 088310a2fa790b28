"""The line from admission to the receipt, on the shipped in-memory log."""

import asyncio
import threading
from collections.abc import Sequence
from dataclasses import replace

import pytest
from prometheus_client import CollectorRegistry

from sre_ingest.dedup import Memory
from sre_ingest.metrics import MemoryMetrics
from sre_ingest.pipeline import Pipeline
from sre_ingest.publishing import MemoryPublisher, Outcome, Publisher, Record
from sre_ingest.quarantine import Quarantine
from sre_ingest.receipts import ItemOutcome, Receipt
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import ItemReason, Unavailable
from sre_ingest.sdk.signal import Reading
from sre_ingest.sdk.times import SECOND, Instant
from tests.unit.deliveries import ENDPOINT, NOW, TOY, delivery


def pipeline(publisher: Publisher, kept: Quarantine | None = None) -> Pipeline:
    memory = Memory(
        max_entries=1_000,
        since=Instant(NOW - 3_600 * SECOND),
        followed=True,
        metrics=MemoryMetrics(CollectorRegistry()),
    )
    return Pipeline(memory, publisher, kept)


def outcomes(receipt: Receipt) -> list[ItemOutcome]:
    return [item.outcome for item in receipt.items]


async def test_every_item_is_in_the_receipt_once_and_in_order() -> None:
    """Accepted, refused and ignored items stand where they stood in the delivery."""
    log = MemoryPublisher()
    receipt = await pipeline(log).ingest(TOY, delivery("bad", "A", "paused", "B"))
    assert outcomes(receipt) == [
        ItemOutcome.QUARANTINED,
        ItemOutcome.ACCEPTED,
        ItemOutcome.IGNORED,
        ItemOutcome.ACCEPTED,
    ]
    assert [item.index for item in receipt.items] == [0, 1, 2, 3]
    assert receipt.state == "published"
    assert [record.key for record in log.records] == [b"default:toy:default:A", b"default:toy:default:B"]


@pytest.mark.parametrize(("minutes", "records"), [(29, 1), (31, 2)])
async def test_the_dedup_window_is_that_of_the_endpoint(minutes: int, records: int) -> None:
    """The same alert comes again within it, and after it."""
    log = MemoryPublisher()
    line, endpoint = pipeline(log), replace(ENDPOINT, dedup_window=1_800 * SECOND)
    first = delivery("A", endpoint=endpoint)
    await line.ingest(TOY, first)
    again = Adapter("toy", lambda _: TOY.read(first))
    later = Instant(NOW + minutes * 60 * SECOND)
    await line.ingest(again, delivery("A", endpoint=endpoint, received_at=later))
    assert len({dict(record.headers)["ce_id"] for record in log.records}) == len(log.records) == records


async def test_a_twin_inside_a_delivery_is_a_duplicate() -> None:
    """Two equal alerts in one body are one record; both items carry its id."""
    log = MemoryPublisher()
    receipt = await pipeline(log).ingest(TOY, delivery("A", "A"))
    assert outcomes(receipt) == [ItemOutcome.ACCEPTED, ItemOutcome.DUPLICATE]
    assert len({item.message_id for item in receipt.items}) == len(log.records) == 1


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.UNCERTAIN])
async def test_what_is_not_durable_is_unavailable_and_comes_again_under_its_id(outcome: Outcome) -> None:
    """The sender is told to try again, and its next attempt publishes the same observation with the same id."""
    log = MemoryPublisher()
    line = pipeline(log)
    log.outcome = outcome
    with pytest.raises(Unavailable):
        await line.ingest(TOY, delivery("A"))
    log.outcome = Outcome.ACKED
    receipt = await line.ingest(TOY, delivery("A"))
    assert outcomes(receipt) == [ItemOutcome.ACCEPTED]
    again = await pipeline(MemoryPublisher()).ingest(TOY, delivery("A"))
    assert receipt.items[0].message_id == again.items[0].message_id


async def test_a_record_too_large_for_the_log_is_quarantined() -> None:
    """It will never be published, so trying again would not help: the item says so and the delivery goes on."""
    receipt = await pipeline(MemoryPublisher(Outcome.REFUSED)).ingest(TOY, delivery("A"))
    assert outcomes(receipt) == [ItemOutcome.QUARANTINED]
    assert receipt.items[0].reason is ItemReason.TOO_LARGE
    assert receipt.hopeless


async def test_a_repetition_of_something_on_disk_is_on_disk() -> None:
    """A duplicate is as safe as the record it repeats, and no safer."""
    line = pipeline(MemoryPublisher(Outcome.STORED))
    first, second = [await line.ingest(TOY, delivery("A")) for _ in range(2)]
    assert (first.state, first.on_disk) == ("spooled", True)
    assert (second.state, second.on_disk) == ("nothing", True)


class GatedPublisher(MemoryPublisher):
    """Answers when it is told to."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = asyncio.Event()

    async def publish(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """Wait for the gate."""
        await self.gate.wait()
        return await super().publish(records)


@pytest.mark.parametrize("outcome", [Outcome.ACKED, Outcome.FAILED])
async def test_a_twin_in_flight_inherits_the_outcome_of_the_first(outcome: Outcome) -> None:
    """A delivery that repeats a claim in flight waits for it, success or failure, and publishes nothing itself."""
    log = GatedPublisher()
    line = pipeline(log)
    first = asyncio.create_task(line.ingest(TOY, delivery("A")))
    second = asyncio.create_task(line.ingest(TOY, delivery("A")))
    await asyncio.sleep(0)
    assert not second.done()
    log.outcome = outcome
    log.gate.set()
    results = await asyncio.gather(first, second, return_exceptions=True)
    if outcome is Outcome.ACKED:
        assert [result.state for result in results if isinstance(result, Receipt)] == ["published", "nothing"]
    else:
        assert [type(result) for result in results] == [Unavailable, Unavailable]


async def test_a_client_that_goes_away_cancels_nothing() -> None:
    """The publication goes on, and the next delivery of the same is a duplicate."""
    log = GatedPublisher()
    line = pipeline(log)
    gone = asyncio.create_task(line.ingest(TOY, delivery("A")))
    await asyncio.sleep(0)
    gone.cancel()
    log.gate.set()
    receipt = await line.ingest(TOY, delivery("A"))
    assert outcomes(receipt) == [ItemOutcome.DUPLICATE]
    assert len(log.records) == 1


async def test_crossing_deliveries_never_wait_in_a_circle() -> None:
    """Two deliveries that each repeat an alert of the other both end: each publishes its own before it waits."""
    log = GatedPublisher()
    line = pipeline(log)
    one = asyncio.create_task(line.ingest(TOY, delivery("A", "B")))
    two = asyncio.create_task(line.ingest(TOY, delivery("B", "C", "A")))
    await asyncio.sleep(0)
    log.gate.set()
    receipts = await asyncio.wait_for(asyncio.gather(one, two), timeout=30)
    assert [receipt.count(ItemOutcome.ACCEPTED) for receipt in receipts] == [2, 1]


class CountingPublisher(MemoryPublisher):
    """Remembers how many records came at a time, and fails from a given call on."""

    def __init__(self, fails_from: int = 1_000) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.fails_from = fails_from

    async def publish(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """Count, and answer."""
        self.sizes.append(len(records))
        self.outcome = Outcome.ACKED if len(self.sizes) < self.fails_from else Outcome.FAILED
        return await super().publish(records)


NAMES = [f"{number:04d}" for number in range(1_000)]


async def test_a_large_delivery_is_taken_in_portions() -> None:
    """However many come at once, the log is handed a bounded number, and the receipt accounts for all in order."""
    log = CountingPublisher()
    receipt = await pipeline(log).ingest(TOY, delivery(*NAMES))
    assert [item.index for item in receipt.items] == list(range(len(NAMES)))
    assert receipt.count(ItemOutcome.ACCEPTED) == len(NAMES)
    assert log.sizes == [256, 256, 256, 232]


async def test_deliveries_are_claimed_in_the_order_of_their_admission() -> None:
    """One that comes while a large one is being taken is claimed after all of it: it repeats even the last portion."""
    line = pipeline(CountingPublisher())
    large = asyncio.create_task(line.ingest(TOY, delivery(*NAMES)))
    await asyncio.sleep(0)
    small = await line.ingest(TOY, delivery(NAMES[-1]))
    assert small.count(ItemOutcome.DUPLICATE) == 1
    assert (await large).count(ItemOutcome.ACCEPTED) == len(NAMES)


async def test_a_large_delivery_ends_with_the_first_portion_that_fails() -> None:
    """No portion after it is tried; the next attempt repeats what was published, and goes on."""
    log = CountingPublisher(fails_from=2)
    line = pipeline(log)
    with pytest.raises(Unavailable):
        await line.ingest(TOY, delivery(*NAMES))
    assert log.sizes == [256, 256]
    log.fails_from = 1_000
    receipt = await line.ingest(TOY, delivery(*NAMES))
    assert (receipt.count(ItemOutcome.DUPLICATE), receipt.count(ItemOutcome.ACCEPTED)) == (256, 744)


async def test_a_large_body_is_read_beside_the_event_loop() -> None:
    """A body that takes long to read holds up nobody: the loop turns while it is read."""
    turned = threading.Event()

    def slow(given: Delivery) -> Reading:
        assert turned.wait(timeout=30), "the loop stood still"
        return TOY.read(given)

    names = [f"{number:032d}" for number in range(10_000)]
    reading = asyncio.create_task(pipeline(MemoryPublisher()).ingest(Adapter("toy", slow), delivery(*names)))
    await asyncio.sleep(0)
    turned.set()
    assert len((await reading).items) == len(names)


class BrokenPublisher(MemoryPublisher):
    """A publisher with a defect."""

    async def publish(self, records: Sequence[Record]) -> Sequence[Outcome]:
        """Fail in a way no publisher may."""
        raise RuntimeError("defect")


async def test_a_defect_settles_its_claims() -> None:
    """Even an exception that nobody foresaw leaves no claim in flight: the next delivery publishes again."""
    line = pipeline(BrokenPublisher())
    for _ in range(2):
        with pytest.raises(RuntimeError, match="defect"):
            await asyncio.wait_for(line.ingest(TOY, delivery("A")), timeout=30)
