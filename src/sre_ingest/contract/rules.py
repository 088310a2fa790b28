"""What the fields of a message have to obey together, wherever it stands: one function for each kind of message.

Source: the rules beside the fields in the contract's prose.
"""

import math
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from google.protobuf.timestamp_pb2 import Timestamp

from ameide_core_proto.sre.core.v1.alert_pb2 import Alert
from ameide_core_proto.sre.core.v1.health_pb2 import FleetState
from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested
from ameide_core_proto.sre.core.v1.slo_pb2 import SLI_TYPE_LATENCY, SLISpec, SLIWindow
from ameide_core_proto.sre.core.v1.sre_pb2 import (
    ALERT_STATUS_FIRING,
    ALERT_STATUS_RESOLVED,
    ALERT_STATUS_SILENCED,
    ALERT_STATUS_UNSPECIFIED,
    SreMessageMeta,
)
from sre_ingest.contract import version
from sre_ingest.contract.bounds import instant
from sre_ingest.contract.violations import Breach, Rule
from sre_ingest.sdk.times import MAX, MIN, SECOND

_TAKEN_IN = (ALERT_STATUS_UNSPECIFIED, ALERT_STATUS_FIRING, ALERT_STATUS_RESOLVED, ALERT_STATUS_SILENCED)
_PARTS = ("healthy_count", "degraded_count", "progressing_count", "unknown_count", "missing_count")
_TRACEPARENT = re.compile(
    r"(?!ff)([0-9a-f]{2})-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}(-.*)?", re.ASCII
)


def meta(message: SreMessageMeta) -> Iterator[Breach]:
    """Version, tenant and trace, where they are given at all."""
    if message.schema_version and not version.is_written(message.schema_version):
        yield Rule.SCHEMA_VERSION, "schema_version"
    if ":" in message.tenant_id:
        yield Rule.TENANT_ID, "tenant_id"
    if message.traceparent and not _is_traceparent(message.traceparent):
        yield Rule.TRACEPARENT, "traceparent"


def alert(message: Alert | IngestAlertRequested) -> Iterator[Breach]:
    """The end belongs to the resolved."""
    if message.HasField("ends_at") != (message.status == ALERT_STATUS_RESOLVED):
        yield Rule.ALERT_END, "ends_at"


def ingest_alert(message: IngestAlertRequested) -> Iterator[Breach]:
    """As any alert, and nobody can have acknowledged it yet."""
    yield from alert(message)
    if message.status not in _TAKEN_IN:
        yield Rule.ALERT_STATUS, "status"


def window(message: SLIWindow) -> Iterator[Breach]:
    """Times in order, numbers that can be true. No traffic at all is legal, and so is a ratio without counts."""
    told = message.HasField("window_start") and message.HasField("window_end")
    if told and instant(message.window_end) <= instant(message.window_start):
        yield Rule.WINDOW_TIMES, "window_end"
    # Written so that a NaN fails.
    if not 0 <= message.total_count < math.inf:
        yield Rule.WINDOW_COUNTS, "total_count"
    if not 0 <= message.good_count <= message.total_count:
        yield Rule.WINDOW_COUNTS, "good_count"
    if not 0 <= message.sli_value <= 1 or (message.sli_value and message.total_count):
        yield Rule.WINDOW_RATIO, "sli_value"


def fleet(message: FleetState) -> Iterator[Breach]:
    """The states of the applications add up to no more than there are; being out of sync is counted beside them."""
    parts = [getattr(message, name) for name in _PARTS]
    for name, count in zip((*_PARTS, "out_of_sync_count"), (*parts, message.out_of_sync_count), strict=True):
        if count < 0:
            yield Rule.FLEET_COUNTS, name
    if sum(parts) > message.total_applications or message.out_of_sync_count > message.total_applications:
        yield Rule.FLEET_COUNTS, "total_applications"


def indicator(message: SLISpec) -> Iterator[Breach]:
    """Fast enough has to be said where speed is measured."""
    if message.type == SLI_TYPE_LATENCY and not message.HasField("latency_threshold"):
        yield Rule.REQUIRED, "latency_threshold"


def times(message: Any) -> Iterator[Breach]:
    """Every time of any message is one that can be written down."""
    for field, value in message.ListFields():
        if isinstance(value, Timestamp) and not _is_time(value):
            yield Rule.TIME, field.name


OF: Mapping[str, Callable[[Any], Iterator[Breach]]] = {
    SreMessageMeta.DESCRIPTOR.full_name: meta,
    IngestAlertRequested.DESCRIPTOR.full_name: ingest_alert,
    Alert.DESCRIPTOR.full_name: alert,
    SLIWindow.DESCRIPTOR.full_name: window,
    FleetState.DESCRIPTOR.full_name: fleet,
    SLISpec.DESCRIPTOR.full_name: indicator,
}
"""The rules of each message, by its full name."""


def _is_time(value: Timestamp) -> bool:
    return MIN <= instant(value) <= MAX and 0 <= value.nanos < SECOND


def _is_traceparent(value: str) -> bool:
    found = _TRACEPARENT.fullmatch(value)
    # A later version of the format may add fields at the end; version 00 must not have any.
    return found is not None and (found[1] != "00" or found[2] is None)
