"""The id a record carries. Which deliveries are the same is `dedup`'s question; this is only its spelling."""

from typing import NewType
from uuid import UUID, uuid5

from sre_ingest.sdk.signal import NaturalKey

NAMESPACE = UUID("858f701f-fb1b-49a0-935b-798071158003")
"""Namespace of every message id. Changing it makes every retry a new message: never do."""

Salt = NewType("Salt", str)
"""What sets an observation apart from an earlier one with the same natural key."""


def message_id(key: NaturalKey, salt: Salt | None) -> str:
    """UUIDv5 over the natural key, or over the natural key, a newline and the salt."""
    return str(uuid5(NAMESPACE, key.text if salt is None else f"{key.text}\n{salt}"))


def link(previous_id: str, bucket: int) -> Salt:
    """A salt that ties an observation to the one before it: its message id and the dedup window it arrived in."""
    return Salt(f"{previous_id}/{bucket}")


def overtaking(late_id: str) -> Salt:
    """A salt for an observation that is said again, because behind its record stands one that is older: the id of
    that one.
    """
    return Salt(late_id)


def arrival(bucket: int) -> Salt:
    """A salt for an observation of which nothing is remembered: the half minute it arrived in."""
    return Salt(str(bucket))
