"""What an expression reads of a record, so that a mapping can keep the rest."""

from collections.abc import Iterable, Mapping
from typing import Any

Path = tuple[str, ...]
"""Names from a record down to a value; none of them stands for the whole record."""

_LINKS = frozenset({"subexpression", "pipe", "index_expression"})
_PROJECTIONS = frozenset({"projection", "value_projection", "filter_projection"})


class Branches(dict[str, "Branches"]):
    """What is read below each name; no names below one: all of it."""


def reads(tree: Mapping[str, Any]) -> frozenset[Path]:
    """The paths of all values that an expression reads. What it picks out of a list counts as the whole list."""
    found: set[Path | None] = set()
    found.add(_follow(tree, (), found))
    return frozenset(path for path in found if path is not None)


def branches(paths: Iterable[Path]) -> Branches | None:
    """The paths as one tree; None if one of them is the whole record."""
    root = Branches()
    for path in sorted(paths, key=len, reverse=True):
        if not path:
            return None
        *above, last = path
        branch = root
        for name in above:
            branch = branch.setdefault(name, Branches())
        branch[last] = Branches()  # the longer ones came before: who reads all of it reads them, too
    return root


def _follow(tree: Mapping[str, Any], at: Path | None, found: set[Path | None]) -> Path | None:
    """Where an expression leads from `at`, None if away from the record; adds what it reads on the way."""
    kind, children = tree["type"], [child for child in tree["children"] if isinstance(child, dict)]
    if kind == "field":
        return None if at is None else (*at, tree["value"])
    if kind in ("current", "identity"):
        return at
    if kind in _LINKS:
        for child in children:
            at = _follow(child, at, found)
        return at
    if kind in ("index", "slice"):
        found.add(at)
        return None
    for place, child in enumerate(children):
        # An element of a list, and what a reference is called with, is no longer at a place of its own.
        away = kind == "expref" or (kind in _PROJECTIONS and place > 0)
        found.add(_follow(child, None if away else at, found))
    return None
