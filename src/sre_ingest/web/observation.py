"""Counting, timing and the one canonical log line of a request, wrapped around the line from outside."""

import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from typing import Any

import structlog
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested, RecordHealthCheckRequested
from ameide_core_proto.sre.core.v1.sre_pb2 import (
    ALERT_STATUS_FIRING,
    ALERT_STATUS_RESOLVED,
    HEALTH_STATUS_HEALTHY,
)
from sre_ingest.metrics import OTHER, HttpMetrics, IntentMetrics, LedgerMetrics
from sre_ingest.receipts import ItemOutcome, Receipt
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.signal import Signal
from sre_ingest.sdk.times import SECOND

log = structlog.get_logger(__name__)

DISCONNECTED = "disconnected"
"""The reason of a request whose client went away before its body was complete."""
METHODS = ("GET", "POST", "PUT")
"""Methods that have a count of their own."""
ALERT_STATES = ("firing", "resolved")
"""States that have a count of their own; everything else is counted as other."""
_STATES = dict(zip((ALERT_STATUS_FIRING, ALERT_STATUS_RESOLVED), ALERT_STATES, strict=True))


@dataclass(slots=True)
class Line:
    """What is known of a request so far; becomes its log line and its counts."""

    status: int | None = None
    """None while nothing was answered: the client went away."""
    reason: str | None = None
    quarantine_id: str | None = None
    delivery: Delivery | None = None
    receipt: Receipt | None = None


def line(scope: Scope) -> Line:
    """The line of the request that `scope` belongs to."""
    found: Line = scope["state"]["line"]
    return found


def note(request: Request, delivery: Delivery) -> None:
    """Remember that a delivery was admitted."""
    line(request.scope).delivery = delivery


def account(request: Request, receipt: Receipt) -> None:
    """Remember how a delivery ended."""
    line(request.scope).receipt = receipt


class Observation:
    """ASGI middleware: sees every request and every answer, defects included."""

    def __init__(
        self,
        app: ASGIApp,
        *,
        http: HttpMetrics,
        intents: IntentMetrics,
        ledger: LedgerMetrics,
        route: Callable[[str], str],
    ) -> None:
        """`route` says what metrics call a path, a closed set of words."""
        self._app = app
        self._http = http
        self._intents = intents
        self._ledger = ledger
        self._route = route

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass the request on and observe it."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        seen = scope.setdefault("state", {})["line"] = Line()

        async def observed(message: Message) -> None:
            if message["type"] == "http.response.start":
                seen.status = message["status"]
            await send(message)

        started = time.perf_counter()
        with self._http.in_flight.track_inprogress():
            try:
                await self._app(scope, receive, observed)
            finally:
                self._finish(scope, seen, time.perf_counter() - started)

    def _finish(self, scope: Scope, seen: Line, seconds: float) -> None:
        route = self._route(scope["path"])
        method = scope["method"] if scope["method"] in METHODS else OTHER
        self._http.requests.labels(route, method, str(seen.status or OTHER)).inc()
        self._http.duration.labels(route, _outcome(seen.status)).observe(seconds)
        if seen.reason is not None:
            self._http.rejected.labels(seen.reason).inc()
        if seen.delivery is not None and seen.receipt is not None:
            count(self._intents, seen.delivery, seen.receipt)
            self._ledger.items.inc(seen.receipt.unaccounted)
        _write(scope, route, method, seen, seconds)


def _outcome(status: int | None) -> str:
    if status is None or status >= 500:
        return "server_error"
    return "client_error" if status >= 400 else "ok"


def count(metrics: IntentMetrics, delivery: Delivery, receipt: Receipt) -> None:
    """Enter one settled delivery into the books."""
    source, seconds = delivery.endpoint.source, delivery.received_at / SECOND
    metrics.last_seen.labels(source).set(seconds)
    metrics.truncated.labels(source).inc(receipt.truncated)
    metrics.conflicting.labels(source).inc(sum(item.conflicting for item in receipt.items))
    signals = [item.signal for item in receipt.items if item.signal is not None]
    # A counter's lock is taken once a word and not once an item.
    for counter, words in (
        (metrics.intents, [item.outcome for item in receipt.items]),
        (metrics.invalid, [item.reason for item in receipt.items if item.reason is not None]),
        (metrics.received, [_state(signal) for signal in signals]),
        (metrics.repaired, [repair for signal in signals for repair in signal.repairs]),
    ):
        for word, times in Counter(words).items():
            counter.labels(source, word).inc(times)
    if any(_is_watchdog(signal, delivery.endpoint.watchdog) for signal in signals):
        metrics.watchdog.labels(source).set(seconds)


def _is_watchdog(signal: Signal, watchdog: Mapping[str, str]) -> bool:
    # Some senders tell of other checks, too.
    message = signal.message
    if not watchdog or not isinstance(message, RecordHealthCheckRequested):
        return False
    check = message.health_check
    return check.status == HEALTH_STATUS_HEALTHY and watchdog.items() <= dict(check.labels).items()


def _state(signal: Signal) -> str:
    # Not the state of its key, in whose place a key of the sender's own may stand.
    message = signal.message
    return _STATES.get(message.status, OTHER) if isinstance(message, IngestAlertRequested) else OTHER


def _write(scope: Scope, route: str, method: str, seen: Line, seconds: float) -> None:
    facts: dict[str, Any] = {"route": route, "method": method, "status": seen.status}
    if client := scope.get("client"):
        facts["client"] = client[0]
    if route == OTHER:
        facts["path"] = scope["path"][:100]
    facts["duration_ms"] = round(seconds * 1_000, 3)
    if seen.reason is not None:
        facts["reason"] = seen.reason
    if seen.quarantine_id is not None:
        facts["quarantine_id"] = seen.quarantine_id
    if seen.delivery is not None:
        facts |= _of_delivery(seen.delivery)
    if seen.receipt is not None:
        facts |= _of_receipt(seen.receipt)
    # Probes and scrapes come every few seconds for ever.
    unhappy = log.debug if method == "GET" else log.warning
    happy = log.debug if method == "GET" else log.info
    (happy if seen.status is not None and seen.status < 400 else unhappy)("request", **facts)


def _of_delivery(delivery: Delivery) -> dict[str, Any]:
    return {
        "source": delivery.endpoint.source,
        "tenant_id": delivery.endpoint.tenant,
        "receipt_id": delivery.receipt_id,
        "correlation_id": delivery.correlation_id,
        "trace_id": delivery.traceparent[3:35],
        "span_id": delivery.traceparent[36:52],
        "body_bytes": len(delivery.body),
    }


def _of_receipt(receipt: Receipt) -> dict[str, Any]:
    facts: dict[str, Any] = {outcome.value: receipt.count(outcome) for outcome in ItemOutcome}
    refused = (item for item in receipt.items if item.reason is not None)
    rejects = (" ".join(filter(None, (one.reason, one.path, one.quarantine_id))) for one in refused)
    if named := list(islice(rejects, 20)):
        facts["rejects"] = named
    if receipt.truncated:
        facts["truncated"] = receipt.truncated
    return facts | {"state": receipt.state}
