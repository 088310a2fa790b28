"""What a signal turned out to be."""

from dataclasses import dataclass

from sre_ingest.dedup.entry import Attempt
from sre_ingest.publishing import Outcome
from sre_ingest.sdk.signal import Signal


@dataclass(frozen=True, slots=True, eq=False)
class Claim:
    """What one signal turned out to be."""

    signal: Signal
    message_id: str
    attempt: Attempt
    to_publish: bool
    """True: the attempt is this claim's own, for whoever claimed it to publish under `message_id` and to settle, once.

    False: the claim repeats another one, has its `message_id` and ends as its attempt does, failure included.
    """
    conflicting: bool = False
    """True if it repeats what its sender gave the same key of its own, and says something else."""

    @property
    def outcome(self) -> Outcome | None:
        """How the attempt ended, None while it is in flight. A duplicate of something durable knows it at once."""
        return self.attempt.outcome

    async def ended(self) -> Outcome:
        """Wait for the outcome; for the own claims of a delivery too, once they are settled."""
        return await self.attempt.ended()
