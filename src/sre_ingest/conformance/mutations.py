"""Bodies that are nearly right: samples with something else at a few places."""

from collections.abc import Callable, Sequence
from random import Random
from typing import Any

_WORDS = ("", "firing", "resolved", "0001-01-01T00:00:00Z", "2026-01-02T03:04:05Z", "Watchdog", "alertname", "labels")
_LETTERS = "aZ0 _:/%{}\"'\\\n\x00\x7fäЖ漢🔥\u200f\uffff"
_DEEPEST = 3


def mutated(random: Random, documents: Sequence[Any]) -> Any:
    """One of the documents, not changed itself, with other JSON at up to three places."""
    body = random.choice(documents)
    for _ in range(random.randint(1, 3)):
        found = places(body)
        by = anything(random) if random.randrange(4) else value_at(body, random.choice(found))
        body = replaced(body, random.choice(found), by)
    return body


def scrambled(random: Random, body: bytes) -> bytes:
    """A body that is no JSON, with up to three of its parts cut out, told twice, or put in the place of others."""
    for _ in range(random.randint(1, 3)):
        begin, end, at = sorted(random.randint(0, len(body)) for _ in range(3))
        part = body[begin:end]
        body = random.choice((body[:begin] + body[end:], body[:at] + part + body[at:], body[:begin] + part[::-1]))
    return body


def anything(random: Random, depth: int = 0) -> Any:
    """Any JSON, small."""
    made: Sequence[Callable[[], Any]] = (
        lambda: None,
        lambda: random.choice((True, False)),
        lambda: random.choice((0, 1, -1, 7, 1e3, 0.5, 2**31, 2**63, -(2**64), 10**30, 1e308, 5e-324)),
        lambda: random.randint(-1_000, 2_000_000_000),
        lambda: random.choice(_WORDS),
        lambda: "".join(random.choice(_LETTERS) for _ in range(random.randint(0, 8))),
        lambda: [anything(random, depth + 1) for _ in range(random.randint(0, 3))],
        lambda: {random.choice(_WORDS): anything(random, depth + 1) for _ in range(random.randint(0, 3))},
    )
    return random.choice(made if depth < _DEEPEST else made[:6])()


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path to every value inside a JSON document."""
    keys = value.keys() if isinstance(value, dict) else range(len(value)) if isinstance(value, list) else ()
    return [path, *(place for key in keys for place in places(value[key], (*path, key)))]


def value_at(value: Any, path: tuple[Any, ...]) -> Any:
    """What stands at one place."""
    for key in path:
        value = value[key]
    return value


def replaced(value: Any, path: tuple[Any, ...], by: Any) -> Any:
    """The document with another value at one place."""
    if not path:
        return by
    copy = value.copy()
    copy[path[0]] = replaced(value[path[0]], path[1:], by)
    return copy
