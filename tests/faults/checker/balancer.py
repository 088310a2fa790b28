"""A little TCP balancer on loopback: each connection to one of those behind it, in turn."""

import asyncio
from itertools import count
from typing import Self


class Balancer:
    """A context manager. Who leaves gets no new connections; those that it has go on."""

    def __init__(self) -> None:
        self._behind: list[int] = []
        self._turn = count()
        self._server: asyncio.Server | None = None

    @property
    def url(self) -> str:
        """Where it listens, once it has begun."""
        assert self._server is not None
        return f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"

    def add(self, port: int) -> None:
        """Send connections there from now on."""
        self._behind.append(port)

    def remove(self, port: int) -> None:
        """Send no more connections there."""
        self._behind.remove(port)

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._join, "127.0.0.1", 0)
        return self

    async def __aexit__(self, *_: object) -> None:
        assert self._server is not None
        self._server.close()
        await self._server.wait_closed()

    async def _join(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            port = self._behind[next(self._turn) % len(self._behind)]
            there, back = await asyncio.open_connection("127.0.0.1", port)
        except OSError:
            writer.close()
            return
        await asyncio.gather(_pass(reader, back), _pass(there, writer))


async def _pass(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Everything from one side to the other, until its end."""
    try:
        while data := await reader.read(1 << 16):
            writer.write(data)
            await writer.drain()
    except OSError:
        pass  # a connection that breaks is closed on the other side, too
    writer.close()
