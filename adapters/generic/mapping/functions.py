"""What expressions may call, and how much work one body may cause.

The library evaluates; here its steps are counted, decimals are numbers for it, and it learns a few functions of ours.
Those take any value, and give null for one that they can do nothing with, so that an absent field stays absent.
"""

import math
from collections.abc import Iterable
from typing import Any

from jmespath import functions
from jmespath.visitor import Options, TreeInterpreter

from sre_ingest.sdk import json
from sre_ingest.sdk.errors import BadItem, ItemReason, NotJson
from sre_ingest.sdk.json import LosslessFloat, Value

MAX_UNITS = 40_000_000
"""Units of work of the largest body, about ten seconds. A step of an expression takes one, and so do four characters;
the presets take less than one for each byte of a body.
"""
FREE_UNITS = 100_000
"""Units of the smallest."""
UNITS_A_BYTE = 8
PART_UNITS = 8
"""Units of a part of a value that is made into text, compared or searched."""

_CALCULATING = frozenset({"abs", "avg", "ceil", "contains", "floor", "max", "min", "sort", "sum"})
_DEEP = frozenset({"contains", "join", "max", "min", "sort"})
"""Functions that go through more than the members of what they are given."""
_BRIEF_CALLS = frozenset({"ends_with", "length", "not_null", "starts_with", "to_array", "type"})
"""Functions that take no longer the longer what they are given is."""
_STANDARD = functions.Functions()
_BRIEF = 64
"""Characters of a text that takes no longer than the step that found it."""
_ORDERED = frozenset({str, int, float})
_BY = frozenset({"max_by", "min_by", "sort_by"})


class Functions(functions.Functions):
    """The standard functions, and ours, for one body: `body()` depends on it, and so does what they may cost."""

    def __init__(self, document: Value, size: int) -> None:
        """`size` is that of the body in bytes."""
        self.document = document
        # One interpreter for all of a body: to make one anew takes longer than most expressions do.
        self._interpreter = _Interpreter(self, min(FREE_UNITS + UNITS_A_BYTE * size, MAX_UNITS))
        self.evaluate = self._interpreter.visit
        """The value of a compiled expression for a record. BadItem as for `spend`; the library's and Python's errors if
        a function is given what it cannot take.
        """
        self._parsed: dict[str, Value] = {}

    def spend(self, units: int) -> None:
        """Count work. BadItem with TOO_LARGE if it is more than the body may cause."""
        self._interpreter.left -= units
        if self._interpreter.left < 0:
            raise _exhausted()

    def weigh(self, value: Value) -> None:
        """Count the work of going through a whole value. What stands in it twice counts twice, as in its text."""
        left, parts = self._interpreter.left, [value]
        while parts:
            one = parts.pop()
            left -= PART_UNITS
            if isinstance(one, str):
                left -= len(one) >> 2
            elif isinstance(one, dict):
                parts += one
                parts += one.values()
            elif isinstance(one, list):
                parts += one
            elif isinstance(one, int):
                left -= one.bit_length() >> 5
            if left < 0:
                break
        self._interpreter.left = left
        self.spend(0)

    def text(self, value: Value) -> str:
        """A value as text; its work is counted. TOO_LARGE, too, for what is nested too deeply, or has more digits, than
        anything that a body may hold.
        """
        if type(value) is str:
            if len(value) > _BRIEF:
                self.spend(len(value) >> 2)
            return value
        self.weigh(value)
        try:
            return str(value) if type(value) is int else json.text(value)
        except (RecursionError, ValueError):
            raise _exhausted() from None

    def call_function(self, function_name: str, resolved_args: Iterable[Any]) -> Any:
        """The value of a function. A number beyond all doubles is none."""
        arguments = list(resolved_args)
        for one in arguments:
            if function_name in _DEEP:
                self.weigh(one)
            elif isinstance(one, str | list | dict) and function_name not in _BRIEF_CALLS:
                self.spend(len(one) if type(one) is not str else len(one) >> 4)
        if function_name in _CALCULATING:
            arguments = [_plain_members(one) for one in arguments]
        elif function_name in _BY:
            arguments[1].expression = {"type": "plain", "children": [arguments[1].expression]}
        found = super().call_function(function_name, arguments)
        return None if isinstance(found, float) and not math.isfinite(found) else found

    @functions.signature()
    def _func_body(self) -> Value:
        """The whole body."""
        return self.document

    @functions.signature({"types": []})
    def _func_text(self, value: Value) -> str | None:
        """The value as text, with the digits that the sender wrote."""
        return None if value is None else self.text(value)

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
        if not isinstance(value, str):
            return None
        if value not in self._parsed:  # the same text is asked for its shape, for its records and for fields
            self._parsed[value] = _parse(value)
        return self._parsed[value]

    @functions.signature({"types": []}, {"types": ["string"]})
    def _func_split(self, value: Value, separator: str) -> list[str] | None:
        """The parts of a text between separators, without white space around them."""
        return [part.strip() for part in value.split(separator)] if isinstance(value, str) and separator else None

    # Three standard functions do not ask what type a value has, and know no decimals that keep their digits.

    @functions.signature({"types": []})
    def _func_to_string(self, value: Value) -> str:
        return self.text(value)

    @functions.signature({"types": []})
    def _func_to_number(self, value: Value) -> Any:
        return value if isinstance(value, LosslessFloat) else _STANDARD.call_function("to_number", [value])

    @functions.signature({"types": []})
    def _func_type(self, value: Value) -> Any:
        return _STANDARD.call_function("type", [plain(value)])


class _Interpreter(TreeInterpreter):
    """The library's, with each step counted."""

    def __init__(self, scope: Functions, units: int) -> None:
        super().__init__(Options(custom_functions=scope))
        self.left = units
        self._scope = scope

    def visit(self, node: Any, value: Any) -> Any:
        self.left -= 1
        if self.left < 0:
            raise _exhausted()
        return _VISITS[node["type"]](self, node, value)

    def visit_comparator(self, node: Any, value: Any) -> Any:
        left, right = (plain(self.visit(child, value)) for child in node["children"])
        for one in (left, right):
            if isinstance(one, list | dict) or (type(one) is str and len(one) > _BRIEF):
                self._scope.weigh(one)
        if node["value"] not in ("eq", "ne") and not (type(left) in _ORDERED and type(right) in _ORDERED):
            return None
        try:
            return self.COMPARATOR_FUNC[node["value"]](left, right)
        except TypeError:
            return None  # as JMESPath says of a text and a number

    def visit_plain(self, node: Any, value: Any) -> Any:
        return plain(self.visit(node["children"][0], value))


_VISITS = {
    name.removeprefix("visit_"): getattr(_Interpreter, name) for name in dir(_Interpreter) if name.startswith("visit_")
}


def number(value: Value) -> float | None:
    """A number, or a text that is one, as a double; None for all else, and for what is larger than any double."""
    if value is None or isinstance(value, bool | list | dict):
        return None
    try:
        found = float(str(value))
    except ValueError:
        return None
    return found if math.isfinite(found) else None


def plain(value: Value) -> Any:
    """A value to calculate and compare with: a decimal as the nearest double, all else as it is."""
    return float(value) if isinstance(value, LosslessFloat) else value


def _plain_members(value: Any) -> Any:
    return [plain(one) for one in value] if isinstance(value, list) else plain(value)


def _parse(text: str) -> Value:
    try:
        return json.parse(text.encode())
    except (NotJson, UnicodeEncodeError):
        return None


def _exhausted() -> BadItem:
    return BadItem(ItemReason.TOO_LARGE, "the whole body")
