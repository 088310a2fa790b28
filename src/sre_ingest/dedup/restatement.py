"""What was observed last is said once more, where the log ends with a record that was received before it."""

from dataclasses import dataclass

from sre_ingest.dedup.entry import Attempt
from sre_ingest.dedup.sighting import Sighting
from sre_ingest.sdk.times import Instant


@dataclass(frozen=True, slots=True)
class Overtaken:
    """A record that is not the last word any more, though nothing newer was observed."""

    offset: int
    """Where it stands, on the partition of the late one."""
    late: Sighting
    """What stands behind it, and says something else."""


@dataclass(frozen=True, slots=True)
class Restatement:
    """The claim to publish it again."""

    message_id: str
    received_at: Instant
    """When it was observed last; with duplicates that may be long after its record was received."""
    attempt: Attempt


@dataclass(frozen=True, slots=True)
class Seen:
    """What the memory has found in records that came into the log."""

    others: int
    """How many another gateway has published."""
    overtaken: list[Overtaken]
    """In their order; of one subject the last one counts."""
