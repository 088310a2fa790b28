"""A record of the log as the memory sees it: by its headers alone."""

import json
from collections.abc import Mapping
from dataclasses import dataclass

from sre_ingest.dedup.entry import number_of
from sre_ingest.publishing import Headers
from sre_ingest.sdk import times
from sre_ingest.sdk.signal import NaturalKey
from sre_ingest.sdk.times import Instant


@dataclass(frozen=True, slots=True)
class Sighting:
    """Which observation a record is of, and when it was received."""

    key: NaturalKey
    message_id: str
    number: int
    """The id as a number."""
    received_at: Instant
    offset: int | None = None
    """Where it stands on its partition; None while it waits on a disk."""


def sighting(headers: Headers, offset: int | None = None) -> Sighting | None:
    """What the headers of a record say (`addressing`); None if it is not one that a gateway wrote, or is damaged."""
    # A header that somebody wrote as null is one that is empty.
    found = {name: value or b"" for name, value in headers}
    try:
        message_id = found["ce_id"].decode()
        received_at = times.parse(found["ce_receivedtime"].decode())
        return Sighting(_key(found), message_id, number_of(message_id), received_at, offset)
    except (KeyError, ValueError):
        return None


def _key(headers: Mapping[str, bytes]) -> NaturalKey:
    words = json.loads(headers["ce_dedupkey"])
    if not isinstance(words, list) or len(words) < 4 or not all(isinstance(word, str) for word in words):
        raise ValueError("A natural key is a list of strings.")
    *subject, episode, state = words
    return NaturalKey(tuple(subject), episode, state)
