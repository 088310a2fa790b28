"""Reading the fields of one item: the value in the type it should have, or BadItem with the field's path."""

from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.json import Value, text
from sre_ingest.sdk.times import GO_ZERO, Instant, parse

MAX_TEXTS = 4_096
"""Labels or annotations of one item. No log takes a record of so many, and one that is sealed all the same holds up all
others meanwhile.
"""


def string(value: Value, path: str) -> str:
    """A string as sent; empty if the sender gave none (absent, null). BAD_FIELD for every other type."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    raise BadItem(ItemReason.BAD_FIELD, path)


def texts(value: Value, path: str) -> dict[str, str]:
    """A map of texts; empty if the sender gave none (absent, null). BAD_FIELD if it is no object.

    Strings stay as they are, null is as good as absent, and any other value becomes its compact JSON text. TOO_LARGE if
    there are more than MAX_TEXTS of them.
    """
    if isinstance(value, dict):
        if len(value) > MAX_TEXTS:
            raise BadItem(ItemReason.TOO_LARGE, path)
        return {name: one if type(one) is str else text(one) for name, one in value.items() if one is not None}
    if value is None:
        return {}
    raise BadItem(ItemReason.BAD_FIELD, path)


def time(value: Value, path: str) -> Instant | None:
    """An RFC 3339 time; None if the sender gave none (absent, null, empty, Go's zero). BAD_TIME if it is unreadable."""
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise BadItem(ItemReason.BAD_TIME, path)
    try:
        instant = parse(value)
    except ValueError:
        raise BadItem(ItemReason.BAD_TIME, path) from None
    return None if instant == GO_ZERO else instant
