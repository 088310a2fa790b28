"""One trial: a gateway before a topic of its own, senders, whatever happens to them, and the verdict."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from tests.faults.checker import ledger, topic
from tests.faults.checker.history import History
from tests.faults.checker.items import Item, bodies
from tests.faults.checker.ledger import Books
from tests.faults.checker.senders import Connection, Deliver, insist, send
from tests.faults.checker.verdict import Verdict, judge
from tests.parts.cluster import KafkaCluster
from tests.parts.gateway import PROGRAM, Gateway
from tests.parts.processes import PartFailedError
from tests.parts.topics import create_topic

PARTITIONS = 3


@dataclass(frozen=True, slots=True)
class Ground:
    """What a scenario stands on: a cluster that is whole when it begins and when it ends, and how much to do."""

    folder: Path
    """An empty one."""
    cluster: KafkaCluster
    seconds: float
    """How long to go on; a scenario whose work is counted does in proportion."""
    seed: int
    senders: int = 8

    async def new_topic(self, settings: Mapping[str, str] | None = None) -> str:
        """A topic of its own, as safe as the cluster can make it."""
        replicas = self.cluster.replicas
        safe = {"min.insync.replicas": str(max(1, replicas - 1)), **(settings or {})}
        return await create_topic(self.cluster.bootstrap_servers, PARTITIONS, settings=safe, replicas=replicas)


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
            "KAFKA__BOOTSTRAP_SERVERS": ground.cluster.bootstrap_servers,
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
    async def load(self, deliver: Deliver = insist, *, padding: int = 0) -> AsyncIterator[None]:
        """Senders that go on for as long as this lasts; each finishes what it has in hand."""
        ending = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            for number in range(self.ground.senders):
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

    async def conclude(self, excused: AbstractSet[Item] = frozenset()) -> Verdict:
        """Compare what was promised so far with what is on the topic, and keep the history beside the gateway's log."""
        self.history.save(self.ground.folder / "history.jsonl")
        return judge(self.history, await topic.read(self.ground.cluster.bootstrap_servers, self.topic), excused)
