"""The disk: errors of its own, no room, and the order in which it is asked and we answer. Kafka is away meanwhile."""

import asyncio
import re
import resource
from dataclasses import replace

from tests.faults.checker import ledger
from tests.faults.checker.row import Row, permitted
from tests.faults.checker.trial import Ground, Trial
from tests.parts.gateway import PROGRAM
from tests.parts.relay import Door
from tests.parts.strace import Strace

_ANSWER = re.compile(r"^(?:write|writev|sendto|sendmsg)\(\d+<(?:socket|TCP)")
_SMALL = "14m"
"""The size of a disk that the spool fills while we look on: 8 MiB of it are the gateway's reserve."""
_BLOCKS = 801
"""Units of 512 bytes that a file may have; odd, so that a page of the database is cut in two."""
_LONG = 4_000
"""Characters by which alerts are longer that have to fill a disk soon."""


async def sync_errors(ground: Ground) -> Row:
    """Every seventh fdatasync fails with EIO, Kafka away: those deliveries are 503, nothing acknowledged is missing."""
    strace = _strace(ground, "fdatasync,fsync", "fdatasync:error=EIO:when=20+7")
    return await _failing(ground, strace)


async def write_errors(ground: Ground) -> Row:
    """Writes fail with ENOSPC for a while, Kafka away: those deliveries are 503, nothing acknowledged is missing."""
    strace = _strace(ground, "pwrite64", "pwrite64:error=ENOSPC:when=100..400")
    return await _failing(ground, strace)


async def short_writes(ground: Ground) -> Row:
    """No file may grow, so a page is written in part, Kafka away: 503, nothing acknowledged is missing, recovery."""
    program = ("sh", "-c", f'ulimit -S -f {_BLOCKS} && exec "$@"', "sh", *PROGRAM)
    topic = await ground.new_topic()
    with Door(ground.kafka) as door:
        async with Trial(ground, topic, door.settings, program) as trial:
            async with trial.load(padding=_LONG):
                await _until_refused(trial)
                await asyncio.sleep(ground.seconds)
                limits = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
                resource.prlimit(trial.gateway.process.pid, resource.RLIMIT_FSIZE, limits)
                door.open()
            complaints = [*ledger.imbalances(await trial.drained()), *_untaken(trial)]
    return Row(await trial.conclude(), 1, [_refusals(trial)], complaints)


async def sync_first(ground: Ground) -> Row:
    """Between what is written for a record and its 202, a sync of that file has returned."""
    strace = _strace(ground, "fdatasync,fsync,pwrite64,write,writev,sendto,sendmsg")
    topic = await ground.new_topic()
    with Door(ground.kafka) as door:
        program = (*strace.prefix, *PROGRAM)
        async with Trial(replace(ground, senders=1), topic, door.settings, program) as trial:
            async with trial.load():
                await asyncio.sleep(max(1.0, ground.seconds / 3))
            door.open()
            complaints = ledger.imbalances(await trial.drained())
    answers, early = _answers(strace.calls())
    if early or not answers:
        complaints.append(f"{early} of {answers} answers came before the sync of what they answer for")
    return Row(await trial.conclude(), 0, [f"{answers} answers 202 traced"], complaints)


async def full(ground: Ground) -> Row:
    """A disk that the spool filled, Kafka away: 503 from the first append that fails; with Kafka back it drains, and
    takes everything again.
    """
    prefix = await asyncio.to_thread(_small_disk, ground)
    topic = await ground.new_topic()
    with Door(ground.kafka) as door:
        async with Trial(ground, topic, door.settings, (*prefix, *PROGRAM)) as trial:
            async with trial.load(padding=_LONG):
                await _until_refused(trial)
                await asyncio.sleep(ground.seconds)
                door.open()
            complaints = [*ledger.imbalances(await trial.drained()), *_untaken(trial)]
    return Row(await trial.conclude(), 1, [_refusals(trial)], complaints)


def _small_disk(ground: Ground) -> tuple[str, ...]:
    """What stands before the gateway's command to give it a small disk that nobody else sees."""
    data = ground.folder / "data"
    data.mkdir()
    mount = f'mount -t tmpfs -o size={_SMALL} tmpfs "{data}" && exec "$@"'
    prefix = ("unshare", "--mount", "--map-root-user", "sh", "-c", mount, "sh")
    return permitted(prefix, "mount a small disk (unshare --mount)")


async def _failing(ground: Ground, strace: Strace) -> Row:
    """The disk fails while Kafka is away, and after it came back."""
    topic = await ground.new_topic()
    with Door(ground.kafka) as door:
        async with Trial(ground, topic, door.settings, (*strace.prefix, *PROGRAM)) as trial:
            async with trial.load():
                await _until_refused(trial)
                await asyncio.sleep(ground.seconds)
                door.open()
            complaints = [*ledger.imbalances(await trial.drained()), *_untaken(trial)]
    return Row(await trial.conclude(), strace.injected, [_refusals(trial)], complaints)


def _strace(ground: Ground, calls: str, inject: str = "") -> Strace:
    strace = Strace(ground.folder / "trace", calls, inject)
    permitted((*strace.prefix,), "trace processes (ptrace)")
    return strace


async def _until_refused(trial: Trial, within: float = 60.0) -> None:
    """Wait for the first 503: without one the fault was not made."""
    async with asyncio.timeout(within):
        while not trial.history.answers()["503"]:
            await asyncio.sleep(0.1)


def _refusals(trial: Trial) -> str:
    return f"{trial.history.answers()['503']} answers 503"


def _untaken(trial: Trial) -> list[str]:
    left = trial.history.untaken()
    return [f"{left} items were never taken, although they were sent again and again"] if left else []


def _answers(calls: list[str]) -> tuple[int, int]:
    """How many answers 202 there are, and how many of them before a sync of what was written for them."""
    answers = early = 0
    unsynced = False
    for call in calls:
        if call.startswith("pwrite64(") and "-wal>" in call:
            unsynced = True
        elif "sync(" in call and "-wal>" in call and call.endswith("= 0"):
            unsynced = False
        elif _ANSWER.match(call) and "HTTP/1.1 202" in call:
            answers, early = answers + 1, early + unsynced
    return answers, early
