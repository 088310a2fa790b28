"""Closed sets of words that explain themselves."""

from enum import StrEnum
from typing import Self


class Word(StrEnum):
    """A word and the sentence that says what it means; the documentation follows from the sentences."""

    meaning: str

    def __new__(cls, word: str, meaning: str) -> Self:
        """Make a member from its word and its sentence."""
        member = str.__new__(cls, word)
        member._value_ = word
        member.meaning = meaning
        return member
