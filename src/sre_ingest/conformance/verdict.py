"""What a check says."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of one thing that was tried."""

    subject: str
    """What was tried: a sample's name, or a word for a group of bodies."""
    faults: tuple[str, ...] = ()
    """Each thing that is not as it should be, with the remedy; a difference takes several lines."""
    told: str = ""
    """What was found, in a few words."""
