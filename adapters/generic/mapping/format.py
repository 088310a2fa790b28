"""What a file of mappings may say. Each field's description is its documentation."""

import re
from collections.abc import Iterator
from datetime import date
from difflib import get_close_matches
from functools import cached_property
from typing import Annotated, Literal, Self, TypeVar

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from adapters.generic.mapping import times
from adapters.generic.mapping.expressions import Expression, compiled
from adapters.generic.mapping.paths import Branches, branches
from sre_ingest.sdk import severity

_WORDS = (
    "Meaning of each word, without regard to case; the empty one stands for a missing one. What is `ignored` is no "
    "signal. Any other word costs the record."
)
_TEXTS = "Objects, lists of objects with `key` or `name` and `value`, and texts or lists of texts such as `env:prod`."

Expr = Annotated[Expression, BeforeValidator(compiled)]
"""A JMESPath expression."""
Meaning = TypeVar("Meaning")


def _lowered(lookup: dict[str, Meaning]) -> dict[str, Meaning]:
    lowered = {word.lower(): meaning for word, meaning in lookup.items()}
    if len(lowered) < len(lookup):
        raise ValueError("has a word twice: capital and small letters are the same here")
    return lowered


def _severity(word: str) -> str:
    if severity.DEFAULT.find(word) is None:
        near = get_close_matches(word.lower(), severity.DEFAULT.words, n=1)
        hint = f"; perhaps {near[0]}" if near else ""
        raise ValueError(f"must be one of {', '.join(severity.DEFAULT.words)}{hint}")
    return word


def _day(text: object) -> date:
    try:
        return date.fromisoformat(str(text))
    except ValueError:
        raise ValueError("must be a date such as 2026-01-31") from None


def _media_type(text: str) -> str:
    if not re.fullmatch(r"[a-z0-9.+-]+/[a-z0-9.+-]+", text):
        raise ValueError("must be a media type in small letters, such as text/json")
    return text


Lookup = Annotated[dict[str, Meaning], AfterValidator(_lowered)]
"""Meanings by word, in small letters."""
Label = Annotated[str, Field(min_length=1)]
"""The name of a label or an annotation."""


class Section(BaseModel):
    """A part of the file: nothing unknown in it."""

    model_config = ConfigDict(frozen=True, extra="forbid", arbitrary_types_allowed=True)

    @cached_property
    def reads(self) -> Branches | None:
        """What the expressions of this part read of a record; None if one reads all of it."""
        return branches(path for _, one in self.expressions() for path in one.reads)

    def expressions(self) -> Iterator[tuple[str, Expression]]:
        """All expressions of this part, each with the name of its field, such as `labels.host` or `identity[0]`."""
        return _expressions(self, "")


def _expressions(value: object, name: str) -> Iterator[tuple[str, Expression]]:
    if isinstance(value, Expression):
        yield name, value
    elif isinstance(value, Section | dict):
        for inner, one in dict(value).items():
            yield from _expressions(one, f"{name}.{inner}".lstrip("."))
    elif isinstance(value, tuple):
        for index, one in enumerate(value):
            yield from _expressions(one, f"{name}[{index}]")


class About(Section):
    """Whose words these are, and where we know them from."""

    tool: str = Field(description="Name of the tool as its vendor writes it.")
    source: str = Field(description="The published schema or the captured bodies that the mapping follows.")
    seen: Annotated[date, BeforeValidator(_day)] = Field(description="When that was read.")


class AlertStatus(Section):
    """What the sender's words for the status of an alert mean."""

    value: Expr = Field(description="The word.")
    lookup: Lookup[Literal["firing", "resolved", "suppressed", "ignored"]] = Field(description=_WORDS)


class CheckStatus(Section):
    """What the sender's words for the result of a check mean."""

    value: Expr = Field(description="The word.")
    lookup: Lookup[Literal["healthy", "degraded", "unhealthy", "unknown", "ignored"]] = Field(description=_WORDS)


class SeverityWord(Section):
    """What the sender's words for severity mean."""

    value: Expr = Field(description="The word. It is kept in `source_severity`.")
    lookup: Lookup[Annotated[str, AfterValidator(_severity)]] = Field(
        {},
        description="Meaning of each word, without regard to case, which is one of the words built in: "
        f"{', '.join(f'`{word}`' for word in severity.DEFAULT.words)}. A word that is not here means itself.",
    )


class Time(Section):
    """A point in time."""

    value: Expr = Field(description="The time.")
    formats: tuple[Annotated[str, AfterValidator(times.checked_format)], ...] = Field(
        ("rfc3339",),
        min_length=1,
        description="Tried in turn: `rfc3339`, `go`, `epoch_s`, `epoch_ms`, `epoch_us`, `epoch_ns`, or a pattern of "
        "Python's `strptime`.",
    )
    zone: Annotated[str, AfterValidator(times.checked_zone)] = Field(
        "UTC", description="IANA name of the zone of a pattern that tells none."
    )


