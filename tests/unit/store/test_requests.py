"""What a command asks of the gateway: done once, answered, bounded, and never done for nobody."""

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from sre_ingest.store import files
from sre_ingest.store.files import StoreError
from sre_ingest.store.requests import FOLDER, WAITING, Desk, Handler, Reply, Request, ask


async def _echo(request: Request) -> Reply:
    return Reply([f"{name}={','.join(values)}" for name, values in request.arguments.items()], request.name == "echo")


async def _broken(_: Request) -> Reply:
    raise LookupError("body")


async def _slow(_: Request) -> Reply:
    await asyncio.sleep(30)
    raise AssertionError


@asynccontextmanager
async def desk(folder: Path, **handlers: Handler) -> AsyncIterator[None]:
    """A gateway that does nothing else."""
    descriptor = files.lock(folder)
    task = asyncio.create_task(Desk(folder, handlers, interval=0.05).run())
    await asyncio.sleep(0.05)
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})
        os.close(descriptor)


async def asked(folder: Path, name: str, within: float = 5.0, **arguments: list[str]) -> Reply:
    """What the command is told."""
    return await asyncio.to_thread(ask, folder, Request(name, arguments), within=within)


def left(folder: Path) -> list[str]:
    """What lies in the folder of requests, by its kind."""
    return [path.suffix for path in (folder / FOLDER).iterdir()]


async def test_a_request_is_answered_and_leaves_nothing(tmp_path: Path) -> None:
    """Several at a time, each with its own reply."""
    async with desk(tmp_path, echo=_echo, other=_echo):
        replies = await asyncio.gather(*(asked(tmp_path, "echo", ids=[str(number), "x"]) for number in range(5)))
        assert [list(reply.lines) for reply in replies] == [[f"ids={number},x"] for number in range(5)]
        assert (await asked(tmp_path, "other")).done is False
        assert left(tmp_path) == []


@pytest.mark.parametrize(
    ("name", "told"), [("broken", "It failed (LookupError): look at the gateway's log."), ("?", "does not know")]
)
async def test_what_cannot_be_done_is_said(tmp_path: Path, name: str, told: str) -> None:
    """A defect and a request of another version cost neither the gateway nor the next one."""
    async with desk(tmp_path, broken=_broken, echo=_echo):
        reply = await asked(tmp_path, name)
        assert not reply.done
        assert told in reply.lines[0]
        assert (await asked(tmp_path, "echo")).done


async def test_without_a_gateway_it_is_refused(tmp_path: Path) -> None:
    """Whether there never was one or it has ended; nothing is left for the next one."""
    with pytest.raises(StoreError, match="No gateway that could do it"):
        await asked(tmp_path, "echo")
    async with desk(tmp_path, echo=_echo):
        pass
    with pytest.raises(StoreError, match="start it"):
        await asked(tmp_path, "echo")
    assert left(tmp_path) == []


async def test_what_was_not_begun_in_time_never_is(tmp_path: Path) -> None:
    """It is withdrawn; what was begun goes on, and the command says so."""
    descriptor = files.lock(tmp_path)
    (tmp_path / FOLDER).mkdir()
    with pytest.raises(StoreError, match=r"did not answer within 0\.2 s: look at its log\.$"):
        await asked(tmp_path, "echo", within=0.2)
    assert left(tmp_path) == []
    os.close(descriptor)
    async with desk(tmp_path, slow=_slow):
        with pytest.raises(StoreError, match="It has begun, and goes on by itself"):
            await asked(tmp_path, "slow", within=0.5)


async def test_a_gateway_that_ends_meanwhile_is_told_of(tmp_path: Path) -> None:
    """At once, and not when the time is up."""
    async with desk(tmp_path, slow=_slow):
        waiting = asyncio.create_task(asked(tmp_path, "slow", within=30))
        await asyncio.sleep(0.5)
    with pytest.raises(StoreError, match="The gateway has ended before it answered"):
        await asyncio.wait_for(waiting, 5)


async def test_what_nobody_waits_for_is_not_done(tmp_path: Path) -> None:
    """A request whose command was killed, and a reply that was never fetched."""
    folder = tmp_path / FOLDER
    folder.mkdir()
    (folder / "1-old.request").write_text('{"name": "echo", "arguments": {}, "until": 1}')
    (folder / "2-odd.request").write_text("{")
    (folder / "0-old.reply").write_text("{}")
    os.utime(folder / "0-old.reply", (time.time() - 7_200,) * 2)
    async with desk(tmp_path, echo=_echo):
        await asyncio.sleep(0.2)
    assert [path.name for path in folder.iterdir()] == ["2-odd.reply"]


async def test_only_so_many_wait(tmp_path: Path) -> None:
    """The next one is told, and leaves no file."""
    descriptor = files.lock(tmp_path)
    (tmp_path / FOLDER).mkdir()
    for number in range(WAITING):
        (tmp_path / FOLDER / f"{number}.request").touch()
    with pytest.raises(StoreError, match=f"{WAITING} requests wait"):
        await asked(tmp_path, "echo")
    assert len(left(tmp_path)) == WAITING
    os.close(descriptor)
