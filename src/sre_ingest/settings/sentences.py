"""What is wrong with settings, in plain sentences: the setting, where it was written, and what to write instead."""

import os
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any, TypeAlias

import yaml
from pydantic import ValidationError

Place: TypeAlias = tuple[int | str, ...]
Bounds: TypeAlias = Mapping[str, Any]
"""What pydantic tells beside the type of an error: the bound that was broken, or the words that are allowed."""

_MAPPING = "must hold names and values, as in `name: value`; write them below it, or remove it"
_SIZE = "write a size with its unit, such as 16MiB"
_NUMBER = "write a whole number"

_REMEDIES: Mapping[str, str | Callable[[Bounds], str]] = {
    "bool_parsing": "write true or false",
    "bool_type": "write true or false",
    "byte_size": _SIZE,
    "byte_size_unit": _SIZE,
    "dict_type": _MAPPING,
    "extra_forbidden": "is no setting; correct its name or remove it",
    "greater_than": lambda bounds: f"write more than {_bound(bounds['gt'])}",
    "greater_than_equal": lambda bounds: f"write {bounds['ge']} or more",
    "int_from_float": _NUMBER,
    "int_parsing": _NUMBER,
    "int_parsing_size": _NUMBER,
    "int_type": _NUMBER,
    "less_than_equal": lambda bounds: f"write {bounds['le']} or less",
    "literal_error": lambda bounds: f"write {bounds['expected'].replace(chr(39), '')}",
    "missing": "is missing; add it",
    "model_type": _MAPPING,
    "path_type": "write a path, in quotes",
    "string_too_short": "is empty; write something there",
    "string_type": "write text; a number or a date is text in quotes",
    "time_delta_parsing": "write a duration, such as 10m",
    "time_delta_type": "write a duration, such as 10m",
    "too_short": "is empty; write something there",
    "tuple_type": "must be a list; begin each entry with a dash, or write it as JSON in the environment",
}
"""What to do about an error, by the type that pydantic gives it. A sentence of our own has no entry."""


def of_validation(error: ValidationError, origin: Callable[[Place], str]) -> str:
    """Every mistake that pydantic found, separated by semicolons; `origin` tells where the setting at a place is
    written.
    """
    return "; ".join(_sentence(part, origin(part["loc"])) for part in error.errors(include_input=False))


def of_yaml(file: Path, error: yaml.YAMLError) -> str:
    """Where a file is no YAML. The parser's own words are about its insides."""
    mark = getattr(error, "problem_mark", None)
    if mark is None:
        return f"{file} is not YAML: it holds a character that YAML does not allow; remove it"
    place = f"{file} is not YAML: line {mark.line + 1}, column {mark.column + 1}"
    problem = str(getattr(error, "problem", ""))
    if "'\\t'" in problem:
        return f"{place}: a tab; indent with spaces"
    if "undefined alias" in problem:
        return f"{place}: a word that begins with *; put it in quotes"
    return f"{place}; look there and just above for a wrong indentation, or for a bracket or quote that is not closed"


def written(place: Place, prefix: str, file: Path | None) -> str:
    """Where a setting is written: the variable of the environment that sets it or a part above it, else the file."""
    for end in range(len(place), 0, -1):
        variable = prefix + "__".join(map(str, place[:end])).upper()
        if variable in os.environ:
            return variable
    return "" if file is None else str(file)


def path(place: Iterable[int | str]) -> str:
    """A setting's name as the docs write it, such as `endpoints[0].path`."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place).removeprefix(".")


def _sentence(part: Any, origin: str) -> str:
    remedy = _REMEDIES.get(part["type"], str(part["msg"]).removeprefix("Value error, "))
    told = remedy if isinstance(remedy, str) else remedy(part.get("ctx", {}))
    where = path(part["loc"])
    joined = f"{where} {told}" if told.startswith(("is ", "must ")) else f"{where}: {told}"
    return (joined if where else told) + (f" (in {origin})" if origin else "")


def _bound(value: object) -> str:
    # A length of time comes as the text of a Python expression, and only 0 bounds one.
    return "0s" if "timedelta" in str(value) else str(value)
