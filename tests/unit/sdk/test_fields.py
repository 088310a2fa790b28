"""Reading one field: the value, nothing, or a reject that names the field."""

from collections.abc import Callable

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


@pytest.mark.parametrize("value", [None, ""])
def test_what_is_required_has_a_character(value: Value) -> None:
    """What is empty is as good as missing."""
    with pytest.raises(BadItem) as caught:
        fields.required(value, "name")

    assert (caught.value.reason, caught.value.path) == (ItemReason.MISSING_FIELD, "name")
    assert fields.required(" ", "name") == " "


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (None, None),
        (0, 0.0),
        (-3, -3.0),
        (2**53 + 1, 2.0**53),
        (LosslessFloat(b"1.10"), 1.1),
        (LosslessFloat(b"1e-999"), 0),
    ],
)
def test_a_number_is_the_nearest_double(value: Value, expected: float | None) -> None:
    """Null is no number, and no error."""
    assert fields.number(value, "n") == expected
    assert fields.numbers({"n": value}, "n") == ({} if expected is None else {"n": expected})


@pytest.mark.parametrize("value", [True, "1", [], {}, LosslessFloat(b"1e999"), LosslessFloat(b"-1e999"), 10**400])
def test_what_no_double_can_hold_is_no_number(value: Value) -> None:
    """Never infinity, and a truth is none either."""
    for read in (lambda: fields.number(value, "n"), lambda: fields.numbers({"n": value}, "n")):
        with pytest.raises(BadItem) as caught:
            read()
        assert (caught.value.reason, caught.value.path) == (ItemReason.BAD_FIELD, "n")


def test_truths_and_lists_are_of_their_type_or_absent() -> None:
    """Neither 0 nor the text "false" is false, and one thing is no list of it."""
    assert (fields.truth(True, "t"), fields.truth(False, "t"), fields.truth(None, "t")) == (True, False, False)
    assert (fields.members([1], "m"), fields.members(None, "m")) == ([1], [])
    for wrong in (lambda: fields.truth(0, "t"), lambda: fields.truth("false", "t"), lambda: fields.members({}, "m")):
        with pytest.raises(BadItem, match="bad_field"):
            wrong()


@pytest.mark.parametrize(
    "read",
    [
        lambda count: fields.members([1] * count, "m"),
        lambda count: fields.numbers(dict.fromkeys(map(str, range(count)), 1), "m"),
    ],
    ids=["members", "numbers"],
)
def test_a_list_or_map_has_its_bound(read: Callable[[int], object]) -> None:
    """As many as texts may be, and not one more."""
    assert read(fields.MAX_TEXTS)
    with pytest.raises(BadItem, match="too_large"):
        read(fields.MAX_TEXTS + 1)


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
