"""What is wrong with the fields of a file, in plain sentences."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from pydantic import ValidationError

from adapters.generic.mapping.places import Place

_SENTENCES: Mapping[str, Callable[[Mapping[str, Any]], str]] = {
    "missing": lambda _: "is missing",
    "extra_forbidden": lambda _: "is no field of a mapping; docs/mappings.md lists those that are",
    "model_type": lambda _: "must be a section: fields with their values",
    "dict_type": lambda _: "must be a section: names with their values",
    "tuple_type": lambda _: "must be a list",
    "too_short": lambda _: "must not be empty",
    "string_type": lambda _: "must be text; put it between quotes",
    "string_too_short": lambda _: "must not be empty",
    "literal_error": lambda context: f"must be {context['expected']}",
    "value_error": lambda context: str(context["error"]),
}


def told(error: ValidationError) -> Iterator[tuple[Place, str]]:
    """Where something is wrong, and what. What is wrong above another mistake is so because of it, and is not told."""
    found = [(_place(one["loc"]), one) for one in error.errors()]
    for place, one in found:
        if not any(_within(other, place) for other, _ in found):
            sentence = _SENTENCES.get(one["type"])
            yield place, sentence(one.get("ctx", {})) if sentence else "cannot be used here"


def _place(location: Place) -> Place:
    # A name that is wrong itself is told as a part of what it names.
    return location[:-1] if location[-1:] == ("[key]",) else location


def _within(place: Place, other: Place) -> bool:
    return len(place) > len(other) and place[: len(other)] == other
