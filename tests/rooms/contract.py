"""What every reading of every room obeys, as an assertion."""

from sre_ingest.conformance import validity
from sre_ingest.sdk.signal import Reading


def assert_valid(reading: Reading, items: int | None = None) -> None:
    """Every item is in exactly one list, and every signal obeys the contract. Without `items` any number will do."""
    assert validity.faults(reading, items) == ()
