"""The HTTP server."""

import asyncio
import math
import socket
from contextlib import AbstractContextManager, nullcontext
from datetime import timedelta

import structlog
import uvicorn
import uvloop
from fastapi import FastAPI

from sre_ingest.mistakes import Mistake

log = structlog.get_logger(__name__)

MAX_HEADER_BYTES = 16 * 1024
"""Largest head of a request."""
KEEP_ALIVE = 75
"""Seconds an idle connection is kept; longer than the pause between two notifications of a busy sender."""


class AddressError(Mistake):
    """The address cannot be listened on. The message says why and what to do."""


def run(app: FastAPI, *, host: str, port: int, pause: timedelta | None, drain_timeout: timedelta) -> None:
    """Serve until SIGTERM or SIGINT, finish what is in flight for at most `drain_timeout`, stop the app, and return.

    After SIGTERM it serves for the `pause`, already not ready: see `draining`, whose Drain is in the app's `state`.

    Once the app has started, `listening` is logged with the host and the port, which is the real one where `port` is 0.
    Raises what the app's start raises, and AddressError when the address cannot be listened on.
    """
    listening = _listen(host, port)
    config = uvicorn.Config(
        app,
        # Not httptools: it takes the body of a request that offers an upgrade, as some clients do for HTTP/2, for the
        # next request, and accepts headers without end.
        http="h11",
        h11_max_incomplete_event_size=MAX_HEADER_BYTES,
        ws="none",
        lifespan="off",
        access_log=False,
        log_config=None,
        server_header=False,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=math.ceil(drain_timeout.total_seconds()),
    )
    with listening, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(app, _Server(config), listening, pause))


class _Server(uvicorn.Server):
    """Leaves signals to whoever runs it."""

    def capture_signals(self) -> AbstractContextManager[None]:  # type: ignore[override]
        """None of them."""
        return nullcontext()


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family, backlog=2_048)
    except OSError as error:
        raise AddressError(
            f"{host}:{port} cannot be listened on ({error.strerror}); choose another with --host and --port, or with "
            "SRE_INGEST_HTTP__HOST and SRE_INGEST_HTTP__PORT"
        ) from None


async def _serve(app: FastAPI, server: _Server, listening: socket.socket, pause: timedelta | None) -> None:
    # The app's life is lived here and not in the server, which would make a log full of traceback of a failed start.
    async with app.router.lifespan_context(app):
        app.state.drain.listen(pause, close=lambda: setattr(server, "should_exit", True))
        host, port, *_ = listening.getsockname()
        log.info("listening", host=host, port=port)
        await server.serve(sockets=[listening])
    log.info("stopped")
