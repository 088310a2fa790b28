"""Reading the fields of one item: the value in the type it should have, or BadItem with the field's path."""

import math

from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.json import LosslessFloat, Value, text
from sre_ingest.sdk.times import GO_ZERO, Instant, parse

MAX_TEXTS = 4_096
"""Labels, annotations or other members of one item. No log takes a record of so many, and one that is sealed all the
same holds up all others meanwhile.
"""


def string(value: Value, path: str) -> str:
    """A string as sent; empty if the sender gave none (absent, null). BAD_FIELD for every other type."""
    if isinstance(value, str):
        return value
    if value is None:
        return ""
    raise BadItem(ItemReason.BAD_FIELD, path)


def required(value: Value, path: str) -> str:
    """A string as sent. MISSING_FIELD if it is absent, null or empty, BAD_FIELD for every other type."""
    if found := string(value, path):
        return found
    raise BadItem(ItemReason.MISSING_FIELD, path)


def number(value: Value, path: str) -> float | None:
    """The nearest double; None if the sender gave none (absent, null). BAD_FIELD for other types and beyond doubles."""
    if value is None:
        return None
    # A bool is a number to Python alone.
    if isinstance(value, int | LosslessFloat) and not isinstance(value, bool):
        try:
            nearest = float(value)
        except OverflowError:
            nearest = math.inf
        if math.isfinite(nearest):
            return nearest
    raise BadItem(ItemReason.BAD_FIELD, path)


def numbers(value: Value, path: str) -> dict[str, float]:
    """A map of numbers, those that are null left out; empty if the sender gave none (absent, null).

    BAD_FIELD if it is no object or another type is in it, TOO_LARGE if there are more than MAX_TEXTS of them.
    """
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise BadItem(ItemReason.BAD_FIELD, path)
    if len(value) > MAX_TEXTS:
        raise BadItem(ItemReason.TOO_LARGE, path)
    found = {name: number(one, path) for name, one in value.items()}
    return {name: one for name, one in found.items() if one is not None}


def truth(value: Value, path: str) -> bool:
    """True or false; false if the sender gave none (absent, null). BAD_FIELD for every other type."""
    if value is None or isinstance(value, bool):
        return bool(value)
    raise BadItem(ItemReason.BAD_FIELD, path)


def members(value: Value, path: str) -> list[Value]:
    """A list; empty if the sender gave none (absent, null). BAD_FIELD for other types, TOO_LARGE above MAX_TEXTS."""
    if value is None:
        return []
    if not isinstance(value, list):
        raise BadItem(ItemReason.BAD_FIELD, path)
    if len(value) > MAX_TEXTS:
        raise BadItem(ItemReason.TOO_LARGE, path)
    return value


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
