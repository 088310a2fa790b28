"""A record as a window of a service level objective."""

from adapters.generic.mapping.format import SliWindow
from adapters.generic.mapping.record import Record
from ameide_core_proto.sre.core.v1.intents_pb2 import RecordSLIWindowRequested
from ameide_core_proto.sre.core.v1.slo_pb2 import SLIWindow
from sre_ingest.sdk import signal
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.signal import SMALLEST_RATIO, Repair, Signal

_FIELDS = {"total_count": "total", "good_count": "good", "window_end": "ends_at"}
"""Fields of a mapping, by those of the contract that they fill."""


def read(index: int, record: Record, mapping: SliWindow, delivery: Delivery) -> Signal:
    """The window. BadItem if it names no objective, or its times or numbers cannot be understood or true."""
    slo_id = record.text(mapping.slo_id)
    if not slo_id:
        raise BadItem(ItemReason.MISSING_FIELD, "slo_id")
    start, end = record.time(mapping.starts_at), record.time(mapping.ends_at)
    if start is None or end is None:
        raise BadItem(ItemReason.MISSING_FIELD, "starts_at" if start is None else "ends_at")
    window = _measured(record, mapping, delivery.endpoint.source)
    lost = mapping.total is None and not window.sli_value
    if lost:
        window.sli_value = SMALLEST_RATIO
    message = RecordSLIWindowRequested(slo_id=slo_id, window=window)
    repairs = (Repair.RATIO_ZERO,) if lost else ()
    try:
        return signal.window(index, message, delivery, start=start, end=end, repairs=repairs)
    except BadItem as bad:
        raise BadItem(bad.reason, _FIELDS.get(bad.path, "percent" if mapping.ratio is None else "ratio")) from None


def _measured(record: Record, mapping: SliWindow, source: str) -> SLIWindow:
    if mapping.good is not None and mapping.total is not None:
        return SLIWindow(
            good_count=record.number(mapping.good), total_count=record.number(mapping.total), source=source
        )
    if mapping.ratio is not None:
        return SLIWindow(sli_value=record.number(mapping.ratio), source=source)
    assert mapping.percent is not None  # noqa: S101 - one of the three is there, or the file was refused
    return SLIWindow(sli_value=record.number(mapping.percent) / 100, source=source)
