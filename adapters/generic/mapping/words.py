"""The sender's words for a status or a severity, and what a mapping says that they mean."""

from adapters.generic.mapping.format import AlertStatus, CheckStatus, SeverityWord
from adapters.generic.mapping.record import Record
from sre_ingest.sdk.errors import BadItem, ItemReason


def status(record: Record, mapping: AlertStatus | CheckStatus) -> str | None:
    """The status in our words; None for a record that is no signal. UNKNOWN_STATUS or NO_STATUS if the mapping does not
    know the word, or nothing was said.
    """
    word = record.text(mapping.value)
    known = mapping.lookup.get(word.lower())
    if known is None:
        raise BadItem(ItemReason.UNKNOWN_STATUS if word else ItemReason.NO_STATUS, mapping.value.text)
    return None if known == "ignored" else known


def severity(record: Record, mapping: SeverityWord | None) -> tuple[str, str]:
    """The sender's word, and the word to look for in the endpoint's table."""
    if mapping is None:
        return "", ""
    word = record.text(mapping.value)
    return word, mapping.lookup.get(word.lower(), word)
