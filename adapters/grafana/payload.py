"""Grafana's words: the webhook of unified alerting, from Grafana 8 to 13.

Source of the shape: `receivers/webhook` and `templates` in grafana/alerting, before that `pkg/services/ngalert` in
grafana/grafana. It is Alertmanager's body and more; what is more is never needed, and counts as absent where it has the
wrong type.
"""

import math
import re
from dataclasses import dataclass
from typing import NamedTuple

from sre_ingest.sdk import fields, groups, json
from sre_ingest.sdk.groups import Group, word

# What a template writes that prints a time as Go does: "2026-05-27 15:36:00.112 +0000 UTC m=+8560.28".
_GO_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2}) (\d{2}:\d{2}:\d{2}(?:\.\d{1,9})?) ([+-]\d{2})(\d{2}) [A-Z0-9+-]{1,6}(?: m=[+-][\d.]+)?",
    re.ASCII,
)


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


def unified(body: bytes) -> Unified:
    """Read the envelope. NotJson if the body is no strict JSON, WrongShape if it is no object with a list `alerts`."""
    document = json.parse(body)
    group = groups.group(document)
    envelope = document if isinstance(document, dict) else {}
    return Unified(group, word(envelope.get("state")), _id(envelope.get("orgId")))


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
    match = _GO_TIME.fullmatch(value) if isinstance(value, str) else None
    return "{}T{}{}:{}".format(*match.groups()) if match else value


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
