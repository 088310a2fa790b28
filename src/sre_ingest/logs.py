"""Logging: JSON lines on standard output, or a readable form when a person watches. Never a body, never a header
value.
"""

import logging
from typing import TextIO

import structlog
from structlog.typing import Processor

_SHARED: tuple[Processor, ...] = (
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
    structlog.processors.format_exc_info,
)


def configure(level: str, stream: TextIO) -> None:
    """Send everything that is logged, libraries included, to `stream` in one form. Called once, by the command."""
    last: Processor = structlog.dev.ConsoleRenderer() if stream.isatty() else structlog.processors.JSONRenderer()
    structlog.configure(
        processors=[*_SHARED, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    handler.setFormatter(structlog.stdlib.ProcessorFormatter(foreign_pre_chain=list(_SHARED), processors=[strip, last]))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    # uvicorn logs a line a request of its own; ours says more.
    logging.getLogger("uvicorn.access").disabled = True
    # aiokafka reports every failed attempt to connect, several a second during an outage; `kafka/` says it once.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    # OpenTelemetry quotes the header that it finds wrong; `trace_context_total` counts it.
    logging.getLogger("opentelemetry").setLevel(logging.CRITICAL)