class Resource(Section):
    """The resource that the record is about."""

    type: Expr = Field(description="Kind of the resource, such as `'service'`.")
    id: Expr = Field(description="Its name; where name or kind is null there is no resource.")
    namespace: Expr | None = None
    cluster: Expr | None = None
    environment: Expr | None = None


class Alert(Section):
    """Each record is an alert."""

    title: Expr = Field(description="Name of the rule that fired.")
    status: AlertStatus
    identity: tuple[Expr, ...] = Field(
        (),
        description="What names the alert for as long as it lasts, never what changes meanwhile: one value is the "
        "fingerprint, several are hashed together. Without any, or if all are null, the labels are; "
        "a record whose title is missing as well is refused, for it could not be told from others.",
    )
    severity: SeverityWord | None = None
    starts_at: Time | None = Field(None, description="When it began.")
    ends_at: Time | None = Field(None, description="When it ended; not looked at while it fires.")
    labels: dict[Label, Expr] = Field(
        {}, description="What it is about. The title is always among them, as `alertname`."
    )
    labels_from: tuple[Expr, ...] = Field((), description=_TEXTS)
    annotations: dict[Label, Expr] = Field({}, description="What is said about it.")
    annotations_from: tuple[Expr, ...] = Field((), description=_TEXTS)
    rest: str | None = Field(
        None,
        description="Prefix of annotations that keep those fields of the record that no expression reads; names below "
        "one another are joined by dots, as in `x_rule.id`.",
    )
    generator_url: Expr | None = Field(None, description="Where the alert can be seen.")
    runbook_url: Expr | None = None
    dashboard_url: Expr | None = None
    group_key: Expr | None = Field(None, description="What the sender groups it by.")
    resource: Resource | None = Field(None, description="Beside those that the labels name.")


class HealthCheck(Section):
    """Each record is the result of a check."""

    title: Expr = Field(description="Name of the check.")
    status: CheckStatus
    resource: Resource
    checked_at: Time | None = Field(None, description="When it ran.")
    message: Expr | None = Field(None, description="What it found.")
    source: Literal["probe", "agent", "argocd", "kubernetes"] = Field(
        "probe", description="Who checks: one of these words as it stands, the same for all records."
    )
    labels: dict[Label, Expr] = {}
    labels_from: tuple[Expr, ...] = Field((), description=_TEXTS)


class SliWindow(Section):
    """Each record is a window of an objective: counts, or where those are not known a ratio or a percentage."""

    slo_id: Expr = Field(description="Id of the objective.")
    starts_at: Time
    ends_at: Time
    good: Expr | None = Field(None, description="Number of good events; together with `total`.")
    total: Expr | None = Field(None, description="Number of all events.")
    ratio: Expr | None = Field(None, description="From 0 to 1.")
    percent: Expr | None = Field(None, description="From 0 to 100.")

    @model_validator(mode="after")
    def _measured(self) -> Self:
        counted = self.good is not None and self.total is not None
        if counted + (self.ratio is not None) + (self.percent is not None) != 1:
            raise ValueError("needs either good and total, or ratio, or percent")
        return self


class Shape(Section):
    """One of the bodies that the tool sends, and what its records are."""

    name: str = Field(description="A word for people.")
    when: Expr = Field(description="Holds for a body of this shape and for no other.")
    ignore: Expr | None = Field(None, description="Holds for a body that is no signal at all.")
    each: Expr = Field(compiled("[@]"), description="The list of records; each is translated on its own.")
    ignore_each: Expr | None = Field(None, description="Holds for a record that is no signal.")
    alert: Alert | None = None
    health_check: HealthCheck | None = None
    sli_window: SliWindow | None = None

    @property
    def record(self) -> Alert | HealthCheck | SliWindow | None:
        """What its records are."""
        return self.alert or self.health_check or self.sli_window

    @model_validator(mode="after")
    def _one(self) -> Self:
        kinds = [kind for kind in (self.alert, self.health_check, self.sli_window) if kind is not None]
        if len(kinds) > 1 or (not kinds and self.ignore is None):
            raise ValueError("needs exactly one of alert, health_check and sli_window, or ignore")
        return self


class MappingFile(Section):
    """A whole file."""

    about: About
    content_types: tuple[Annotated[str, AfterValidator(_media_type)], ...] = Field(
        (), description="Media types that the tool names beside those of JSON."
    )
    form_field: str | None = Field(None, description="Field of a form that holds the body as JSON.")
    form_fields: bool = Field(False, description="Whether a form may come in place of JSON; its fields are texts then.")
    appends_id: bool = Field(
        False, description="Whether the tool appends to the address what it speaks of, such as the id of the alert."
    )
    shapes: tuple[Shape, ...] = Field(min_length=1, description="Tried in order.")

    @model_validator(mode="after")
    def _one_form(self) -> Self:
        if self.form_fields and self.form_field is not None:
            raise ValueError("has form_field or form_fields, not both")
        return self
