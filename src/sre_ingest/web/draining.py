"""The end of the gateway, as its log tells it: draining, closing, stopped.

draining: not ready any more, so that balancers look elsewhere, while whoever still comes is served. closing: nobody new
is let in, and what is in flight is answered. stopped: what was taken is safe and everything is released. A second
signal ends the process at once: what was acknowledged is in Kafka or on the disk already.
"""

import asyncio
import os
import signal
from collections.abc import Callable
from datetime import timedelta

import structlog

log = structlog.get_logger(__name__)

SIGNALS = (signal.SIGTERM, signal.SIGINT)


class Drain:
    """Whether the end has begun."""

    def __init__(self, ready: Callable[[], str | None]) -> None:
        """`ready` is the readiness of a gateway that is to run on."""
        self.begun = False
        self._ready = ready

    def ready(self) -> str | None:
        """None when the next delivery should come here, otherwise one sentence that says why not."""
        return "The gateway is about to stop." if self.begun else self._ready()

    def listen(self, pause: timedelta | None, close: Callable[[], None]) -> None:
        """From now on a signal begins the end: `close` is called after the pause, at once for who pressed Ctrl-C."""
        loop = asyncio.get_running_loop()

        def begin(number: signal.Signals) -> None:
            if self.begun:
                log.warning("ended_at_once", signal=number.name)
                os._exit(128 + number)
            self.begun = True
            seconds = pause.total_seconds() if pause and number is signal.SIGTERM else 0.0
            log.info("draining", signal=number.name, pause=seconds)
            loop.call_later(seconds, end)

        def end() -> None:
            log.info("closing")
            close()

        for number in SIGNALS:
            loop.add_signal_handler(number, begin, number)
