"""Every failure on its way out: what was raised becomes an answer, and nothing becomes a 500."""

import traceback

import structlog
from fastapi import FastAPI, Request
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from sre_ingest.sdk import errors
from sre_ingest.web import answers, observation, webhooks
from sre_ingest.web.admission import correlation_id

log = structlog.get_logger(__name__)

# What the framework raises by itself, in our words.
_OURS: dict[int, errors.DeliveryError] = {
    404: errors.UnknownEndpoint(webhooks.UNKNOWN),
    405: errors.WrongMethod("Deliver with POST."),
}


def register(app: FastAPI) -> None:
    """Let `app` answer every failure it knows with a problem document."""
    app.add_exception_handler(errors.DeliveryError, _on_delivery_error)
    app.add_exception_handler(HTTPException, _on_http_exception)


def _on_delivery_error(request: Request, error: Exception) -> Response:
    if not isinstance(error, errors.DeliveryError):
        raise error
    seen = observation.line(request.scope)
    seen.reason, seen.quarantine_id = error.reason, error.quarantine_id
    known = seen.delivery.correlation_id if seen.delivery else correlation_id(request)
    return answers.problem(error, known)


def _on_http_exception(request: Request, error: Exception) -> Response:
    if not isinstance(error, HTTPException) or error.status_code not in _OURS:
        raise error
    answer = _on_delivery_error(request, _OURS[error.status_code])
    answer.headers.update(error.headers or {})  # such as Allow
    return answer


class LastResort:
    """ASGI middleware around the application: a defect of ours is answered 503, so that senders keep what they have."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on; answer for whatever comes back raised."""
        try:
            await self._app(scope, receive, send)
        except ClientDisconnect:
            observation.line(scope).reason = observation.DISCONNECTED
        except Exception as error:
            # The message of a foreign exception may quote the body, so only its type and its place are logged.
            log.error("defect", error=type(error).__name__, at=_place(error))  # noqa: TRY400
            seen = observation.line(scope)
            if seen.status is None:
                answer = _on_delivery_error(Request(scope), errors.Unforeseen())
                await answer(scope, receive, send)


def _place(error: Exception) -> list[str]:
    return [
        f"{frame.filename.rpartition('/')[2]}:{frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
    ]
