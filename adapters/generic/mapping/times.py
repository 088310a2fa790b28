"""Times as tools write them."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from zoneinfo import ZoneInfo

from sre_ingest.sdk import json, times
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.json import Value
from sre_ingest.sdk.times import GO_ZERO, SECOND, Instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PARTS = {"epoch_s": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000, "epoch_ns": SECOND}
_MAX_LENGTH = 100


def read(value: Value, formats: tuple[str, ...], zone: str, path: str) -> Instant | None:
    """A time in the first format that fits; None if the sender gave none (null, empty, Go's zero). BAD_TIME if none
    does.
    """
    if value is None or value == "":
        return None
    text = json.text(value)
    for name in formats if len(text) <= _MAX_LENGTH else ():
        try:
            instant = _READERS[name](text) if name in _READERS else _pattern(text, name, zone)
        except (ValueError, InvalidOperation, OverflowError):
            continue
        return None if instant == GO_ZERO else instant
    raise BadItem(ItemReason.BAD_TIME, path)


def _pattern(text: str, pattern: str, zone: str) -> Instant:
    found = datetime.strptime(text, pattern)  # noqa: DTZ007
    aware = found.replace(tzinfo=ZoneInfo(zone)) if found.tzinfo is None else found
    elapsed = aware - _EPOCH
    return times.checked((elapsed.days * 86_400 + elapsed.seconds) * SECOND + elapsed.microseconds * 1_000)


def _go(text: str) -> Instant:
    written = times.from_go(text)
    if written is None:
        raise ValueError("not as Go writes it")
    return times.parse(written)


def _epoch(parts: int) -> Callable[[str], Instant]:
    def read_number(text: str) -> Instant:
        return times.checked(int(Decimal(text) * (SECOND // parts)))

    return read_number


_READERS: Mapping[str, Callable[[str], Instant]] = {
    "rfc3339": times.parse,
    "go": _go,
    **{name: _epoch(parts) for name, parts in _PARTS.items()},
}
