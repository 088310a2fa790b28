"""Every sample of every room through the whole line with a fixed clock and fixed ids; prints a line for each record.

`python -m tests.journey.golden_run` in different time zones and with different hash seeds prints the same bytes.
"""

import asyncio
import hashlib

from prometheus_client import CollectorRegistry

from sre_ingest import catalog
from sre_ingest.pipeline import Pipeline
from sre_ingest.publishing import MemoryPublisher, Record
from sre_ingest.remembering import Remembering
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.errors import DeliveryError
from sre_ingest.sdk.samples import Sample
from sre_ingest.settings import Settings


async def lines() -> list[str]:
    """One line a record: room, sample, message id, and a digest of key, headers and value."""
    return [
        f"{adapter.name}/{sample.name} {_described(record)}"
        for adapter in catalog.installed().values()
        for sample in samples.find(catalog.samples(adapter))
        for record in await _records(adapter, sample)
    ]


async def _records(adapter: Adapter, sample: Sample) -> list[Record]:
    log = MemoryPublisher()
    memory = Remembering(Settings(), CollectorRegistry(), lambda: samples.RECEIVED_AT).memory
    try:
        await Pipeline(memory, log).ingest(adapter, samples.delivery(adapter, sample.body.read_bytes()))
    except DeliveryError:
        return []
    return log.records


def _described(record: Record) -> str:
    digest = hashlib.sha256(repr((record.key, record.headers, record.value)).encode()).hexdigest()
    return f"{dict(record.headers)['ce_id'].decode()} {digest[:32]}"


if __name__ == "__main__":
    print("\n".join(asyncio.run(lines())))
