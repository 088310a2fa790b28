"""What feeds the memory: the log as it was at the start, and what comes into it from then on."""

from collections.abc import AsyncIterator, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

import structlog

from sre_ingest.dedup import Memory, Overtaken, Sighting, sighting
from sre_ingest.metrics import RecollectionMetrics
from sre_ingest.publishing import Headers, Outcome
from sre_ingest.sdk.times import SECOND, Instant

PATIENCE = 10 * SECOND
"""How long readiness waits for the log to be read back. Serving does not wait."""
UNHEARD = 2 * SECOND
"""How long it waits for a log of which nothing was heard yet."""

Told = Callable[[int, Sequence[Overtaken]], None]
"""Is told, with their partition, of records that were overtaken."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Span:
    """How far back the memory is to reach."""

    since: Instant
    now: Instant


class Recollection:
    """Tells the memory what others, and this gateway before its last start, have put into the log."""

    def __init__(
        self, memory: Memory, span: Span, metrics: RecollectionMetrics, clock: Callable[[], Instant], tell: Told
    ) -> None:
        self._memory, self._span, self._metrics, self._clock, self._tell = memory, span, metrics, clock, tell
        self._done = self._heard = False

    def ready(self) -> str | None:
        """None once the log was read back, has taken too long, or is out of reach; otherwise one sentence."""
        if self._done or self._clock() - self._span.now > (PATIENCE if self._heard else UNHEARD):
            return None
        return "The log is being read back, so that what is on it is not taken for new."

    async def own(self, rows: AsyncIterator[Sequence[Headers]]) -> None:
        """Rows of this disk that are in the log or, from the spool, will come into it."""
        async for portion in rows:
            sightings = list(self._sightings((None, headers) for headers in portion))
            self._memory.expect(sightings)
            self._memory.recall(sightings, Outcome.STORED)

    def reached(self) -> None:
        """The log is in reach, and is being read back."""
        self._heard = True

    def recall(self, records: Iterable[tuple[int, Headers]]) -> None:
        """Records that were in the log at the start."""
        self._memory.recall(self._sightings(records))

    def recalled(self) -> None:
        """The log was read back as far as the span goes."""
        self._done = True
        self._memory.reaches(self._span.since)
        seconds = (self._clock() - self._span.now) / SECOND
        self._metrics.duration.set(seconds)
        log.info("log_read_back", seconds=round(seconds, 3))

    def see(self, partition: int, records: Iterable[tuple[int, Headers]]) -> None:
        """Records that come into the log."""
        seen = self._memory.see(self._sightings(records))
        self._metrics.others.inc(seen.others)
        self._tell(partition, seen.overtaken)

    def follows(self, closely: bool) -> None:
        """Whether all that is on the topic was told."""
        self._memory.followed = closely
        self._metrics.followed.set(closely)

    def _sightings(self, records: Iterable[tuple[int | None, Headers]]) -> Iterator[Sighting]:
        for offset, headers in records:
            one = sighting(headers, offset)
            if one is None:
                self._metrics.unreadable.inc()
            else:
                self._metrics.seen.inc()
                yield one
