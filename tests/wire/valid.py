"""A valid envelope of every variant, with every field of it set."""

from collections.abc import Callable
from typing import Any

from sre_ingest.contract import fields
from sre_ingest.contract.catalogue import VARIANTS, Envelope, Variant
from tests.wire.populate import populate

ALL = list(VARIANTS.values())
SUBJECT_ID = "subject-1"


def envelope(variant: Variant) -> Envelope:
    """Every field is set, and every rule of the contract is kept."""
    filled = variant.stream.envelope()
    populate(filled, variant.member)
    for _, message in fields.messages(filled):
        correct = _CORRECT.get(message.DESCRIPTOR.name)
        if correct is not None:
            correct(message)
        if "tenant_id" in message.DESCRIPTOR.fields_by_name:
            message.tenant_id = "acme"  # type: ignore[attr-defined]
    _name(filled, variant)
    return filled


def _name(filled: Any, variant: Variant) -> None:
    if not variant.aggregate:
        return
    filled.subject.aggregate_type, filled.subject.aggregate_id = variant.aggregate, SUBJECT_ID
    filled.subject.aggregate_version = 7
    for _, message in fields.messages(getattr(filled, variant.member)):
        for field in message.DESCRIPTOR.fields:
            if field.name == f"{variant.aggregate.lower()}_id":
                setattr(message, field.name, SUBJECT_ID)
            elif field.name == "alert_ids" and message.DESCRIPTOR.name.startswith(("CorrelateAlerts", "AlertsCorr")):
                message.alert_ids[0] = SUBJECT_ID  # type: ignore[attr-defined]


def _meta(meta: Any) -> None:
    meta.message_id = "2f0b4d0c-5f0e-5a53-9f5e-0c6f8f0f1f2a"
    meta.schema_version, meta.tenant_id, meta.producer = "v1.0.0", "acme", "sre-ingest"
    meta.traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def _window(window: Any) -> None:
    window.window_end.seconds = window.window_start.seconds + 300
    window.good_count, window.total_count, window.sli_value = 0.5, 1.5, 0


def _fleet(fleet: Any) -> None:
    for name in ("healthy", "degraded", "progressing", "unknown", "missing", "out_of_sync"):
        setattr(fleet, f"{name}_count", 1)
    fleet.total_applications = 5


def _alert(alert: Any) -> None:
    alert.status = 2


def _step(step: Any) -> None:
    step.timeout.FromSeconds(300)


def _objective(slo: Any) -> None:
    slo.target_percent = 99.9
    slo.window.FromSeconds(7 * 86_400)


def _indicator(spec: Any) -> None:
    spec.latency_threshold.FromMilliseconds(500)
    spec.aggregation_window.FromSeconds(300)


def _exhausted(fact: Any) -> None:
    fact.budget_consumed_percent, fact.target_percent = 100, 99.9


def _length(name: str) -> Callable[[Any], None]:
    return lambda message: getattr(message, name).FromSeconds(0)


_CORRECT = {
    "SreMessageMeta": _meta,
    "SLIWindow": _window,
    "FleetState": _fleet,
    "Alert": _alert,
    "IngestAlertRequested": _alert,
    "RunbookStep": _step,
    "SLO": _objective,
    "SLISpec": _indicator,
    "SLOBudgetExhausted": _exhausted,
    "HealthCheck": _length("latency"),
    "IncidentResolved": _length("time_to_resolve"),
    "IncidentTriageCompleted": _length("duration"),
    "PostmortemImpact": _length("duration"),
}
