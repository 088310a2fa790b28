"""Idempotency keys: a sender's own name for one observation, which says that it is the same whatever else it says.

In the header it is a string of RFC 8941 (`"a key"`), as the IETF's draft for `Idempotency-Key` asks, or stands there
bare, as most senders write it.
"""

import re
from collections.abc import Mapping
from hashlib import blake2b
from typing import NamedTuple

from sre_ingest.sdk import json
from sre_ingest.sdk.errors import BadIdempotencyKey, BadItem, ItemReason

MAX_LENGTH = 255

_KEY = re.compile(rf"[ -~]{{1,{MAX_LENGTH}}}")
_QUOTED = re.compile(r'"((?:[^"\\]|\\["\\])*)"')
# A second header of the name would be joined with a comma, and parameters would follow a semicolon.
_BARE = re.compile(r'[^ ",;\\]*')
_ESCAPED = re.compile(r"\\(.)")


class OwnKey(NamedTuple):
    """What its sender calls an observation, and what was said under that name."""

    text: str
    """1 to MAX_LENGTH printable characters of ASCII."""
    content: bytes
    """Digest of what was said."""


def of_header(value: str) -> str:
    """The key that a header holds. BadIdempotencyKey if it holds none that can be taken."""
    if quoted := _QUOTED.fullmatch(value):
        key = _ESCAPED.sub(r"\1", quoted[1])
    else:
        key = value if _BARE.fullmatch(value) else ""
    if not _KEY.fullmatch(key):
        raise BadIdempotencyKey(
            f"Send one Idempotency-Key of 1 to {MAX_LENGTH} printable ASCII characters, in double quotes or without "
            "spaces, commas and semicolons."
        )
    return key


def of_field(value: json.Value, path: str) -> str | None:
    """The key that a record holds; None if it is absent or null. BAD_FIELD if it is none that can be taken."""
    if value is None:
        return None
    if isinstance(value, str) and _KEY.fullmatch(value):
        return value
    raise BadItem(ItemReason.BAD_FIELD, path)


def content(record: Mapping[str, json.Value]) -> bytes:
    """A digest of what a record says, whatever the order in which it says it."""
    return blake2b(json.text(dict(record)).encode(), digest_size=16).digest()
