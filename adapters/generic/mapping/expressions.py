"""JMESPath (https://jmespath.org) over a body, compiled at start, which tells whatever is wrong with an expression.

An expression sees one record of a body, and with `body()` the whole of it.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError, LexerError, ParseError

from adapters.generic.mapping import paths
from adapters.generic.mapping.functions import Functions
from adapters.generic.mapping.paths import Path
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.json import Value

MAX_LENGTH = 1_000
"""Characters of one expression."""
MAX_LEVELS = 100
"""Levels of its tree."""

_STANDARD = functions.Functions()
_Tree = Mapping[str, Any]


class ExpressionError(ValueError):
    """An expression cannot be compiled. The message says why."""


@dataclass(frozen=True, slots=True)
class Expression:
    """One compiled expression."""

    text: str
    parsed: Any
    reads: frozenset[Path]
    """What it reads of a record."""

    def find(self, record: Value, scope: Functions) -> Value:
        """The value for one record; null if there is none. BadItem if a function is given what it cannot take, or the
        body causes too much work.
        """
        try:
            value: Value = scope.evaluate(self.parsed, record)
        except RecursionError:
            raise BadItem(ItemReason.TOO_LARGE, self.text) from None
        except (JMESPathError, TypeError, ValueError, ArithmeticError):
            # The library checks the types of most of what a function is given, and not of all.
            raise BadItem(ItemReason.BAD_FIELD, self.text) from None
        return value

    def holds(self, record: Value, scope: Functions) -> bool:
        """Whether the value counts as true: neither null, nor false, nor empty."""
        value = self.find(record, scope)
        return value is not None and value is not False and value not in ("", [], {})


def compiled(text: object) -> Expression:
    """Compile one expression. ExpressionError says what is wrong with it."""
    if not isinstance(text, str):
        raise ExpressionError("must be an expression; put it between quotes")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"is longer than {MAX_LENGTH} characters")
    try:
        tree = jmespath.compile(text).parsed
    except (LexerError, ParseError) as error:
        raise ExpressionError(_place(error, text)) from None
    except JMESPathError:
        raise ExpressionError("is empty") from None
    except ValueError:
        raise ExpressionError("holds a number that is too long") from None
    except RecursionError:
        raise ExpressionError("is nested too deeply") from None
    for complaint in _complaints({"type": "expression", "children": [tree]}, MAX_LEVELS):
        raise ExpressionError(complaint)
    return Expression(text, tree, paths.reads(tree))


def _place(error: LexerError | ParseError, text: str) -> str:
    position = error.lex_position
    if position is None or position >= len(text):
        return "is no JMESPath expression: it ends too early"
    return f"is no JMESPath expression: it cannot be read from {text[position : position + 20]!r} on"


def _complaints(tree: _Tree, levels: int) -> Iterator[str]:
    """All that could only fail later, when a body is read."""
    kind, children = tree["type"], [child for child in tree["children"] if isinstance(child, dict)]
    if not levels:
        yield "is nested too deeply"
        return
    if kind == "function_expression":
        yield from _call_complaints(tree["value"], children)
    elif any(child["type"] == "expref" for child in children):
        yield "has a reference (&) that is no argument of a function"
    if kind == "slice" and tree["children"][2] == 0:
        yield "has a slice with a step of 0"
    if kind in ("literal", "key_val_pair") and not _writable(tree["value"]):
        yield "has a literal that cannot be written as JSON"
    for child in children:
        yield from _complaints(child, levels - 1)


def _call_complaints(name: str, arguments: Sequence[_Tree]) -> Iterator[str]:
    known: Mapping[str, Any] = Functions.FUNCTION_TABLE
    if name not in known:
        yield f"knows no function {name}()"
        return
    taken = known[name]["signature"]
    many = bool(taken) and taken[-1].get("variadic", False)
    if len(arguments) < len(taken) or (len(arguments) > len(taken) and not many):
        number = f"{len(taken)}{' or more' if many else ''}"
        yield f"gives {name}() {len(arguments)} argument{'s' * (len(arguments) != 1)} where it takes {number}"
        return
    for place, argument in enumerate(arguments):
        types = taken[min(place, len(taken) - 1)]["types"]
        if ("expref" in types) is not (argument["type"] == "expref"):
            yield f"gives {name}() a reference (&) where it takes none, or none where it takes one"
        if argument["type"] == "literal" and not _fits(argument["value"], types):
            yield f"gives {name}() a literal where it takes {' or '.join(types).replace('-', ' of ')}"


def _fits(value: Any, types: Sequence[str]) -> bool:
    # Such as "string", or "array-number" for a list of numbers.
    wanted = [one.partition("-") for one in types]
    return not types or any(
        _type(value) == kind and (not inner or all(_type(one) == inner for one in value)) for kind, _, inner in wanted
    )


def _writable(value: object) -> bool:
    try:
        json.dumps(value, ensure_ascii=False, allow_nan=False).encode()
    except (ValueError, RecursionError):
        return False
    return True


def _type(value: object) -> object:
    return _STANDARD.call_function("type", [value])
