"""What senders are told. The only place where status codes live.

Alertmanager treats every 4xx as final, 429 and 408 included, and repeats 5xx until its next group interval; Grafana
repeats nothing. So "try later" is always 503, and a 4xx is only for bytes that no later attempt can save. Errors are
RFC 9457 problem documents and never repeat the body, because Alertmanager logs what it is answered.
"""

from typing import Any

from fastapi.responses import JSONResponse

from sre_ingest.receipts import CONFLICTING, Item, ItemOutcome, Receipt
from sre_ingest.sdk import errors

STATUS: dict[type[errors.DeliveryError], int] = {
    errors.NotJson: 400,
    errors.Unauthenticated: 401,
    errors.UnknownEndpoint: 404,
    errors.WrongMethod: 405,
    errors.TooLarge: 413,
    errors.WrongType: 415,
    errors.WrongEncoding: 415,
    errors.WrongShape: 422,
    errors.BadIdempotencyKey: 422,
    errors.Unavailable: 503,
    errors.QuarantineFull: 503,
    errors.Unforeseen: 503,
}
PUBLISHED, ON_DISK, HOPELESS = 200, 202, 422
CODES = sorted({PUBLISHED, ON_DISK, HOPELESS, *STATUS.values()})
"""Every status a webhook is answered with."""
NOTHING_USABLE = "nothing_usable"
"""The reason given when every item of a delivery was quarantined."""
REASONS = [*(error.reason for error in STATUS), NOTHING_USABLE]
"""Every word that `reason` can be."""

MAX_ITEMS = 1_000
"""Items that an answer lists, so that no answer is larger than its sender can want; the counts are of all."""
RETRY_AFTER = "5"
"""Seconds; read by generic senders only, the known ones have their own back-off."""


def problem(error: errors.DeliveryError, correlation_id: str | None) -> JSONResponse:
    """The problem document of an error."""
    kind = type(error)
    headers = {"Retry-After": RETRY_AFTER} if error.retriable else {}
    if kind is errors.Unauthenticated:
        headers["WWW-Authenticate"] = "Bearer"
    detail = str(error) or _title(kind)
    named = {"correlation_id": correlation_id, "quarantine_id": error.quarantine_id}
    return _document(STATUS[kind], error.reason, detail, headers, **named)


def receipt(account: Receipt, correlation_id: str) -> JSONResponse:
    """The receipt of a delivery; a problem document with the same account in it when nothing of the delivery was
    usable.
    """
    body = _account(account)
    if account.hopeless:
        detail = "Not one item of the delivery could be understood; each is listed with its reason."
        return _document(HOPELESS, NOTHING_USABLE, detail, {}, correlation_id=correlation_id, **body)
    return JSONResponse(body, status_code=ON_DISK if account.on_disk else PUBLISHED)


def _document(status: int, reason: str, detail: str, headers: dict[str, str], **more: Any) -> JSONResponse:
    content = {"type": "about:blank", "title": reason.replace("_", " "), "status": status, "reason": reason}
    content |= {"detail": detail} | {name: value for name, value in more.items() if value is not None}
    return JSONResponse(content, status, headers, media_type="application/problem+json")


def _title(kind: type[errors.DeliveryError]) -> str:
    return (kind.__doc__ or "").partition("\n")[0]


def _account(account: Receipt) -> dict[str, Any]:
    return {
        "receipt_id": account.receipt_id,
        "state": account.state,
        "accepted": account.count(ItemOutcome.ACCEPTED),
        "duplicates": account.count(ItemOutcome.DUPLICATE),
        "quarantined": account.count(ItemOutcome.QUARANTINED),
        "ignored": account.count(ItemOutcome.IGNORED),
        "items": [_item(item) for item in account.items[:MAX_ITEMS]],
    }


def _item(item: Item) -> dict[str, Any]:
    reason = CONFLICTING if item.conflicting else item.reason
    fields = {"index": item.index, "outcome": item.outcome, "message_id": item.message_id, "reason": reason}
    fields |= {"path": item.path, "quarantine_id": item.quarantine_id}
    return {name: value for name, value in fields.items() if value is not None}
