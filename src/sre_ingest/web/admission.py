"""The threshold: from a request to a Delivery, after which nothing knows HTTP any more."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from email.message import Message
from functools import lru_cache
from uuid import UUID

from starlette.requests import Request

from sre_ingest.metrics import HttpMetrics
from sre_ingest.sdk.delivery import Delivery, Endpoint
from sre_ingest.sdk.errors import TooLarge, WrongEncoding, WrongType
from sre_ingest.sdk.times import Instant
from sre_ingest.tracing import Entropy
from sre_ingest.tracing import admit as admit_trace
from sre_ingest.web.authentication import BearerToken

Clock = Callable[[], Instant]

_CORRELATION = re.compile(r"[A-Za-z0-9._-]{8,128}")
KEPT = ("content-type", "content-encoding", "user-agent", "x-request-id", "idempotency-key")
"""The headers that are kept beside a body that cannot be understood, and no others: a credential never is one."""
_MAX_KEPT = 512
_JSON = re.compile(r"application/(?:json|[a-z0-9.+-]+\+json)", re.ASCII)


@dataclass(frozen=True, slots=True)
class Admission:
    """Decides who and what comes in. Credentials come first and the body last."""

    credentials: BearerToken
    max_body_bytes: int
    clock: Clock
    entropy: Entropy
    metrics: HttpMetrics

    async def admit(self, request: Request, endpoint: Endpoint) -> Delivery:
        """Admit one request. Raises Unauthenticated, WrongType, WrongEncoding, TooLarge."""
        self.credentials.check(request.headers.get("authorization"))
        _check_type(request.headers.get("content-type") or "", endpoint.content_types)
        _check_encoding(request.headers.get("content-encoding"))
        headers = request.headers
        trace = admit_trace(headers.get("traceparent"), headers.get("tracestate"), self.entropy)
        self.metrics.trace_context.labels(trace.origin).inc()
        body = await _body(request, self.max_body_bytes)
        self.metrics.body.labels(endpoint.source).observe(len(body))
        return Delivery(
            endpoint=endpoint,
            body=body,
            received_at=self.clock(),
            receipt_id=self._uuid(),
            correlation_id=correlation_id(request) or self._uuid(),
            traceparent=trace.traceparent,
            tracestate=trace.tracestate,
            idempotency_key=", ".join(headers.getlist("idempotency-key")) if "idempotency-key" in headers else None,
            headers=tuple([(name, headers[name][:_MAX_KEPT]) for name in KEPT if name in headers]),
        )

    def _uuid(self) -> str:
        return str(UUID(bytes=self.entropy(16), version=4))


async def _body(request: Request, limit: int) -> bytes:
    # Starlette's own limit answers in plain text, and in place of a 401.
    refusal = TooLarge(f"Send at most {limit} bytes; http.max_body_bytes sets the bound.")
    if int(request.headers.get("content-length", "0")) > limit:
        raise refusal
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > limit:
            raise refusal
    return bytes(body)


def correlation_id(request: Request) -> str | None:
    """The sender's own `x-request-id`, if it is one that can be passed on: 8 to 128 of letters, digits, dot, dash,
    underscore.
    """
    offered = request.headers.get("x-request-id", "")
    return offered if _CORRELATION.fullmatch(offered) else None


@lru_cache(maxsize=1_024)  # a sender says the same with every request
def _check_type(value: str, beside_json: tuple[str, ...]) -> None:
    header = Message()
    header["content-type"] = value
    kind, charset = header.get_content_type(), str(header.get_param("charset", "utf-8")).lower()
    if charset not in ("utf-8", "utf8") or not (_JSON.fullmatch(kind) or (value and kind in beside_json)):
        kinds = " or ".join(("application/json", *beside_json))
        raise WrongType(f"Send the body with Content-Type: {kinds}, in UTF-8.")


def _check_encoding(value: str | None) -> None:
    if value is not None and value.strip().lower() not in ("", "identity"):
        raise WrongEncoding("Send the body uncompressed.")
