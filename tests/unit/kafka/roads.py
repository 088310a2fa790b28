"""A road whose every move the test decides, and what is put on it."""

import asyncio
from collections.abc import Callable, Sequence

from sre_ingest.kafka.batching import weigh
from sre_ingest.kafka.entry import Entry
from sre_ingest.kafka.failures import Failure
from sre_ingest.kafka.lane import Lane
from sre_ingest.kafka.ticket import Ticket
from sre_ingest.publishing import Record


class SimulatedRoad:
    """A road and its only link: collects what is handed over and leaves the fate of each batch to the test."""

    def __init__(self) -> None:
        self.max_message_bytes = 1_000_000
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.opened = asyncio.Event()
        self.opened.set()
        self.batches: list[list[bytes]] = []
        self.futures: list[asyncio.Future[object]] = []
        self.failures: list[Failure] = []
        self.verdict: Callable[[list[bytes]], BaseException | None] | None = None
        self.broken: BaseException | None = None

    async def open(self, partition: int) -> "SimulatedRoad":
        """Itself, as soon as the test lets it be open."""
        await self.opened.wait()
        return self

    def acked(self) -> None:
        """Nothing to do."""

    def failed(self, link: object, failure: Failure) -> None:
        """Remember it."""
        self.failures.append(failure)

    async def hand_over(self, partition: int, records: Sequence[Record]) -> asyncio.Future[object]:
        """Collect a batch."""
        if self.broken is not None:
            raise self.broken
        values = [record.value for record in records]
        future: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self.batches.append(values)
        self.futures.append(future)
        if self.verdict is not None:
            settle(future, self.verdict(values))
        return future


def settle(future: asyncio.Future[object], error: BaseException | None = None) -> None:
    """Let a batch end."""
    if error is None:
        future.set_result(None)
    else:
        future.set_exception(error)


def put(lane: Lane, *values: bytes, within: float = 5.0) -> Ticket:
    """Publish values, each a record, as the publisher does."""
    records = [Record(b"key", (), value) for value in values]
    ticket = Ticket(len(records), 0, lambda _: None)
    ticket.due_in(within, lane.turn_for)
    lane.put([Entry(record, weigh(record), ticket, index) for index, record in enumerate(records)])
    return ticket


async def turn() -> None:
    """Let everything that can go on go on."""
    for _ in range(10):
        await asyncio.sleep(0)
