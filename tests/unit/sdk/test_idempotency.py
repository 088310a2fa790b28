"""What names an observation by its sender's own word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sre_ingest.sdk import idempotency, json
from sre_ingest.sdk.errors import BadIdempotencyKey, BadItem

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=255)


@pytest.mark.parametrize(
    ("header", "key"),
    [
        ("8e03978e-40d5-43dd-bc93-6894a57f9324", "8e03978e-40d5-43dd-bc93-6894a57f9324"),
        ('"8e03978e"', "8e03978e"),
        ('"two words, a comma; and more"', "two words, a comma; and more"),
        (r'"a \"quoted\" word and a \\"', 'a "quoted" word and a \\'),
        ("k" * 255, "k" * 255),
        ('"' + "k" * 255 + '"', "k" * 255),
        ('"' + r"\\" * 255 + '"', "\\" * 255),
    ],
)
def test_a_header_is_a_quoted_string_or_a_bare_word(header: str, key: str) -> None:
    """The draft asks for the quotes, and most senders leave them out."""
    assert idempotency.of_header(header) == key


UNREADABLE = ["", '""', "two words", "a, b", '"a", "b"', '"a";b=1', "a;b", '"open', 'open"', r"a\b", r'"a\b"']
UNPRINTABLE = ['"\x7f"', "schl\u00fcssel", '"\u00fc"', "a\tb", '"a\tb"', "k" * 256, '"' + "k" * 256 + '"']


@pytest.mark.parametrize("header", [*UNREADABLE, *UNPRINTABLE])
def test_any_other_header_is_refused(header: str) -> None:
    """Two headers of the name among them: which of them were meant is not guessed."""
    with pytest.raises(BadIdempotencyKey):
        idempotency.of_header(header)


@given(PRINTABLE)
def test_every_key_of_a_record_can_be_a_header(key: str) -> None:
    """Quoted, with a backslash before quotes and backslashes."""
    quoted = '"' + key.replace("\\", "\\\\").replace('"', '\\"') + '"'
    assert idempotency.of_header(quoted) == key == idempotency.of_field(key, "k")


@pytest.mark.parametrize("value", ["", "k" * 256, "\x7f", "\n", "a\n", "\u00fc", 7, True, [], {}])
def test_a_field_that_is_no_key_costs_the_record(value: json.Value) -> None:
    """Also an empty one, which more likely was forgotten than meant."""
    with pytest.raises(BadItem):
        idempotency.of_field(value, "k")


def test_content_is_what_is_said_and_not_how_it_is_ordered() -> None:
    """Digits count, and so does the type of a value."""
    parsed = [
        idempotency.content(document)
        for body in (b'{"a":1,"b":[1.0]}', b' {"b":[1.0], "a":1}', b'{"a":1,"b":[1]}', b'{"a":"1","b":[1.0]}')
        if isinstance(document := json.parse(body), dict)
    ]
    assert parsed[0] == parsed[1]
    assert len(set(parsed)) == 3
