"""Options that say which alerts are no alerts: measurements of an objective, and probes of a resource.

Nothing is recognised unless an endpoint's options say so, because whoever sends an alert expects an alert.
"""

from collections.abc import Mapping
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

from sre_ingest.sdk.delivery import Endpoint
from sre_ingest.sdk.durations import Duration

Name = Annotated[str, Field(min_length=1)]


class Rule(BaseModel):
    """What all rules share: they are read once, at the start, and a word that is none of theirs ends it."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Objective(Rule):
    """Alerts that carry the counts of one window of a service level objective."""

    label: Name = Field(description="Label whose value is the id of the objective.")
    match: dict[str, str] = Field({}, description="Further labels that such an alert carries.")
    good: Name = Field(description="Name of the value, or else of the annotation, that counts the good events.")
    total: Name = Field(description="Name of the value, or else of the annotation, that counts all events.")
    window: Duration = Field(description="Length of the window, such as 5m.")
    end: Name | None = Field(
        None,
        description="Name of the value, or else of the annotation, that holds the end of the window in Unix seconds; "
        "none: the time of the alert.",
    )


class Probe(Rule):
    """Alerts that say that a probe of a resource fails."""

    match: dict[str, str] = Field(min_length=1, description="Labels that such an alert carries.")
    resource_type: Name = Field("endpoint", description="Type of the resource that is probed.")
    resource_label: Name = Field("instance", description="Label whose value is the id of the resource.")
    check_label: Name = Field("alertname", description="Label whose value is the name of the check.")


class Rules(Rule):
    """The options of a room whose alerts can be more than alerts. Of several rules that fit the first one counts."""

    slo: tuple[Objective, ...] = Field((), description="Alerts that are SLI windows.")
    probes: tuple[Probe, ...] = Field((), description="Alerts that are health checks.")


_NONE = Rules()


def of(endpoint: Endpoint) -> Rules:
    """The rules of an endpoint; without options it has none."""
    return endpoint.options if isinstance(endpoint.options, Rules) else _NONE


def fits(match: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Whether the labels hold all that is to be matched."""
    return match.items() <= labels.items()
