"""Mappings that change while the gateway runs: all of a folder at once, or none; the last good ones are kept."""

import asyncio
from collections.abc import Callable, Mapping
from datetime import timedelta
from pathlib import Path

import structlog

from sre_ingest import catalog
from sre_ingest.metrics import ReloadMetrics
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.times import SECOND, Instant

log = structlog.get_logger(__name__)

Stamp = frozenset[tuple[str, int, int, int]]
"""What tells one state of a folder from another: name, inode, size and time of change of each file."""
Take = Callable[[Mapping[str, Adapter]], None]


class Reload:
    """Looks at a folder of mappings again and again, as long as it runs."""

    def __init__(
        self,
        folder: Path,
        take: Take,
        *,
        seen: Stamp,
        interval: timedelta,
        clock: Callable[[], Instant],
        metrics: ReloadMetrics,
    ) -> None:
        """`take` is given every adapter after a change, and may refuse them with an exception, whose text is logged.

        `seen` is the state of the folder before it was read at the start.
        """
        self._folder = folder
        self._take = take
        self._interval = interval.total_seconds()
        self._clock = clock
        self._metrics = metrics
        self._seen = seen
        self._succeed()

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            await asyncio.sleep(self._interval)
            await self.look()

    async def look(self) -> None:
        """Take what is new in the folder. A mistake in it is logged once, and counted as long as it is there."""
        found = await asyncio.to_thread(stamp, self._folder)
        if found == self._seen:
            return
        try:
            adapters = await asyncio.to_thread(catalog.installed, self._folder)
            if found != await asyncio.to_thread(stamp, self._folder):
                return  # somebody is still writing; the next look finds it whole
            self._take(adapters)
        # Whatever is wrong with the new ones, the old ones go on.
        except Exception as error:
            self._metrics.successful.set(0)
            log.error("mappings refused", folder=str(self._folder), mistakes=str(error).splitlines())  # noqa: TRY400
        else:
            self._succeed()
            mappings = sum(name.endswith(catalog.mapper().suffix) for name, *_ in found)
            log.info("mappings reloaded", folder=str(self._folder), mappings=mappings)
        self._seen = found

    def _succeed(self) -> None:
        self._metrics.successful.set(1)
        self._metrics.at.set(self._clock() / SECOND)


def stamp(folder: Path | None) -> Stamp:
    """The state of a folder; empty if there is none that can be read."""
    if folder is None:
        return frozenset()
    try:
        return frozenset((file.name, *_facts(file)) for file in folder.iterdir() if not file.name.startswith("."))
    except OSError:
        return frozenset()


def _facts(file: Path) -> tuple[int, int, int]:
    # Through links: a ConfigMap is exchanged by letting one link point elsewhere.
    found = file.stat()
    return found.st_ino, found.st_size, found.st_mtime_ns
