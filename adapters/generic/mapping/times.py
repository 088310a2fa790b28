"""Times as tools write them."""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from sre_ingest.sdk import json, times
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.json import LosslessFloat, Value
from sre_ingest.sdk.times import GO_ZERO, SECOND, Instant

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_PROBE = datetime(2011, 12, 13, 14, 15, 16, 171819, tzinfo=UTC)
_PARTS = {"epoch_s": 1, "epoch_ms": 1_000, "epoch_us": 1_000_000, "epoch_ns": SECOND}
_MAX_LENGTH = 100
_NUMBER = re.compile(r"[+-]?\d{1,30}(?:\.\d{0,30})?(?:[eE][+-]?\d{1,2})?", re.ASCII)


def read(value: Value, formats: tuple[str, ...], zone: str, path: str) -> Instant | None:
    """A time in the first format that fits; None if the sender gave none (null, empty, Go's zero). BAD_TIME if none
    does.
    """
    if value is None or value == "":
        return None
    text = json.text(value) if isinstance(value, str | int | LosslessFloat) else ""
    for name in formats if 0 < len(text) <= _MAX_LENGTH else ():
        try:
            instant = _READERS[name](text) if name in _READERS else _pattern(text, name, zone)
        except (ValueError, OverflowError):
            continue
        return None if instant == GO_ZERO else instant
    raise BadItem(ItemReason.BAD_TIME, path)


def checked_format(name: str) -> str:
    """Say that a format can be read with. ValueError if it is neither a word of ours nor a pattern."""
    if name in _READERS:
        return name
    try:
        written = _PROBE.strftime(name)
        datetime.strptime(written, name)  # noqa: DTZ007
    except ValueError:
        written = name
    if written == name:
        raise ValueError(f"must be one of {', '.join(_READERS)}, or a pattern of Python's strptime")
    return name


def checked_zone(name: str) -> str:
    """Say that a zone is known. ValueError if it is not."""
    try:
        ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise ValueError("is no time zone of the IANA database, such as Europe/Berlin") from None
    return name


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
        # An exponent can make a number of a few digits as long as memory is.
        if not _NUMBER.fullmatch(text):
            raise ValueError("not a number")
        return times.checked(int(Decimal(text) * (SECOND // parts)))

    return read_number


_READERS: Mapping[str, Callable[[str], Instant]] = {
    "rfc3339": times.parse,
    "go": _go,
    **{name: _epoch(parts) for name, parts in _PARTS.items()},
}
