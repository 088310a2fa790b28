"""The books: every record that was accepted is acknowledged, waiting or parked, and what is not is missing."""

from collections.abc import Callable, Sequence

from sre_ingest.publishing import Outcome, Standing


class Ledger:
    """Accepted against acked, waiting and parked, since the start.

    What was accepted is counted here, as answers come; where it is the publisher says, by what it finds at its end.
    """

    def __init__(self, standing: Callable[[], Standing]) -> None:
        self._standing = standing
        self._accepted = 0
        self._unanswered = 0

    def hand(self, records: int) -> None:
        """So many are being published."""
        self._unanswered += records

    def enter(self, outcomes: Sequence[Outcome]) -> None:
        """The answer to as many that were handed over."""
        self._unanswered -= len(outcomes)
        self._accepted += sum(outcome.durable for outcome in outcomes)

    def imbalance(self) -> int:
        """Accepted records that are nowhere; below 0: records that are there and were not accepted.

        0 while everything is explained by what is under way at this moment. What is missing never is: a record is
        counted where it arrives before it is counted as accepted, and where it goes before it leaves.
        """
        now = self._standing()
        missing = self._accepted - now.acked - now.waiting - now.parked
        return 0 if -(now.moving + self._unanswered) <= missing < 0 else missing
