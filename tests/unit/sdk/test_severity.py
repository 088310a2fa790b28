"""The default table of severities, and how a word is looked up."""

import pytest

from ameide_core_proto.sre.core.v1.sre_pb2 import (
    SEVERITY_CRITICAL,
    SEVERITY_HIGH,
    SEVERITY_LOW,
    SEVERITY_MEDIUM,
    Severity,
)
from sre_ingest.sdk.severity import DEFAULT


@pytest.mark.parametrize(
    ("words", "severity"),
    [
        ("critical page p1", SEVERITY_CRITICAL),
        ("error high major p2", SEVERITY_HIGH),
        ("warning medium minor p3", SEVERITY_MEDIUM),
        ("info low none p4 p5", SEVERITY_LOW),
    ],
)
def test_the_default_table_knows_the_usual_words(words: str, severity: Severity.ValueType) -> None:
    """As `severity.map` is documented."""
    assert {DEFAULT.find(word) for word in words.split()} == {severity}


def test_the_default_table_knows_no_more() -> None:
    """Sixteen words; the default for all others is MEDIUM."""
    assert len(DEFAULT.words) == 16
    assert DEFAULT.default == SEVERITY_MEDIUM


@pytest.mark.parametrize("word", ["CRITICAL", " critical\n", "Critical"])
def test_case_and_surrounding_space_do_not_matter(word: str) -> None:
    """People write the word in labels by hand."""
    assert DEFAULT.find(word) == SEVERITY_CRITICAL


@pytest.mark.parametrize("word", ["", " ", "banana", "criticality", "p 1"])
def test_an_unknown_word_is_not_guessed(word: str) -> None:
    """None, so that the caller can count it."""
    assert DEFAULT.find(word) is None
