"""JMESPath (https://jmespath.org) over a body, with a few functions of our own.

An expression sees one record of a body, and with `body()` the whole of it. Our functions take any value, and give null
for one that they can do nothing with, so that an absent field stays absent.
"""

from dataclasses import dataclass
from typing import Any

import jmespath
from jmespath import functions
from jmespath.exceptions import JMESPathError
from jmespath.visitor import Options, TreeInterpreter

from sre_ingest.sdk import json
from sre_ingest.sdk.errors import BadItem, ItemReason, NotJson
from sre_ingest.sdk.json import Value

MAX_LENGTH = 1_000
"""Characters of one expression."""


class ExpressionError(ValueError):
    """An expression cannot be compiled. The message says why."""


class Functions(functions.Functions):
    """The standard functions, and ours. One for each body: `body()` depends on it."""

    def __init__(self, document: Value) -> None:
        self._document = document
        self._interpreter = TreeInterpreter(Options(custom_functions=self))

    def evaluate(self, parsed: Any, record: Value) -> Value:
        """The value of a compiled expression. JMESPathError if a function is given what it cannot take."""
        # One interpreter for all of a body: to make one anew takes longer than most expressions do.
        value: Value = self._interpreter.visit(parsed, record)
        return value

    @functions.signature()
    def _func_body(self) -> Value:
        """The whole body."""
        return self._document

    @functions.signature({"types": []})
    def _func_text(self, value: Value) -> str | None:
        """The value as text, with the digits that the sender wrote."""
        return None if value is None else json.text(value)

    @functions.signature({"types": []})
    def _func_number(self, value: Value) -> float | None:
        """A number, or a text that is one; for comparisons."""
        return number(value)

    @functions.signature({"types": []})
    def _func_lower(self, value: Value) -> str | None:
        """A text in small letters."""
        return value.lower() if isinstance(value, str) else None

    @functions.signature({"types": []})
    def _func_json(self, value: Value) -> Value:
        """The JSON document that a text holds; null if it holds none."""
        try:
            return json.parse(value.encode()) if isinstance(value, str) else None
        except (NotJson, UnicodeEncodeError):
            return None

    @functions.signature({"types": []}, {"types": ["string"]})
    def _func_split(self, value: Value, separator: str) -> list[str] | None:
        """The parts of a text between separators, without white space around them."""
        return [part.strip() for part in value.split(separator)] if isinstance(value, str) and separator else None


def number(value: Value) -> float | None:
    """A number, or a text that is one, as a double; None for all else."""
    if value is None or isinstance(value, bool | list | dict):
        return None
    try:
        return float(str(value))
    except ValueError:
        return None


@dataclass(frozen=True, slots=True)
class Expression:
    """One compiled expression."""

    text: str
    parsed: Any
    fields: frozenset[str]
    """Every name of a field in it."""

    def find(self, record: Value, scope: Functions) -> Value:
        """The value for one record; null if there is none. BadItem if a function is given what it cannot take."""
        try:
            return scope.evaluate(self.parsed, record)
        except JMESPathError:
            raise BadItem(ItemReason.BAD_FIELD, self.text) from None

    def holds(self, record: Value, scope: Functions) -> bool:
        """Whether the value counts as true: neither null, nor false, nor empty."""
        value = self.find(record, scope)
        return value is not None and value is not False and value not in ("", [], {})


def compiled(text: str) -> Expression:
    """Compile one expression. ExpressionError for bad syntax, an unknown function, or too long a text."""
    if len(text) > MAX_LENGTH:
        raise ExpressionError(f"is longer than {MAX_LENGTH} characters")
    try:
        parsed = jmespath.compile(text).parsed
    except JMESPathError as error:
        raise ExpressionError(str(error).replace("\n", " ")) from None
    except RecursionError:
        raise ExpressionError("is nested too deeply") from None
    for name in _named(parsed, "function_expression"):
        if name not in Functions.FUNCTION_TABLE:
            raise ExpressionError(f"knows no function {name}()")
    return Expression(text, parsed, frozenset(_named(parsed, "field")))


def _named(node: Any, kind: str) -> list[str]:
    own = [node["value"]] if node["type"] == kind else []
    return own + [name for child in node["children"] if isinstance(child, dict) for name in _named(child, kind)]
