"""Keeps one usable producer for the lanes: connects, checks, replaces, for ever and with backoff."""

import asyncio
from collections.abc import Callable

import structlog

from sre_ingest.kafka.batching import DEFAULT_MAX_MESSAGE_BYTES
from sre_ingest.kafka.connection import Connection
from sre_ingest.kafka.failures import Failure
from sre_ingest.kafka.health import Health
from sre_ingest.kafka.producer import CLOSE_TIMEOUT, Link, connect
from sre_ingest.kafka.topics import TopicError, describe, shortcomings
from sre_ingest.metrics import KafkaMetrics

log = structlog.get_logger(__name__)

_CALM, _TENSE = 3.0, 0.5
"""Seconds between checks: while all is well, and while it is not or a lane waits."""
_PROBE_TIMEOUT = 2.0
_FIRST_BACKOFF, _LAST_BACKOFF = 0.1, 1.0
_NEW_START_AFTER = 15.0
"""Seconds out of reach after which the configured addresses are asked again; the brokers may have moved."""


class Supervisor:
    """The lanes' road: gives them a link while there is a good one."""

    def __init__(
        self, connection: Connection, topic: str, *, metrics: KafkaMetrics, routed: Callable[[], None]
    ) -> None:
        self.health = Health(metrics, self._announce)
        self.partitions = 0
        """Partitions of the topic, 0 until they are known for the first time; kept while the cluster is away."""
        self.max_message_bytes = DEFAULT_MAX_MESSAGE_BYTES
        self._connection, self._topic = connection, topic
        self._metrics, self._routed = metrics, routed
        self._link: Link | None = None
        self._waiting = 0
        self._news, self._nudge, self._ending = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        """Begin in the background."""
        self._task = asyncio.create_task(self._run(), name="kafka supervisor")

    async def stop(self) -> None:
        """End the producer, within a bound."""
        self._ending.set()
        self._nudge.set()
        if self._task is not None:
            # First by itself: a start that is cancelled half-way leaves its connection to the garbage collector.
            await asyncio.wait({self._task}, timeout=CLOSE_TIMEOUT + 1.0)
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=CLOSE_TIMEOUT + 1.0)
        self._metrics.connected.set(0)

    async def open(self, partition: int) -> Link:
        """The link, once the cluster is in reach and the partition has a leader."""
        while (link := self._usable(partition)) is None:
            self._waiting += 1
            self._nudge.set()
            try:
                await self._news.wait()
            finally:
                self._waiting -= 1
        return link

    def acked(self) -> None:
        """Kafka acknowledged a batch."""
        self._metrics.last_ack.set_to_current_time()
        self.health.well()

    def failed(self, link: object, failure: Failure) -> None:
        """A batch failed: close the road as far as this error says, until a check or a new producer opens it."""
        self._metrics.errors.labels(failure.reason).inc()
        log.warning("kafka_batch_failed", reason=failure.reason)
        if link is not self._link:
            return
        if failure.fatal:
            self._link = None
        elif failure.lost:
            self.health.ill(f"Kafka did not take a batch ({failure.reason}).")
        if failure.fatal or failure.lost:
            self._nudge.set()

    def _usable(self, partition: int) -> Link | None:
        link = self._link
        return link if link is not None and self.health.reason is None and link.leads(partition) else None

    def _announce(self) -> None:
        self._news.set()
        self._news = asyncio.Event()

    async def _run(self) -> None:
        backoff = _FIRST_BACKOFF
        while not self._ending.is_set():
            link = await self._connect()
            if link is None:
                await _wait(self._ending, backoff)
                backoff = min(backoff * 2, _LAST_BACKOFF)
                continue
            backoff = _FIRST_BACKOFF
            await self._use(link)
            if not self._ending.is_set():
                self._metrics.restarts.inc()
                log.warning("kafka_producer_replaced")

    async def _connect(self) -> Link | None:
        try:
            topic = await describe(self._connection, self._topic)
            return await connect(self._connection, topic)
        except TopicError as error:
            self.health.ill(str(error))
        except Exception as error:  # KafkaError, OSError; and a bug of the client must not end the attempts
            self.health.ill(f"The Kafka producer did not start ({type(error).__name__}).")
        return None

    async def _use(self, link: Link) -> None:
        self._link, self.max_message_bytes = link, link.topic.max_message_bytes
        self._metrics.shortcomings.set(len(found := shortcomings(link.topic)))
        if found:
            log.warning("kafka_topic_less_safe", topic=link.topic.name, why=found)
        try:
            await self._watch(link)
        except Exception as error:  # a mistake of ours costs a producer, not the road
            log.error("kafka_supervisor_stumbled", error=type(error).__name__)  # noqa: TRY400  # no variables in logs
        finally:
            self._link = None
            if not self._ending.is_set():
                self.health.ill("The Kafka producer is being replaced.")
            await link.close()

    async def _watch(self, link: Link) -> None:
        """Check until the producer is given up: by us, after a fatal error, or out of reach for too long."""
        loop = asyncio.get_running_loop()
        seen = loop.time()
        while self._link is link and not self._ending.is_set():
            await self._check(link)
            if self.health.reason is None:
                seen = loop.time()
            elif loop.time() - seen > _NEW_START_AFTER:
                return
            # A lane that waits asks at once, but not in a circle.
            await _wait(self._ending, _TENSE)
            if self.health.reason is None and not self._waiting:
                await _wait(self._nudge, _CALM)
            self._nudge.clear()

    async def _check(self, link: Link) -> None:
        trouble = await link.probe(_PROBE_TIMEOUT)
        if self._link is not link:
            return
        if trouble is not None:
            self.health.ill(trouble)
            return
        self.partitions = link.partitions
        self.health.well()
        self._routed()
        self._announce()


async def _wait(event: asyncio.Event, seconds: float) -> None:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return
