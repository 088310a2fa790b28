"""The shapes of what senders are told, for the OpenAPI document."""

from collections.abc import Iterable
from http import HTTPStatus
from typing import Any

from sre_ingest.receipts import CONFLICTING, ItemOutcome, ReceiptState
from sre_ingest.sdk.errors import ItemReason
from sre_ingest.sdk.words import Word
from sre_ingest.web import answers

_COUNTS = {
    "accepted": ItemOutcome.ACCEPTED,
    "duplicates": ItemOutcome.DUPLICATE,
    "quarantined": ItemOutcome.QUARANTINED,
    "ignored": ItemOutcome.IGNORED,
}


def words(found: Iterable[Word]) -> str:
    """Words and what they mean, for a description."""
    return " ".join(f"`{word}`: {word.meaning}" for word in found)


def _text(description: str, **more: Any) -> dict[str, Any]:
    return {"type": "string", "description": description} | more


_ITEM = {
    "type": "object",
    "required": ["index", "outcome"],
    "properties": {
        "index": {"type": "integer", "minimum": 0, "description": "Place of the item in the delivery, from 0."},
        "outcome": _text(words(ItemOutcome), enum=list(ItemOutcome)),
        "message_id": _text("Id of the record that speaks for the item: its own, or the one that it repeats."),
        "reason": _text(
            f"Why it was refused, or `{CONFLICTING}` for a duplicate by idempotency key that says something else.",
            enum=[*ItemReason, CONFLICTING],
        ),
        "path": _text("The field that was wrong, in the sender's words."),
        "quarantine_id": _text("Under which id what was refused is kept, for `sre-ingest quarantine show`."),
    },
}
RECEIPT: dict[str, Any] = {
    "type": "object",
    "description": "What became of a delivery.",
    "required": ["receipt_id", "state", *_COUNTS, "items"],
    "properties": {
        "receipt_id": _text("Names this answer; the log line of the request has it, too."),
        "state": _text(words(ReceiptState), enum=list(ReceiptState)),
        **{
            name: {"type": "integer", "minimum": 0, "description": f"Number of items with this outcome. {word.meaning}"}
            for name, word in _COUNTS.items()
        },
        "items": {
            "type": "array",
            "maxItems": answers.MAX_ITEMS,
            "description": f"The first {answers.MAX_ITEMS:,} items, in the order of the delivery; counts are of all.",
            "items": _ITEM,
        },
    },
}
PROBLEM: dict[str, Any] = {
    "type": "object",
    "description": f"Why a delivery was not taken (RFC 9457). With the reason `{answers.NOTHING_USABLE}` it has the "
    "members of a receipt as well.",
    "required": ["type", "title", "status", "reason", "detail"],
    "properties": {
        "type": _text("Always about:blank."),
        "title": _text("The reason in words."),
        "status": {"type": "integer", "description": "The status of the answer."},
        "reason": _text("A word of a closed list, on which a program can decide.", enum=answers.REASONS),
        "detail": _text("One sentence for people. It never repeats the body."),
        "quarantine_id": _text(
            "Under which id the body is kept, for `sre-ingest quarantine show`; absent if it is not."
        ),
        "correlation_id": _text("Names the request in the log: the sender's X-Request-Id, or one of ours."),
    },
}
SCHEMAS = {"Receipt": RECEIPT, "Problem": PROBLEM}
"""The components, by name."""


def responses() -> dict[int | str, dict[str, Any]]:
    """Every answer of a webhook by its status."""
    return {status: _answer(status) for status in answers.CODES}


def _answer(status: int) -> dict[str, Any]:
    taken = status in (answers.PUBLISHED, answers.ON_DISK)
    name, kind = ("Receipt", "application/json") if taken else ("Problem", "application/problem+json")
    schema = {"$ref": f"#/components/schemas/{name}"}
    return {"description": HTTPStatus(status).phrase, "content": {kind: {"schema": schema}}}
