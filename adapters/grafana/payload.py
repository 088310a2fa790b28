"""Grafana's words: the webhook of unified alerting, from Grafana 8 to 13, and that of dashboard alerts, up to 8.

Source of the shapes: `receivers/webhook` and `templates` in grafana/alerting, before that `pkg/services/ngalert` in
grafana/grafana, for dashboard alerts `pkg/services/alerting/notifiers` there. The first is Alertmanager's body and
more. What is more, and all of the second but what names the rule and its state, is never needed, and counts as absent
where it has the wrong type.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from sre_ingest.sdk import fields, groups, json, times
from sre_ingest.sdk.errors import WrongShape
from sre_ingest.sdk.groups import Group, word


@dataclass(frozen=True, slots=True)
class Unified:
    """A body of unified alerting. Text that the sender left out is empty."""

    group: Group
    state: str
    """Alerting or ok, of the group as a whole; it can contradict the status."""
    org_id: str


class Extras(NamedTuple):
    """What Grafana says of an alert beyond Alertmanager's fields. Text that the sender left out is empty."""

    values: dict[str, float]
    value_string: str
    silence_url: str
    dashboard_url: str
    panel_url: str
    image_url: str
    rule_uid: str
    org_id: str


class Match(NamedTuple):
    """One series that met the condition of a dashboard alert."""

    metric: str
    value: float | None
    tags: dict[str, str]


@dataclass(frozen=True, slots=True)
class Legacy:
    """A body of dashboard alerting: the state of one rule. Text that the sender left out is empty."""

    state: str
    rule_id: str
    """Unique in one Grafana; 0 where somebody tests a notification channel."""
    rule_name: str
    org_id: str
    dashboard_id: str
    panel_id: str
    title: str
    message: str
    rule_url: str
    image_url: str
    tags: dict[str, str]
    matches: list[Match]
    """None of them when data are missing, and none most times when the rule is well again."""


def body(raw: bytes) -> Unified | Legacy:
    """Read a body of either kind: a list of alerts makes it unified, a rule and no such list legacy.

    NotJson if it is no strict JSON, WrongShape if it is neither.
    """
    document = json.parse(raw)
    if not isinstance(document, dict):
        raise WrongShape("The body is not a JSON object.")
    if isinstance(document.get("alerts"), list) or not document.keys() & {"ruleId", "ruleName"}:
        return Unified(groups.group(document), word(document.get("state")), _id(document.get("orgId")))
    return _legacy(document)


def _legacy(document: dict[str, json.Value]) -> Legacy:
    matches = document.get("evalMatches")
    return Legacy(
        state=word(document.get("state")),
        rule_id=_id(document.get("ruleId")),
        rule_name=word(document.get("ruleName")),
        org_id=_id(document.get("orgId")),
        dashboard_id=_id(document.get("dashboardId")),
        panel_id=_id(document.get("panelId")),
        title=word(document.get("title")),
        message=word(document.get("message")),
        rule_url=word(document.get("ruleUrl")),
        image_url=word(document.get("imageUrl")),
        tags=_tags(document.get("tags")),
        matches=[_match(one) for one in matches[: fields.MAX_TEXTS] if isinstance(one, dict)]
        if isinstance(matches, list)
        else [],
    )


def _match(one: dict[str, json.Value]) -> Match:
    return Match(word(one.get("metric")), _number(one.get("value")), _tags(one.get("tags")))


def _tags(value: json.Value) -> dict[str, str]:
    return fields.texts(value, "") if isinstance(value, dict) and len(value) <= fields.MAX_TEXTS else {}


def alert(item: json.Value) -> tuple[groups.Alert, Extras]:
    """Read one alert. BadItem with the path below the alert, empty for the alert itself."""
    common = groups.alert(item)
    more = item if isinstance(item, dict) else {}
    extras = Extras(
        values=_numbers(more.get("values")),
        value_string=word(more.get("valueString")),
        silence_url=word(more.get("silenceURL")),
        dashboard_url=word(more.get("dashboardURL")),
        panel_url=word(more.get("panelURL")),
        image_url=word(more.get("imageURL")),
        rule_uid=_id(more.get("ruleUID")),
        org_id=_id(more.get("orgId")),
    )
    return common._replace(starts_at=_time(common.starts_at), ends_at=_time(common.ends_at)), extras


def _time(value: json.Value) -> json.Value:
    return (times.from_go(value) or value) if isinstance(value, str) else value


def _numbers(value: json.Value) -> dict[str, float]:
    if not isinstance(value, dict) or len(value) > fields.MAX_TEXTS:
        return {}
    found = {name: _number(one) for name, one in value.items()}
    return {name: number for name, number in found.items() if number is not None}


def _number(value: json.Value) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | json.LosslessFloat):
        return None
    try:
        number = float(value)
    except OverflowError:
        return None
    return number if math.isfinite(number) else None


def _id(value: json.Value) -> str:
    # 22.0 where the body went through a protobuf Struct on its way to us.
    whole = isinstance(value, json.LosslessFloat) and float(value).is_integer()
    return str(groups.count(value)) if whole else word(value)
