"""One record of a body, and what a mapping's expressions find in it."""

from collections.abc import Mapping
from dataclasses import dataclass

from adapters.generic.mapping import times
from adapters.generic.mapping.expressions import Expression
from adapters.generic.mapping.format import Resource, Time
from adapters.generic.mapping.functions import PART_UNITS, Functions, number
from adapters.generic.mapping.paths import Branches
from ameide_core_proto.sre.core.v1.sre_pb2 import ResourceRef
from sre_ingest.sdk.delivery import Scope
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.fields import MAX_TEXTS
from sre_ingest.sdk.json import Value
from sre_ingest.sdk.times import Instant

_NAMES = ("key", "name")


@dataclass(frozen=True, slots=True)
class Record:
    """The record and the functions that its expressions may call."""

    value: Value
    scope: Functions

    def find(self, expression: Expression | None) -> Value:
        """What the expression finds; null if there is none."""
        return None if expression is None else expression.find(self.value, self.scope)

    def text(self, expression: Expression | None) -> str:
        """The same as text; empty for null."""
        value = self.find(expression)
        return "" if value is None else self.scope.text(value)

    def number(self, expression: Expression) -> float:
        """A number, or a text that is one. BAD_FIELD for all else."""
        found = number(self.find(expression))
        if found is None:
            raise BadItem(ItemReason.BAD_FIELD, expression.text)
        return found

    def time(self, time: Time | None) -> Instant | None:
        """The time; None if the sender gave none. BAD_TIME if it is unreadable."""
        return None if time is None else times.read(self.find(time.value), time.formats, time.zone, time.value.text)

    def texts(self, named: Mapping[str, Expression], gathered: tuple[Expression, ...]) -> dict[str, str]:
        """The texts that a mapping names, and before them those that it gathers; null is no value. TOO_LARGE if there
        are more than MAX_TEXTS.
        """
        found: dict[str, str] = {}
        for expression in gathered:
            _gather(self.find(expression), found, expression.text, self.scope)
        for name, expression in named.items():
            if (value := self.find(expression)) is not None:
                found[name] = self.scope.text(value)
        return _bounded(found)

    def rest(self, prefix: str, read: Branches | None) -> dict[str, str]:
        """The fields of the record that no expression reads, each under the prefix; names below one another are joined
        by dots. TOO_LARGE as for texts.
        """
        return _bounded(_keep(self.value, read, prefix, self.scope, {}))

    def resource(self, resource: Resource, scope: Scope) -> ResourceRef | None:
        """The resource, completed by the endpoint's scope; None if its kind or its name is missing."""
        kind, name = self.text(resource.type), self.text(resource.id)
        if not kind or not name:
            return None
        return ResourceRef(
            type=kind,
            id=name,
            namespace=self.text(resource.namespace),
            cluster=self.text(resource.cluster) or scope.cluster,
            environment=self.text(resource.environment) or scope.environment,
        )


def _bounded(found: dict[str, str]) -> dict[str, str]:
    if len(found) > MAX_TEXTS:
        raise BadItem(ItemReason.TOO_LARGE, "labels or annotations")
    return found


def _keep(value: Value, read: Branches | None, prefix: str, scope: Functions, kept: dict[str, str]) -> dict[str, str]:
    if read is None or not isinstance(value, dict):
        return kept
    scope.spend(len(value))
    for name, one in value.items():
        below = read.get(name)
        if below and isinstance(one, dict):
            _keep(one, below, f"{prefix}{name}.", scope, kept)
        elif one is not None and (below is None or below):
            kept[prefix + name] = scope.text(one)
    return kept


def _gather(value: Value, found: dict[str, str], path: str, scope: Functions) -> None:
    if isinstance(value, str | list | dict):
        scope.spend(PART_UNITS * len(value))
    match value:
        case None | "":
            return
        case dict():
            found.update({name: scope.text(one) for name, one in value.items() if one is not None})
        case str():
            for part in value.split(","):
                _tag(part.strip(), found)
        case list():
            for one in value:
                _element(one, found, path, scope)
        case _:
            raise BadItem(ItemReason.BAD_FIELD, path)


def _element(value: Value, found: dict[str, str], path: str, scope: Functions) -> None:
    if isinstance(value, str):
        _tag(value, found)
        return
    name = next((value[key] for key in _NAMES if key in value), None) if isinstance(value, dict) else None
    if not isinstance(value, dict) or not isinstance(name, str):
        raise BadItem(ItemReason.BAD_FIELD, path)
    if (one := value.get("value")) is not None:
        # OpenTelemetry wraps a value in an object that names its type.
        found[name] = scope.text(next(iter(one.values()), None) if isinstance(one, dict) and len(one) == 1 else one)


def _tag(text: str, found: dict[str, str]) -> None:
    name, separator, value = text.partition(":" if ":" in text else "=")
    if name:
        found[name] = value if separator else "true"
