"""A program that appends to the embedded log and says on its standard output which records it was told are stored.

`appender.py DATA_DIR PUBLISHERS RECORDS [SIZE]`: so many publishers, each with one record at a time, so many records in
all. The key of a record is its number; a line of output is `NUMBER OUTCOME`, written by one system call once the
outcome is known.
"""

import asyncio
import os
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import CollectorRegistry

from sre_ingest.metrics import LogMetrics
from sre_ingest.publishing import Record
from sre_ingest.store.database import Database
from sre_ingest.store.log import LogPublisher


def record(number: int, size: int) -> Record:
    """The record of this number: whoever reads it can tell every byte of it."""
    word = f"{number:08d}".encode()
    return Record(str(number).encode(), (("ce_id", word), ("ce_type", b"probe")), word * (size // 8))


async def _append(log: LogPublisher, numbers: Iterator[int], size: int) -> None:
    for number in numbers:
        (outcome,) = await log.publish([record(number, size)])
        os.write(1, f"{number} {outcome}\n".encode())


async def main(data_dir: str, publishers: str, count: str, size: str = "512") -> None:
    """Append until all are done or the end comes from outside."""
    metrics = LogMetrics(CollectorRegistry())
    log = LogPublisher(Database(Path(data_dir), metrics, deadline=10.0), metrics, clock=time.time_ns)
    await log.start()
    numbers = iter(range(int(count)))
    await asyncio.gather(*(_append(log, numbers, int(size)) for _ in range(int(publishers))))
    await log.stop()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
