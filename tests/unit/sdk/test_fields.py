"""Reading one field: the value, nothing, or a reject that names the field."""

import pytest

from sre_ingest.sdk import fields
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.json import LosslessFloat, Value
from sre_ingest.sdk.times import parse


@pytest.mark.parametrize(("value", "expected"), [("as sent ", "as sent "), ("", ""), (None, "")])
def test_a_string_is_kept_as_sent(value: Value, expected: str) -> None:
    """Null is as good as absent."""
    assert fields.string(value, "title") == expected


@pytest.mark.parametrize("value", [0, False, [], {}, LosslessFloat(b"1.0")])
def test_no_other_type_passes_for_a_string(value: Value) -> None:
    """A wrong type is told by its field, never turned into text."""
    with pytest.raises(BadItem) as caught:
        fields.string(value, "title")

    assert (caught.value.reason, caught.value.path) == (ItemReason.BAD_FIELD, "title")


def test_a_map_of_texts_takes_any_value_but_null() -> None:
    """Strings as they are, empty ones included, null as absent, the rest as JSON text with the sender's digits."""
    value: Value = {"s": "a", "e": "", "n": None, "f": LosslessFloat(b"1.10"), "b": False, "l": [1], "o": {}}

    assert fields.texts(value, "labels") == {"s": "a", "e": "", "f": "1.10", "b": "false", "l": "[1]", "o": "{}"}
    assert fields.texts(None, "labels") == {}


@pytest.mark.parametrize("value", [0, False, [], "a=b", LosslessFloat(b"1.0")])
def test_no_other_type_passes_for_a_map(value: Value) -> None:
    """A list of pairs is no map."""
    with pytest.raises(BadItem) as caught:
        fields.texts(value, "labels")

    assert (caught.value.reason, caught.value.path) == (ItemReason.BAD_FIELD, "labels")


@pytest.mark.parametrize("value", [None, "", "0001-01-01T00:00:00Z", "0001-01-01T00:00:00.000Z"])
def test_no_time_is_none(value: Value) -> None:
    """Go's zero is no time, however it is spelled."""
    assert fields.time(value, "startsAt") is None


def test_a_time_is_an_instant() -> None:
    """The epoch is one: some senders mean it."""
    assert fields.time("2026-01-02T03:04:05Z", "startsAt") == parse("2026-01-02T03:04:05Z")
    assert fields.time("1970-01-01T00:00:00Z", "startsAt") == 0


@pytest.mark.parametrize("value", ["now", "2026-01-02", 0, 1767322800, False, [], {}, LosslessFloat(b"1.0")])
def test_an_unreadable_time_is_told(value: Value) -> None:
    """Numbers are unreadable too: nobody says whether they are seconds."""
    with pytest.raises(BadItem) as caught:
        fields.time(value, "startsAt")

    assert (caught.value.reason, caught.value.path) == (ItemReason.BAD_TIME, "startsAt")


def test_texts_are_bounded() -> None:
    """More labels than any log takes are refused before anybody seals them."""
    assert len(fields.texts({str(number): "x" for number in range(fields.MAX_TEXTS)}, "labels")) == fields.MAX_TEXTS
    with pytest.raises(BadItem, match="too_large"):
        fields.texts({str(number): "x" for number in range(fields.MAX_TEXTS + 1)}, "labels")
