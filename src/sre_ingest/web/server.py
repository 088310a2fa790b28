"""The HTTP server."""

import asyncio
import signal
from datetime import timedelta

import uvicorn
import uvloop
from fastapi import FastAPI

MAX_HEADER_BYTES = 16 * 1024
"""Largest head of a request."""
KEEP_ALIVE = 75
"""Seconds an idle connection is kept; longer than the pause between two notifications of a busy sender."""


def run(app: FastAPI, *, host: str, port: int, drain_timeout: timedelta) -> None:
    """Serve until SIGTERM or SIGINT, finish what is in flight for at most `drain_timeout`, stop the app, and return.

    Raises what the app's start raises; SystemExit when the address cannot be bound.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
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
        timeout_graceful_shutdown=round(drain_timeout.total_seconds()),
    )
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_serve(app, uvicorn.Server(config)))


async def _serve(app: FastAPI, server: uvicorn.Server) -> None:
    # The app's life is lived here and not in the server, which would make a log full of traceback of a failed start.
    async with app.router.lifespan_context(app):
        # The server sends itself the signal that ended it once more; the app still has to stop.
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: None)
        await server.serve()
