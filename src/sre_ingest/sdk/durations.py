"""Lengths of time as people write them in settings and options."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_WRITTEN = re.compile(r"(?:\d{1,12}(?:ms|s|m|h|d))+", re.ASCII)
_MAX = timedelta(days=36_500)
"""A century: what is longer is a slip of the pen, and beyond the instants that can be written."""


def _read(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _WRITTEN.fullmatch(value):
        raise ValueError("write a duration as Prometheus does, such as 500ms, 10m or 1h30m")
    parts = re.findall(r"(\d+)(ms|s|m|h|d)", value)
    seconds = sum(int(number) * _UNITS[unit] for number, unit in parts)
    if seconds > _MAX.total_seconds():
        raise ValueError(f"is longer than a century; at most {_MAX.days}d are meant")
    return timedelta(seconds=seconds)


Duration = Annotated[timedelta, BeforeValidator(_read), Field(gt=timedelta())]
"""A length of time above 0, written as Prometheus does: 500ms, 10m, 1h30m."""
