"""The account of one delivery: what became of each of its items."""

from collections.abc import Sequence
from dataclasses import dataclass

from sre_ingest.sdk.errors import ItemReason
from sre_ingest.sdk.signal import Signal
from sre_ingest.sdk.words import Word

CONFLICTING = "conflicting"
"""The reason that a duplicate carries if it says something else than what was taken under its idempotency key."""


class ItemOutcome(Word):
    """What became of one item."""

    ACCEPTED = "accepted", "It became a record of its own."
    DUPLICATE = "duplicate", "It repeats what was taken before, and no second record was written."
    QUARANTINED = "quarantined", "It could not be understood; `reason` and `path` say why. Its siblings went on."
    IGNORED = "ignored", "It says nothing that can be observed, such as the test of a subscription."


class ReceiptState(Word):
    """Where the records of a delivery are."""

    PUBLISHED = "published", "Every accepted item is in Kafka, acknowledged by all in-sync replicas."
    SPOOLED = (
        "spooled",
        "At least one accepted item is safe on the gateway's own disk and not in Kafka yet: in the spool, or where no "
        "Kafka is configured in the embedded log.",
    )
    NOTHING = "nothing", "No record was written, because no item was accepted: all are duplicates, ignored or refused."


@dataclass(frozen=True, slots=True)
class Item:
    """One item of a delivery and its fate."""

    index: int
    outcome: ItemOutcome
    message_id: str | None = None
    """Id of the record that speaks for the item, its own or the one it repeats."""
    reason: ItemReason | None = None
    """Why it was quarantined."""
    path: str | None = None
    """The field that was wrong, in the sender's words."""
    quarantine_id: str | None = None
    """Under which id it is kept, None if it is not."""
    signal: Signal | None = None
    """What it was understood as."""
    conflicting: bool = False
    """True if it is a duplicate by its idempotency key and says something else than what was taken under it."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What the sender is told, and what the counters are fed from."""

    receipt_id: str
    items: Sequence[Item]
    """In the order of the delivery."""
    on_disk: bool = False
    """True if some record is safe on this gateway's disk and not yet in Kafka."""
    truncated: int = 0
    """Alerts that the sender says it left out."""
    unaccounted: int = 0
    """Items of the delivery that are not among these, which never happens."""

    def count(self, outcome: ItemOutcome) -> int:
        """How many items ended so."""
        return sum(item.outcome is outcome for item in self.items)

    @property
    def state(self) -> ReceiptState:
        """Where its records are."""
        if not self.count(ItemOutcome.ACCEPTED):
            return ReceiptState.NOTHING
        return ReceiptState.SPOOLED if self.on_disk else ReceiptState.PUBLISHED

    @property
    def hopeless(self) -> bool:
        """True if there were items and every one of them was quarantined."""
        return bool(self.items) and self.count(ItemOutcome.QUARANTINED) == len(self.items)
