"""One trial: a gateway before a topic of its own, senders, whatever happens to them, and the verdict."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Self

from tests.faults.checker import ledger, topic
from tests.faults.checker.history import History
from tests.faults.checker.items import bodies
from tests.faults.checker.ledger import Books
from tests.faults.checker.row import NotRunError
from tests.faults.checker.senders import Connection, Deliver, insist, send
from tests.faults.checker.topic import Found, joined
from tests.faults.checker.verdict import ALL_THERE, Missing, Verdict, judge
from tests.parts.broker import KafkaBroker
from tests.parts.cluster import KafkaCluster
from tests.parts.gateway import PROGRAM, Gateway
from tests.parts.processes import PartFailedError
from tests.parts.topics import create_topic

PARTITIONS = 3


@dataclass(frozen=True, slots=True)
class Ground:
    """What a scenario stands on: a Kafka that is whole when it begins and when it ends, and how much to do."""

    folder: Path
    """An empty one."""
    kafka: str
    """The bootstrap servers."""
    seconds: float
    """How long to go on; a scenario whose work is counted does in proportion, kills excepted."""
    seed: int
    senders: int = 8
    kills: int = 1
    """How often the gateway is killed where that is the fault."""
    own: KafkaCluster | None = None
    """The brokers, if they may be broken; None if others use them, too."""

    @property
    def cluster(self) -> KafkaCluster:
        """The brokers; NotRunError if they may not be broken."""
        if self.own is None:
            raise NotRunError("the brokers are shared with others: make faults has its own")
        return self.own

    @property
    def replicas(self) -> int:
        """How many copies of a partition there are."""
        return self.own.replicas if self.own else 1

    async def new_topic(self, settings: Mapping[str, str] | None = None, name: str | None = None) -> str:
        """A topic of its own, as safe as the cluster can make it."""
        safe = {"min.insync.replicas": str(max(1, self.replicas - 1)), **(settings or {})}
        return await create_topic(self.kafka, PARTITIONS, name, safe, self.replicas)

    @contextmanager
    def apart(self, settings: Mapping[str, str]) -> Iterator["Ground"]:
        """The same ground with one broker for itself that has these settings, beside the others."""
        folder = self.folder / "broker"
        folder.mkdir()
        with KafkaBroker(folder, settings) as broker:
            yield replace(self, kafka=broker.bootstrap_servers, own=None)


class Trial:
    """A gateway, not started, on a topic; the context manager ends it. Its history is that of all senders."""

    def __init__(
        self,
        ground: Ground,
        topic_name: str,
        settings: Mapping[str, str] | None = None,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        self.ground, self.topic = ground, topic_name
        self.history = History()
        own = {
            "KAFKA__BOOTSTRAP_SERVERS": ground.kafka,
            "KAFKA__TOPIC": topic_name,
            "SPOOL__ENABLED": "true",
        }
        self.settings = {**own, **(settings or {})}
        """Those of the gateway, and of one beside it."""
        self.gateway = Gateway(ground.folder, self.settings, program)

    async def __aenter__(self) -> Self:
        await asyncio.to_thread(self.gateway.start)
        return self

    async def __aexit__(self, *_: object) -> None:
        await asyncio.to_thread(self.gateway.stop)

    @asynccontextmanager
    async def load(self, deliver: Deliver = insist, *, padding: int = 0, wave: int = 0) -> AsyncIterator[None]:
        """Senders that go on for as long as this lasts; each finishes what it has in hand. Every wave has its own."""
        ending = asyncio.Event()
        first = wave * self.ground.senders
        async with asyncio.TaskGroup() as tasks:
            for number in range(first, first + self.ground.senders):
                connection = Connection(self.gateway.webhook, self.history)
                stock = bodies(self.ground.seed, number, padding=padding)
                tasks.create_task(send(connection, stock, deliver, ending))
            try:
                yield
            finally:
                ending.set()

    async def drained(self, within: float = 90.0) -> Books:
        """Wait until nothing waits for Kafka any more; PartFailedError after `within` seconds."""
        return await self.until(lambda books: books.waiting == 0 and books.in_flight == 0, within)

    async def until(self, holds: Callable[[Books], bool], within: float = 60.0) -> Books:
        """Wait until the books are so; PartFailedError with them after `within` seconds."""
        books: Books | None = None
        try:
            async with asyncio.timeout(within):
                while books is None or not holds(books):
                    await asyncio.sleep(0.1)
                    books = await self._books()
        except TimeoutError:
            raise PartFailedError(f"the books were never as expected within {within:g} s: {books}") from None
        return books

    async def _books(self) -> Books | None:
        try:
            return await asyncio.to_thread(ledger.read, self.gateway)
        except OSError:
            return None

    async def found(self) -> list[Found]:
        """What is on the topic."""
        return await topic.read(self.ground.kafka, self.topic)

    async def conclude(self, missing: Missing = ALL_THERE, earlier: Sequence[Found] = ()) -> Verdict:
        """Compare what was promised so far with what is on the topic, and keep the history beside the gateway's log.

        `earlier` is what was found where nobody can look any more.
        """
        self.history.save(self.ground.folder / "history.jsonl")
        return judge(self.history, joined(earlier, await self.found()), missing)
