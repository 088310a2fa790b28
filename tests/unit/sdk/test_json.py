"""The strict reading of JSON: what is refused, what is kept to the digit, and how values become text."""

import json as standard

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_ingest.sdk import json
from sre_ingest.sdk.errors import NotJson

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**40), 10**40) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b" ",
        b"{",
        b"[1,]",
        b"{'a': 1}",
        b"[] []",
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b'{"a": 1, "a": 2}',
        b'{"a": {"b": 1, "b": 1}}',
        b'{"a": 1, "\\u0061": 2}',
        b'"\\ud83d"',
        b'"\\udc00\\ud800"',
        b'{"\\ud800": 1}',
        b'"\xed\xa0\x80"',
        b'"\xff"',
        b'"\xc0\xaf"',
        b"\xef\xbb\xbf[]",
        '{"a": 1}'.encode("utf-16"),
        b'"\n"',
        b"01",
        b"+1",
        b"1.",
        b"0x10",
        b"[" * 202 + b"]" * 202,
        b'{"a":' * 202 + b"1" + b"}" * 202,
        b"1" * 4301,
        b"// a remark\n[]",
    ],
)
def test_what_is_not_strict_json_is_refused(body: bytes) -> None:
    """One error for all of it, with a sentence that repeats nothing of the body."""
    with pytest.raises(NotJson) as caught:
        json.parse(body)

    assert str(caught.value).startswith("The body is not strict JSON")


@pytest.mark.parametrize("body", [b"[" * 201 + b"]" * 201, b"1" * 4300, b"-" + b"1" * 4300])
def test_the_limits_are_where_the_docstring_says(body: bytes) -> None:
    """What is just inside them is read, and becomes text again without error."""
    assert json.text(json.parse(body)).encode() == body


@pytest.mark.parametrize("body", [b'{"s3cret": 1, "s3cret": 2}', b'{"a": "s3cret', b"s3cret", b'{"a": s3cret}'])
def test_an_error_tells_the_place_and_not_the_content(body: bytes) -> None:
    """A body may hold credentials, and the message goes to logs."""
    with pytest.raises(NotJson) as caught:
        json.parse(body)

    assert "s3cret" not in str(caught.value)
    assert "line 1" in str(caught.value)


@given(JSON)
def test_all_other_json_is_read_as_the_standard_library_reads_it(value: object) -> None:
    """Integers of any size up to 4,300 digits and every character keep their value."""
    assert json.parse(standard.dumps(value).encode()) == value
    assert json.parse(standard.dumps(value, ensure_ascii=False).encode()) == value


@given(st.binary(max_size=30))
def test_any_bytes_are_read_or_refused(body: bytes) -> None:
    """NotJson is the only error, and what is read can be serialised again."""
    try:
        value = json.parse(body)
    except NotJson:
        return
    assert json.text(value).encode()


@pytest.mark.parametrize("digits", ["1.10", "1e999", "-0.0", "1E5", "0.1000000000000000055", "12345678901234567890.5"])
def test_a_number_with_a_point_keeps_its_digits(digits: str) -> None:
    """A label 1.10 is no 1.1, and 1e999 is no infinity."""
    assert json.text(json.parse(digits.encode())) == digits
    assert json.text(json.parse(f"[{digits}]".encode())) == f"[{digits}]"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("as it is", "as it is"),
        ('"quoted"', '"quoted"'),
        ("", ""),
        (None, "null"),
        (True, "true"),
        (9007199254740993, "9007199254740993"),
        ([], "[]"),
        ({}, "{}"),
        ({"b": [1, "ü"], "a": {"\n": None}}, '{"a":{"\\n":null},"b":[1,"ü"]}'),
    ],
)
def test_a_value_has_one_text(value: json.Value, text: str) -> None:
    """Strings unquoted; anything else compact, with sorted keys, and not escaped beyond need."""
    assert json.text(value) == text


@given(JSON)
def test_the_text_of_a_value_is_json_again(value: json.Value) -> None:
    """Nothing is lost but the difference between a string and what looks like one."""
    text = json.text(value)

    assert text == value if isinstance(value, str) else standard.loads(text) == value
