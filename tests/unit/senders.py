"""Senders that do as they please: what each subject is observed to be, anew or once more."""

from collections.abc import Sequence

from hypothesis import strategies as st

from sre_ingest.sdk.signal import Signal
from sre_ingest.sdk.times import SECOND, Instant
from tests.unit.observations import HOUR, WINDOW, alert, check, sli

SUBJECTS = ("alert a", "alert b", "timeless alert", "timeless check", "check", "sli")
SEEN_ONCE = ("check", "sli")
WINDOWS = [WINDOW, HOUR]
PAUSES = [0, 1, 20, 31, 300, 599, 601, 1_300, 3_599, 3_601]


class Senders:
    """Remember what they sent, for most of it they send again."""

    def __init__(self) -> None:
        self._sent: dict[str, list[Signal]] = {subject: [] for subject in SUBJECTS}
        self._serial = 0

    def observe(self, data: st.DataObject, subject: str, now: Instant) -> Signal:
        """An observation of the subject; one that is seen once by nature is sent again only as long as it is the last.

        An earlier digest of an SLI window, or an earlier check, that comes again can only be a repeat, so a memory that
        has forgotten it gives it the id it had.
        """
        sent = self._sent[subject]
        again: bool = data.draw(st.booleans(), label="again")
        if sent and again:
            back = 1 if subject in SEEN_ONCE else data.draw(st.integers(1, min(len(sent), 8)), label="back")
            sent.append(sent[-back])
        else:
            sent.append(self._observe_anew(data, subject, now, sent))
        return sent[-1]

    def _observe_anew(self, data: st.DataObject, subject: str, now: Instant, sent: Sequence[Signal]) -> Signal:
        self._serial += 1
        if subject == "sli":
            return sli(str(self._serial))
        state = data.draw(st.sampled_from(["firing", "resolved"]), label="state")
        if subject == "check":
            return check(state, Instant(now - self._serial))  # no two at the same time
        if subject == "timeless check":
            return check(state, None, "timeless")
        if subject == "timeless alert":
            return alert(state, None, "timeless")
        fresh = [Instant(now + seconds * SECOND) for seconds in (0, -3, 5, -30, -700)]
        begun = [signal.occurred_at for signal in sent[-6:]]
        return alert(state, data.draw(st.sampled_from([*reversed(begun), *fresh]), label="began_at"), subject)
