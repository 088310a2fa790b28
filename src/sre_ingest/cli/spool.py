"""`spool`: what waits on the disk until Kafka takes it."""

import asyncio
import json
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Annotated

import typer
from pydantic import ByteSize

from sre_ingest import logs
from sre_ingest.cli.options import Config
from sre_ingest.sdk.times import SECOND, Instant, rfc3339
from sre_ingest.settings import Settings, load
from sre_ingest.store.files import HeldError
from sre_ingest.store.waiting import Waiting, is_waiting, waiting

_LOOK = 0.2
"""Seconds between two looks at whether anything still waits."""
_COUNT = 1.0
"""Seconds between two counts of it, which read every row."""

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _spool() -> None:
    """Look at what waits for Kafka on the disk, and see it off."""


@app.command("status")
def status(
    config: Config = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object.")] = False,
) -> None:
    """Tell how much waits, and since when. Reads beside a running gateway and changes nothing."""
    settings = load(config)
    found = waiting(settings.data_dir)
    print(_json(found, settings.spool.max_bytes) if as_json else _text(found, settings.spool.max_bytes))


@app.command("drain")
def drain(
    config: Config = None,
    timeout: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="Give up after so long; default: never.")
    ] = None,
) -> None:
    """Wait until Kafka has everything that waits: exit code 0 then, 1 if it has not in time.

    A gateway that runs on this data directory delivers by itself, and is watched. If none does, this command delivers,
    for instance before the disk is given away; records of an embedded log are delivered with it.
    """
    settings = load(config)
    logs.configure("WARNING", sys.stderr)
    left = asyncio.run(_drained(settings, timeout))
    if left.records:
        print(f"{left.records} records still wait; nothing is lost, and the next gateway here goes on", file=sys.stderr)
        raise typer.Exit(1)
    print("nothing waits" + (f"; {left.parked} records are parked" if left.parked else ""))


async def _drained(settings: Settings, within: float | None) -> Waiting:
    # They bring the client of Kafka, which whoever asks for the status need not wait for.
    from prometheus_client import CollectorRegistry

    from sre_ingest import publishers

    publisher = publishers.deliverer(settings, CollectorRegistry(), _now)
    try:
        await publisher.start()
    except HeldError as error:
        print(f"{error.holder} delivers; watching it", file=sys.stderr)
        return await _watch(settings, within)
    try:
        return await _watch(settings, within)
    finally:
        await publisher.stop()


async def _watch(settings: Settings, within: float | None) -> Waiting:
    """What is left when nothing is, or when the time is up."""
    told, due = 0, time.monotonic()
    with suppress(TimeoutError):
        async with asyncio.timeout(within):
            while await asyncio.to_thread(is_waiting, settings.data_dir):
                if time.monotonic() >= due:
                    told = await asyncio.to_thread(_tell, settings.data_dir, told)
                    due = time.monotonic() + _COUNT
                await asyncio.sleep(_LOOK)
    return waiting(settings.data_dir)


def _tell(data_dir: Path, told: int) -> int:
    """Print how many records wait, if that is not what was told last; how many they are."""
    records = waiting(data_dir).records
    if records != told:
        print(f"{records} records wait", file=sys.stderr)
    return records


def _text(found: Waiting, capacity: ByteSize) -> str:
    lines = [
        ("records", str(found.records)),
        ("bytes", f"{ByteSize(found.size).human_readable()} of {capacity.human_readable()}"),
        ("oldest", "-" if found.oldest is None else f"{rfc3339(found.oldest)} ({_age(found.oldest)} s ago)"),
        ("parked", str(found.parked)),
    ]
    return "\n".join(f"{name:<8} {value}" for name, value in lines)


def _age(instant: Instant) -> int:
    return (_now() - instant) // SECOND


def _now() -> Instant:
    return Instant(time.time_ns())


def _json(found: Waiting, capacity: int) -> str:
    oldest = None if found.oldest is None else rfc3339(found.oldest)
    return json.dumps(
        {
            "records": found.records,
            "bytes": found.size,
            "capacity_bytes": capacity,
            "oldest": oldest,
            "parked": found.parked,
        }
    )
