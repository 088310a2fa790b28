"""What a command asks of the gateway that runs: a file in the data directory, and another one that answers it.

Only the gateway writes its database, so whoever wants something changed in it leaves a request in `requests/`:
`ID.request`, which the gateway takes by renaming it to `ID.taken` and answers with `ID.reply`. Every file appears
whole, under its name, or not at all.
"""

import asyncio
import json
import os
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TypeVar
from uuid import uuid4

import structlog

from sre_ingest.store import files
from sre_ingest.store.files import StoreError

FOLDER = "requests"
WAITING = 64
"""Requests that may wait at a time."""
MAX_BYTES = 1 << 20
"""Largest request."""
_KEPT = 3_600.0
"""Seconds after which a reply that nobody fetched is taken away."""
_POLL = 0.1

Document = TypeVar("Document", "Request", "Reply")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Request:
    """What is to be done, and with what."""

    name: str
    arguments: Mapping[str, Sequence[str]]
    until: float = 0.0
    """Unix seconds after which nobody waits for it any more, and it is not done."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What was done."""

    lines: Sequence[str]
    """For people, a line for each thing."""
    done: bool = True
    """False if something that was asked for was not done."""


Handler = Callable[[Request], Awaitable[Reply]]


def ask(data_dir: Path, request: Request, *, within: float) -> Reply:
    """Leave the request to the gateway that uses this directory, and wait for its reply.

    StoreError if no gateway runs, if too many requests wait, or if there is no reply within so many seconds; a request
    that was not begun by then never is.
    """
    folder = data_dir / FOLDER
    _check_gateway(data_dir, folder)
    name = f"{time.time_ns()}-{uuid4().hex}"
    asked, reply = folder / f"{name}.request", folder / f"{name}.reply"
    try:
        _write(asked, Request(request.name, request.arguments, time.time() + within))
        _wait(data_dir, reply, within)
        answer = _read(reply, Reply)
        reply.unlink()
    except OSError as error:
        raise StoreError(f"{folder} cannot be used ({error.strerror}): run this as the user of the gateway.") from None
    except StoreError as late:
        with suppress(FileNotFoundError):
            asked.unlink()
            raise
        raise StoreError(f"{late} It has begun, and goes on by itself.") from None
    return answer


class Desk:
    """The gateway's end: it looks for requests every `interval` seconds and handles one after the other."""

    def __init__(self, data_dir: Path, handlers: Mapping[str, Handler], *, interval: float = 1.0) -> None:
        self._folder = data_dir / FOLDER
        self._handlers = handlers
        self._interval = interval

    async def run(self) -> None:
        """Until it is cancelled."""
        self._folder.mkdir(mode=0o700, exist_ok=True)
        while True:
            try:
                await self.look()
            except OSError as error:  # a full disk, perhaps: whoever asked is told nothing, and the gateway goes on
                log.warning("requests_unreadable", error=error.strerror)
            await asyncio.sleep(self._interval)

    async def look(self) -> None:
        """Handle what is there now."""
        for path in await asyncio.to_thread(_tidied, self._folder):
            await self._handle(path)

    async def _handle(self, path: Path) -> None:
        taken = path.with_suffix(".taken")
        with suppress(FileNotFoundError):  # whoever asked has withdrawn it
            await asyncio.to_thread(os.replace, path, taken)
            if reply := await self._reply(taken):
                await asyncio.to_thread(_write, path.with_suffix(".reply"), reply)
            await asyncio.to_thread(os.unlink, taken)

    async def _reply(self, path: Path) -> Reply | None:
        """None if nobody waits for it."""
        try:
            request = _read(path, Request)
        except (OSError, ValueError, TypeError):
            return Reply(
                ["The request cannot be read: the command and the gateway may be of different versions."], False
            )
        handler = self._handlers.get(request.name)
        if handler is None:
            return Reply([f"This gateway does not know the request {request.name!r}."], False)
        if request.until < time.time():
            return None
        log.info("request_taken", name=request.name)
        try:
            return await handler(request)
        except Exception as error:  # whatever it was, whoever asked is told, and the gateway lives
            log.exception("request_failed", name=request.name)
            return Reply([f"It failed ({type(error).__name__}): look at the gateway's log."], False)


def _check_gateway(data_dir: Path, folder: Path) -> None:
    if not files.is_locked(data_dir) or not folder.is_dir():
        raise StoreError(
            f"No gateway that could do it uses {data_dir}: start it (sre-ingest serve) with this data directory and "
            "with quarantine.enabled, and ask again."
        )
    if len(list(folder.glob("*.request"))) >= WAITING:
        raise StoreError(f"{WAITING} requests wait already in {folder}: wait until the gateway has done them.")


def _wait(data_dir: Path, reply: Path, within: float) -> None:
    deadline = time.monotonic() + within
    while not reply.exists():
        if time.monotonic() > deadline:
            raise StoreError(f"The gateway did not answer within {within:g} s: look at its log.")
        if not files.is_locked(data_dir):
            raise StoreError("The gateway has ended before it answered: start it and ask again.")
        time.sleep(_POLL)


def _tidied(folder: Path) -> list[Path]:
    """The requests that wait, oldest first; what nobody fetched is taken away."""
    for path in folder.iterdir():
        if path.suffix != ".request" and path.stat().st_mtime < time.time() - _KEPT:
            path.unlink()
    return sorted(folder.glob("*.request"))[:WAITING]


def _write(path: Path, document: Request | Reply) -> None:
    new = path.with_suffix(".new")
    new.write_text(json.dumps(asdict(document)))
    new.chmod(0o644)  # in a folder for one user alone; who asks may be another who has the right to
    os.replace(new, path)  # noqa: PTH105 - says that it replaces


def _read(path: Path, kind: type[Document]) -> Document:
    if path.stat().st_size > MAX_BYTES and kind is Request:
        raise ValueError("larger than a request may be")
    return kind(**json.loads(path.read_text()))
