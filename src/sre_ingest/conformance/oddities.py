"""Bodies that are no sender's, and of which nothing may be read."""

from collections.abc import Iterator, Sequence
from typing import Any

from sre_ingest.conformance import mutations

_WRONG: tuple[Any, ...] = (None, True, 7, 0.5, "", "odd", [], [None], [[]], {}, {"odd": None})
_LEVELS = 3

BODIES: dict[str, bytes] = {
    "nothing": b"",
    "white space": b" \n",
    "an empty object": b"{}",
    "an empty list": b"[]",
    "null": b"null",
    "a truth": b"true",
    "a number": b"0",
    "a text": b'"odd"',
    "a list of null": b"[null]",
    "a list of lists": b"[[]]",
    "an object of no known field": b'{"odd": {"odd": []}}',
    "lists in lists": b"[" * 9_999,
    "lists in lists, closed": b"[" * 150 + b"]" * 150,
    "objects in objects": b'{"a":' * 9_999,
    "objects in objects, closed": b'{"a":' * 150 + b"1" + b"}" * 150,
    "half a document": b'{"a": [1,',
    "two documents": b"{} {}",
    "a key twice": b'{"a": 1, "a": 2}',
    "no number": b"NaN",
    "a number of many digits": b"9" * 5_000,
    "half a surrogate": b'"\\ud800"',
    "a byte order mark": b"\xef\xbb\xbf{}",
    "no UTF-8": b'{"a": "\xff"}',
    "bytes": bytes(range(256)),
    "a form": b"a=1&b=2",
    "a web page": b"<!doctype html><title>odd</title>",
}
"""Whatever the adapter, they are refused, or hold no signal."""


def wrong_types(documents: Sequence[Any]) -> Iterator[Any]:
    """A document with a value of every other type at one place, for each place of the first three levels that any of
    them has; what stands in a list counts once.
    """
    having = {}
    for document in documents:
        for place in mutations.places(document):
            if len(place) <= _LEVELS:
                having[tuple("[]" if isinstance(key, int) else key for key in place)] = document, place
    for document, place in having.values():
        for value in _WRONG:
            yield mutations.replaced(document, place, value)
