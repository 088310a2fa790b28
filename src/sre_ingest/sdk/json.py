"""The one strict reading of a JSON body.

Refused: NaN and Infinity, duplicate keys, lone surrogates, a byte order mark, anything but UTF-8, more than 201 levels,
integers of more than 4,300 digits. Numbers with a point or an exponent keep their digits as `LosslessFloat`, so that
1.10 stays 1.10 and 1e999 does not become infinity.
"""

import json
from json.encoder import encode_basestring
from typing import TypeAlias

import jiter
from jiter import LosslessFloat

from sre_ingest.sdk.errors import NotJson

__all__ = ["LosslessFloat", "Value", "parse", "text"]

Value: TypeAlias = "dict[str, Value] | list[Value] | str | int | LosslessFloat | bool | None"


def parse(body: bytes) -> Value:
    """Parse one document. NotJson names the place and never the content."""
    try:
        value: Value = jiter.from_json(
            body, allow_inf_nan=False, catch_duplicate_keys=True, float_mode="lossless-float", cache_mode="keys"
        )
    except ValueError as error:
        raise NotJson(_place(str(error))) from None
    return value


def text(value: Value) -> str:
    """One value as text: strings as they are, all else as compact JSON with sorted keys and the sender's digits."""
    return value if isinstance(value, str) else _compact(value)


def _compact(value: Value) -> str:
    if isinstance(value, dict):
        return "{" + ",".join(f"{_compact(key)}:{_compact(value[key])}" for key in sorted(value)) + "}"
    if isinstance(value, list):
        return "[" + ",".join(map(_compact, value)) + "]"
    if isinstance(value, LosslessFloat):
        return str(value)
    if isinstance(value, str):
        return encode_basestring(value)  # a tenth of the time of `dumps`, which makes an encoder for each text
    return json.dumps(value, ensure_ascii=False)


def _place(message: str) -> str:
    # jiter quotes the key it stumbled over; the place behind it is all that may leave the gateway.
    _, found, position = message.rpartition(" at line ")
    return f"The body is not strict JSON: see line {position}." if found else "The body is not strict JSON."
