"""Lengths of time as people write them in settings and options."""

import re
from datetime import timedelta
from typing import Annotated

from pydantic import BeforeValidator, Field

_UNITS = {"ms": 0.001, "s": 1, "m": 60, "h": 3_600, "d": 86_400}
_WRITTEN = re.compile(r"(?:\d+(?:ms|s|m|h|d))+")


def _read(value: object) -> object:
    if not isinstance(value, str):
        return value
    if not _WRITTEN.fullmatch(value):
        raise ValueError("write a duration as Prometheus does, such as 500ms, 10m or 1h30m")
    parts = re.findall(r"(\d+)(ms|s|m|h|d)", value)
    return timedelta(seconds=sum(int(number) * _UNITS[unit] for number, unit in parts))


Duration = Annotated[timedelta, BeforeValidator(_read), Field(gt=timedelta())]
"""A length of time above 0, written as Prometheus does: 500ms, 10m, 1h30m."""
