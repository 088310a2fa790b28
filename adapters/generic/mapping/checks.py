"""A record as the result of a health check."""

from adapters.generic.mapping import words
from adapters.generic.mapping.format import HealthCheck
from adapters.generic.mapping.record import Record
from ameide_core_proto.sre.core.v1 import health_pb2
from ameide_core_proto.sre.core.v1.health_pb2 import HealthCheckSource
from ameide_core_proto.sre.core.v1.intents_pb2 import RecordHealthCheckRequested
from ameide_core_proto.sre.core.v1.sre_pb2 import HealthStatus
from sre_ingest.sdk import signal
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.signal import Signal


def read(index: int, record: Record, mapping: HealthCheck, delivery: Delivery) -> Signal | None:
    """The result; None if its status says that it is none. BadItem if a status or a time cannot be understood, or the
    resource has no kind or no name.
    """
    state = words.status(record, mapping.status)
    if state is None:
        return None
    resource = record.resource(mapping.resource, delivery.endpoint.scope)
    if resource is None:
        absent = "id" if record.text(mapping.resource.type) else "type"
        raise BadItem(ItemReason.MISSING_FIELD, f"resource.{absent}")
    check = health_pb2.HealthCheck(
        resource_ref=resource,
        status=HealthStatus.Value(f"HEALTH_STATUS_{state.upper()}"),
        source=HealthCheckSource.Value(f"HEALTH_CHECK_SOURCE_{mapping.source.upper()}"),
        check_name=record.text(mapping.title),
        message=record.text(mapping.message),
        labels=record.texts(mapping.labels, mapping.labels_from),
    )
    return signal.check(
        index,
        RecordHealthCheckRequested(health_check=check),
        delivery,
        state=state,
        checked_at=record.time(mapping.checked_at),
    )
