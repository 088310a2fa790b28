"""The bounds of numbers, and of lengths and orders of time, field by field.

Source: the comments of the fields. What several fields have to obey together is in `rules`.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from google.protobuf.descriptor import Descriptor
from google.protobuf.duration_pb2 import Duration
from google.protobuf.message import Message

from ameide_core_proto.sre.core.v1 import (
    alert_pb2,
    facts_pb2,
    health_pb2,
    intents_pb2,
    postmortem_pb2,
    runbook_pb2,
    slo_pb2,
    sre_pb2,
)
from ameide_core_proto.sre.process.v1 import process_facts_pb2
from sre_ingest.contract.violations import Breach, Rule
from sre_ingest.sdk.times import SECOND

Bound = Callable[[Any], bool]
"""True for a value that is within; every comparison is written so that a NaN is not. Durations are in nanoseconds."""

_OBJECTIVE_DAYS = (7, 28, 30)
_STEP_SECONDS = 300


def _ratio(value: float) -> bool:
    return 0 <= value <= 1


def _target(value: float) -> bool:
    return 0 < value < 100


def _positive(value: float) -> bool:
    return 0 < value < math.inf


def _not_negative(value: float) -> bool:
    return 0 <= value < math.inf


def _exhausted(value: float) -> bool:
    return 100 <= value < math.inf


def _objective(value: int) -> bool:
    return value in [days * 86_400 * SECOND for days in _OBJECTIVE_DAYS]


def _step(value: int) -> bool:
    return 0 < value <= _STEP_SECONDS * SECOND


_OF: Mapping[type[Message], Mapping[str, Bound]] = {
    sre_pb2.PatternMatch: {"score": _ratio},
    intents_pb2.CorrelateAlertsToIncidentRequested: {"confidence": _ratio},
    facts_pb2.AlertsCorrelatedToIncident: {"confidence": _ratio},
    alert_pb2.Alert: {"ingest_count": _positive},
    facts_pb2.IncidentResolved: {"time_to_resolve": _not_negative},
    facts_pb2.SLIWindowRecorded: {"burn_rate": _not_negative},
    facts_pb2.SLOBudgetExhausted: {"budget_consumed_percent": _exhausted, "target_percent": _target},
    slo_pb2.SLO: {"target_percent": _target, "window": _objective},
    slo_pb2.SLISpec: {"latency_threshold": _positive, "aggregation_window": _positive},
    runbook_pb2.RunbookStep: {"timeout": _step},
    health_pb2.HealthCheck: {"latency": _not_negative},
    postmortem_pb2.PostmortemImpact: {"duration": _not_negative},
    process_facts_pb2.IncidentTriageCompleted: {"duration": _not_negative},
}
_BOUNDS = {kind.DESCRIPTOR.full_name: bounds for kind, bounds in _OF.items()}
_RULES = {"timeout": Rule.STEP_TIMEOUT}
"""The rule that a bound has for itself; all others share one."""

_ORDERS = {
    runbook_pb2.RunbookExecution.DESCRIPTOR.full_name: ("started_at", "completed_at"),
    runbook_pb2.RunbookStepResult.DESCRIPTOR.full_name: ("started_at", "completed_at"),
    postmortem_pb2.PostmortemImpact.DESCRIPTOR.full_name: ("started_at", "ended_at"),
}


def broken(message: Message) -> Iterator[Breach]:
    """Every field of one message that is set and out of its bounds, and an end that lies before its start."""
    for field, value in message.ListFields():
        within = _bound(message.DESCRIPTOR.full_name, field.name)
        if within is not None and not within(_number(value)):
            yield _RULES.get(field.name, Rule.BOUNDS), field.name
    start, end = _ORDERS.get(message.DESCRIPTOR.full_name, ("", ""))
    if end and message.HasField(start) and message.HasField(end) and _at(message, end) < _at(message, start):
        yield Rule.ORDER, end


def admits_zero(message: Descriptor, field: str) -> bool:
    """True if 0 is a value like any other for a field, so that it cannot be told from absence."""
    bound = _bound(message.full_name, field)
    return bound is None or bound(0)


def instant(value: Any) -> int:
    """Nanoseconds of a Timestamp or a Duration."""
    return int(value.seconds * SECOND + value.nanos)


def _at(message: Message, field: str) -> int:
    return instant(getattr(message, field))


def _bound(message: str, field: str) -> Bound | None:
    return _BOUNDS.get(message, {}).get(field)


def _number(value: Any) -> float:
    return instant(value) if isinstance(value, Duration) else value
