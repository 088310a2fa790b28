"""Time as the contract keeps it: whole nanoseconds since the Unix epoch, UTC.

`datetime` stops at microseconds and Alertmanager sends nanoseconds, so an instant is an `int`.
"""

import re
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import NewType

from google.protobuf.timestamp_pb2 import Timestamp

Instant = NewType("Instant", int)
"""Nanoseconds since 1970-01-01T00:00:00Z; from year 1 to year 9999, the range of a protobuf Timestamp."""

SECOND = 1_000_000_000
MIN = Instant(-62_135_596_800 * SECOND)
MAX = Instant(253_402_300_800 * SECOND - 1)
GO_ZERO = MIN
"""0001-01-01T00:00:00Z, which Go programs send where they mean "no time"."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_EPOCH_WITHOUT_ZONE = _EPOCH.replace(tzinfo=None)
# The hour is spelled out because newer versions of `fromisoformat` take 24:00:00 for the next day.
_RFC3339 = re.compile(
    r"\d{4}-\d{2}-\d{2}[Tt ](?:[01]\d|2[0-3]):\d{2}:\d{2}"
    r"(?:\.(\d{1,9})\d{0,21})?(?:[Zz]|([+-])(\d{2}):(\d{2}))",
    re.ASCII,
)
# As in "2026-05-27 15:36:00.112 +0000 UTC m=+8560.28": the name of the zone and the monotonic clock say nothing more.
_GO = re.compile(
    r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?) ([+-]\d{2})(\d{2}) [A-Z0-9+-]{1,6}(?: m=[+-][\d.]+)?",
    re.ASCII,
)
# The alerts of one rule began together, and each is told again for as long as it fires: the same few times come again
# and again. What is kept is small, because the text of a time is at most 56 characters long.
_remembered = lru_cache(maxsize=4_096)


def parse(text: str) -> Instant:
    """Read an RFC 3339 date-time with any offset; digits below the nanosecond are cut. ValueError if it is none.

    More than 30 fractional digits are no date-time here.
    """
    return _parsed(text)


@_remembered
def _parsed(text: str) -> Instant:
    match = _RFC3339.fullmatch(text)
    if match is None:
        raise ValueError("not an RFC 3339 date-time")
    fraction, sign, hours, minutes = match.groups()
    elapsed = datetime.fromisoformat(text[:19] + "+00:00") - _EPOCH
    seconds = elapsed.days * 86_400 + elapsed.seconds
    if sign:
        seconds -= _offset(sign, int(hours), int(minutes))
    nanos = int(fraction.ljust(9, "0")) if fraction else 0
    return checked(seconds * SECOND + nanos)


def _offset(sign: str, hours: int, minutes: int) -> int:
    if hours > 23 or minutes > 59:
        raise ValueError("not an offset from UTC")
    seconds = hours * 3_600 + minutes * 60
    return -seconds if sign == "-" else seconds


def from_go(text: str) -> str | None:
    """The RFC 3339 spelling of a time that a Go program printed (`time.Time`'s String method); None for all else."""
    match = _GO.fullmatch(text)
    return "{}T{}{}:{}".format(*match.groups()) if match else None


def checked(nanos: int) -> Instant:
    """Say that `nanos` is an instant. ValueError outside the years 1 to 9999."""
    if not MIN <= nanos <= MAX:
        raise ValueError("outside the years 1 to 9999")
    return Instant(nanos)


def rfc3339(instant: Instant) -> str:
    """Write an instant in UTC with as many of 0, 3, 6 or 9 fractional digits as it needs: one spelling for each."""
    return _written(instant)


@_remembered
def _written(instant: Instant) -> str:
    seconds, nanos = divmod(instant, SECOND)
    text = (_EPOCH_WITHOUT_ZONE + timedelta(0, seconds)).isoformat()
    if not nanos:
        return text + "Z"
    digits = f"{nanos:09d}"
    return f"{text}.{digits[:3] if nanos % 1_000_000 == 0 else digits[:6] if nanos % 1_000 == 0 else digits}Z"


def nanoseconds(duration: timedelta) -> int:
    """A duration in the unit of instants."""
    return duration // timedelta(microseconds=1) * 1_000


def timestamp(instant: Instant) -> Timestamp:
    """The instant as the contract carries it."""
    seconds, nanos = divmod(instant, SECOND)
    return Timestamp(seconds=seconds, nanos=nanos)


def write(instant: Instant, target: Timestamp) -> None:
    """Set a timestamp in place, as in `write(start, message.starts_at)`: cheaper than making one and copying it."""
    target.seconds, target.nanos = divmod(instant, SECOND)
