"""Two gateways on one topic, as they run side by side behind a pair of senders."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import ExitStack, asynccontextmanager
from functools import partial
from pathlib import Path

from tests.journey.test_mappings_dir import metric, until
from tests.parts.gateway import Gateway

Pair = tuple[Gateway, Gateway]


def folder(above: Path, name: str) -> Path:
    """A disk of its own."""
    (made := above / name).mkdir()
    return made


def follows(gateway: Gateway) -> bool:
    """Whether it knows all that is on the topic."""
    return metric(gateway, "dedup_followed") == 1


def others(*gateways: Gateway) -> float:
    """How many records these have read that others have written."""
    return sum(metric(gateway, "dedup_others_records_total") or 0 for gateway in gateways)


@asynccontextmanager
async def following(above: Path, settings: Mapping[str, str]) -> AsyncIterator[Pair]:
    """Two gateways with these settings and each its own disk, which follow the topic, and so know of each other."""
    pair = Gateway(folder(above, "one"), settings), Gateway(folder(above, "two"), settings)
    with ExitStack() as stack:
        # At once, for each takes a second of its own.
        await asyncio.gather(*(asyncio.to_thread(stack.enter_context, gateway) for gateway in pair))
        for gateway in pair:
            await asyncio.to_thread(until, partial(follows, gateway))
        yield pair
