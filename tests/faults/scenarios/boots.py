"""The start: without Kafka, without the topic, without a name for Kafka."""

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from uuid import uuid4

from tests.faults.checker import ledger
from tests.faults.checker.row import Row, permitted
from tests.faults.checker.trial import Ground, Trial
from tests.parts.gateway import PROGRAM
from tests.parts.ports import answers

_PROMPT = 6.0
"""Seconds until it is ready once it serves, on a machine that does other things too; the promise is two."""
_HOST = "kafka.example.org"


async def without_kafka(ground: Ground) -> Row:
    """No broker at boot: ready, 202; when there is one, everything arrives."""
    topic = await ground.new_topic()
    await asyncio.to_thread(ground.cluster.stop)

    async def mend() -> None:
        await asyncio.to_thread(ground.cluster.start)

    return await _booted(Trial(ground, topic), mend)


async def without_topic(ground: Ground) -> Row:
    """No topic at boot: ready, 202; when somebody has made it, everything arrives."""
    topic = f"late-{uuid4().hex}"

    async def mend() -> None:
        await ground.new_topic(name=topic)

    return await _booted(Trial(ground, topic), mend)


async def without_name(ground: Ground) -> Row:
    """The name of the broker is unknown at boot: ready, 202; when it is known, everything arrives."""
    hosts, resolver = ground.folder / "hosts", ground.folder / "resolv.conf"
    hosts.write_text("127.0.0.1 localhost\n")
    resolver.write_text("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
    prefix = await asyncio.to_thread(_naming, hosts, resolver)
    servers = {"KAFKA__BOOTSTRAP_SERVERS": f"{_HOST}:{ground.kafka.split(',')[0].rpartition(':')[2]}"}

    async def mend() -> None:
        with hosts.open("a") as file:
            file.write(f"127.0.0.1 {_HOST}\n")

    return await _booted(Trial(ground, await ground.new_topic(), servers, (*prefix, *PROGRAM)), mend)


async def _booted(trial: Trial, mend: Callable[[], Awaitable[None]]) -> Row:
    async with trial:
        began = time.monotonic()
        await asyncio.to_thread(trial.gateway.wait_until_ready)
        took = time.monotonic() - began
        async with trial.load():
            await asyncio.sleep(trial.ground.seconds)
            await mend()
            await asyncio.sleep(1)
        complaints = ledger.imbalances(await trial.drained())
        if not answers(trial.gateway.port, "/readyz"):
            complaints.append("it is not ready in the end")
    verdict = await trial.conclude()
    if verdict.info or took > _PROMPT:
        complaints.append(f"ready after {took:.1f} s; {dict(trial.history.answers())}")
    return Row(verdict, 1, [f"ready {took:.1f} s after it serves"], complaints)


def _naming(hosts: Path, resolver: Path) -> tuple[str, ...]:
    """What stands before a command to have it look up names in these files and ask nobody else."""
    mounts = f'mount --bind "{hosts}" /etc/hosts && mount --bind "{resolver}" /etc/resolv.conf && exec "$@"'
    prefix = ("unshare", "--mount", "--map-root-user", "sh", "-c", mounts, "sh")
    return permitted(prefix, "mount other files over those of names (unshare --mount)")
