"""What a body of the generic schema can be: one record, an array of them, or lists of them by kind.

`generic.v1.schema.json` beside this file says the same to senders, and so it does for `records.py`.
"""

from enum import StrEnum
from typing import NamedTuple, TypeAlias

from sre_ingest.sdk import json
from sre_ingest.sdk.errors import BadItem, ItemReason, WrongShape
from sre_ingest.sdk.fields import string

Object: TypeAlias = "dict[str, json.Value]"


class Kind(StrEnum):
    """What a record can be; the words of its field `kind`."""

    ALERT = "alert"
    HEALTH_CHECK = "health_check"
    SLI_WINDOW = "sli_window"


LISTS = {"alerts": Kind.ALERT, "health_checks": Kind.HEALTH_CHECK, "sli_windows": Kind.SLI_WINDOW}
MARKS = {"name": Kind.ALERT, "resource": Kind.HEALTH_CHECK, "slo_id": Kind.SLI_WINDOW}
"""The field that every record of one kind needs and none of another kind knows."""


class Item(NamedTuple):
    """One record, not read yet, so that a bad one costs only itself."""

    place: str
    """Its path in the body, empty for the body itself."""
    kind: Kind | None
    """The kind of the list in which it stands; None if it stands in none."""
    value: json.Value


def items(body: bytes) -> list[Item]:
    """The records of a body: one object, an array of them, or lists by kind; those of the lists in the order of LISTS.

    NotJson if it is no strict JSON; WrongShape if it is neither object nor array, or an object with such lists that is
    also a record, or whose lists are none.
    """
    document = json.parse(body)
    if isinstance(document, list):
        return [Item(f"[{index}]", None, value) for index, value in enumerate(document)]
    if not isinstance(document, dict):
        raise WrongShape("The body is neither a JSON object nor an array of them.")
    if LISTS.keys().isdisjoint(document):
        return [Item("", None, document)]
    if not {"kind", *MARKS}.isdisjoint(document):
        raise WrongShape(f"The body is a record and has lists of records ({', '.join(LISTS)}): send either.")
    return [item for name in LISTS for item in _listed(name, document.get(name))]


def _listed(name: str, values: json.Value) -> list[Item]:
    if values is None:
        return []
    if not isinstance(values, list):
        raise WrongShape(f"The field {name} is not a list.")
    return [Item(f"{name}[{index}]", LISTS[name], value) for index, value in enumerate(values)]


def record(item: Item) -> tuple[Kind, Object]:
    """The kind of a record, and its fields. BadItem with the path below the record, empty for the record itself."""
    if not isinstance(item.value, dict):
        raise BadItem(ItemReason.NOT_AN_OBJECT, "")
    said = _said(item.value)
    if item.kind is None:
        return said or _marked(item.value), item.value
    if said not in (None, item.kind):
        raise BadItem(ItemReason.AMBIGUOUS_KIND, "kind")
    return item.kind, item.value


def _said(value: Object) -> Kind | None:
    word = string(value.get("kind"), "kind")
    if word and word not in list(Kind):
        raise BadItem(ItemReason.UNKNOWN_KIND, "kind")
    return Kind(word) if word else None


def _marked(value: Object) -> Kind:
    kinds = [kind for mark, kind in MARKS.items() if value.get(mark) is not None]
    if len(kinds) != 1:
        raise BadItem(ItemReason.AMBIGUOUS_KIND if kinds else ItemReason.UNKNOWN_KIND, "kind")
    return kinds[0]
