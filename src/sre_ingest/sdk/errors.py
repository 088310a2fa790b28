"""Every way a delivery can fail, in one tree. HTTP knows these errors; they do not know HTTP.

`reason` is the word that senders, logs, metrics and docs share. `retriable` says whether the same bytes may succeed
later.
"""

from typing import ClassVar

from sre_ingest.sdk.words import Word


class DeliveryError(Exception):
    """A delivery that was not taken. The message is one sentence for people and never repeats the body."""

    reason: ClassVar[str]
    retriable: ClassVar[bool] = False
    quarantine_id: str | None = None
    """Under which id the body is kept; None if it is not."""


class Unauthenticated(DeliveryError):
    """No credential, or one we do not know."""

    reason = "unauthenticated"


class UnknownEndpoint(DeliveryError):
    """No adapter listens at this path."""

    reason = "unknown_endpoint"


class WrongMethod(DeliveryError):
    """The path exists and takes another method."""

    reason = "wrong_method"


class WrongType(DeliveryError):
    """The content type is not one that the endpoint reads."""

    reason = "bad_content_type"


class WrongEncoding(DeliveryError):
    """The body is compressed, or encoded in a way we do not read."""

    reason = "bad_encoding"


class TooLarge(DeliveryError):
    """The body has more bytes than the endpoint accepts."""

    reason = "body_too_large"


class NotJson(DeliveryError):
    """The body is no JSON document, or one that parsers read in different ways."""

    reason = "malformed_json"


class WrongShape(DeliveryError):
    """The body is JSON, and as a whole not what the source sends."""

    reason = "schema"


class BadIdempotencyKey(DeliveryError):
    """The header Idempotency-Key cannot be read, contradicts the record's own key, or names other than one record."""

    reason = "bad_idempotency_key"


class Unavailable(DeliveryError):
    """Nothing durable could take the records within the deadline. The sender should try again."""

    reason = "unavailable"
    retriable = True


class QuarantineFull(DeliveryError):
    """What could not be understood is to be kept, and there is no room for it until somebody has looked."""

    reason = "quarantine_full"
    retriable = True


class Unforeseen(DeliveryError):
    """A defect of ours. Answered as "try later", because only then do senders keep the alert."""

    reason = "unforeseen"
    retriable = True


class ItemReason(Word):
    """Why one item of a delivery was refused while its siblings went on."""

    NOT_AN_OBJECT = "not_an_object", "The item is no JSON object."
    NO_LABELS = "no_labels", "The alert has no label with a value, so nothing says what it is about."
    BAD_FIELD = "bad_field", "A field has a type or a value that cannot be understood."
    BAD_TIME = "bad_time", "A time cannot be read, or lies outside the years 1 to 9999."
    MISSING_FIELD = "missing_field", "A field that every item of its kind needs is not there, or is empty."
    UNKNOWN_KIND = (
        "unknown_kind",
        "Nothing says what kind of record the item is, or a word that we do not know says it.",
    )
    AMBIGUOUS_KIND = "ambiguous_kind", "What the item says of its kind speaks for more than one."
    NO_STATUS = "no_status", "Neither the item nor its delivery has a status."
    BAD_WINDOW = (
        "bad_window",
        "The numbers or the times of an SLI window cannot be true: see the contract's rules for it.",
    )
    GETTABLE_ALERT = (
        "gettable_alert",
        "The alert is one that GET /api/v2/alerts answers (its status is an object), not one that is posted there.",
    )
    UNKNOWN_STATUS = "unknown_status", "The status is a word we do not know."
    TOO_LARGE = (
        "too_large",
        "It has too many labels or annotations, its record would be larger than the log accepts, or a mapping makes "
        "more work of its body than a body of that size may cause.",
    )


class BadItem(Exception):
    """One item cannot be translated. `path` names the field in the sender's words."""

    def __init__(self, reason: ItemReason, path: str) -> None:
        super().__init__(f"{path}: {reason}")
        self.reason = reason
        self.path = path
