"""The sender's word for how bad it is, and ours."""

from collections.abc import Mapping
from dataclasses import dataclass

from ameide_core_proto.sre.core.v1.sre_pb2 import Severity


@dataclass(frozen=True, slots=True)
class SeverityTable:
    """Maps words to severities. Words are compared without regard to case and surrounding white space."""

    words: Mapping[str, Severity.ValueType]
    """Lower-case words."""
    default: Severity.ValueType
    """What an alert gets whose word is unknown or absent: the word is kept and the guess is counted."""

    def find(self, word: str) -> Severity.ValueType | None:
        """The severity that `word` names, None if the table does not know it."""
        return self.words.get(word.strip().lower())


DEFAULT = SeverityTable(
    words={
        **dict.fromkeys(("critical", "page", "p1"), Severity.SEVERITY_CRITICAL),
        **dict.fromkeys(("error", "high", "major", "p2"), Severity.SEVERITY_HIGH),
        **dict.fromkeys(("warning", "medium", "minor", "p3"), Severity.SEVERITY_MEDIUM),
        **dict.fromkeys(("info", "low", "none", "p4", "p5"), Severity.SEVERITY_LOW),
    },
    default=Severity.SEVERITY_MEDIUM,
)
"""What an endpoint uses unless its configuration says otherwise."""
