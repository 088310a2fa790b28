"""Who sends: connections that log every answer, and two kinds of senders over them."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterable, Mapping
from itertools import count
from typing import Any

import httpx

from tests.faults.checker.history import History, Operation, Outcome
from tests.faults.checker.items import Body, Item

PATIENCE = 60.0
"""Seconds after which even an insistent sender gives up on one body."""
_HANG = 15.0
"""Seconds without an answer that count as none; the promise is two."""
_ACKNOWLEDGED = frozenset({"accepted", "duplicate"})

Deliver = Callable[["Connection", Body], Awaitable[None]]
"""How a sender brings one body there."""


class Connection:
    """One keep-alive connection to a webhook."""

    def __init__(self, url: str, history: History, headers: Mapping[str, str] | None = None) -> None:
        self._url, self._history = url, history
        said = {"content-type": "application/json", **(headers or {})}
        self._client = httpx.AsyncClient(timeout=_HANG, trust_env=False, headers=said)

    async def post(self, body: Body) -> Outcome:
        """Send the body once, and log what came of it."""
        began = time.monotonic()
        self._history.begin(body.items, began)
        told: dict[Item, str] = {}
        try:
            response = await self._client.post(self._url, content=body.content)
            outcome, answer = _outcome(response.status_code), str(response.status_code)
            if outcome is Outcome.OK:
                told = self._read(body, response.json())
        except httpx.TransportError as error:
            outcome, answer = Outcome.INFO, type(error).__name__
        self._history.end(Operation(body.items, began, time.monotonic() - began, outcome, answer), told)
        return outcome

    async def close(self) -> None:
        """Hang up."""
        await self._client.aclose()

    def _read(self, body: Body, receipt: Mapping[str, Any]) -> dict[Item, str]:
        """The ids of those items for which the gateway answers."""
        for item in receipt["items"]:
            self._history.counts[item["outcome"]] += 1
        taken = [item for item in receipt["items"] if item["outcome"] in _ACKNOWLEDGED]
        return {body.items[item["index"]]: item["message_id"] for item in taken}


async def insist(connection: Connection, body: Body) -> None:
    """As Alertmanager does: again after every `info`, with growing pauses, until it is taken or refused."""
    deadline = time.monotonic() + PATIENCE
    for attempt in count():
        if await connection.post(body) is not Outcome.INFO or time.monotonic() > deadline:
            return
        await asyncio.sleep(min(0.1 * 1.5**attempt, 1.0))


async def try_once(connection: Connection, body: Body) -> None:
    """As Grafana does: what was not taken is forgotten."""
    await connection.post(body)


async def send(connection: Connection, stock: Iterable[Body], deliver: Deliver, ending: asyncio.Event) -> None:
    """Deliver one body after the other, until the end is near; the one in hand is finished."""
    try:
        for body in stock:
            if ending.is_set():
                return
            await deliver(connection, body)
    finally:
        await connection.close()


def _outcome(status: int) -> Outcome:
    if status < 300:
        return Outcome.OK
    return Outcome.FAIL if 400 <= status < 500 else Outcome.INFO
