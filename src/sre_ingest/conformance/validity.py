"""What every reading obeys: its signals can be sealed into valid envelopes."""

import json
from collections.abc import Iterator

from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested
from sre_ingest.addressing import address
from sre_ingest.contract.validation import validate_record
from sre_ingest.envelope import seal
from sre_ingest.identity import message_id
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.signal import Reading, Signal

_DELIVERY = samples.delivery(Adapter("any", lambda _: Reading(())), b"")
"""Whatever one: a signal has been given all it needs of its own."""


def faults(reading: Reading, items: int | None = None) -> tuple[str, ...]:
    """What is wrong with a reading of so many items; without `items` any number will do."""
    told = [*(s.index for s in reading.signals), *(r.index for r in reading.rejects), *reading.ignored]
    expected = list(range(len(told) if items is None else items))
    if sorted(told) != expected:
        return (f"tells of the items {sorted(told)}; tell of each of {expected} once, by its index in the body",)
    return tuple(f"signal {signal.index}: {fault}" for signal in reading.signals for fault in _of(signal))


def _of(signal: Signal) -> Iterator[str]:
    """Sealed and addressed it is a valid record that survives the wire, and an alert agrees with its key."""
    intent = seal(signal, message_id(signal.key, None), _DELIVERY)
    record = address(intent, signal.key.text, _DELIVERY.received_at)
    for violation in validate_record(record.key, record.headers, intent):
        yield f"breaks the contract: {violation} [{violation.rule}]"
    if type(intent).FromString(record.value) != intent:
        yield "its record does not survive the wire"
    message = signal.message
    if isinstance(message, IngestAlertRequested) and (
        message.dedup_key != signal.key.text or json.loads(message.dedup_key)[4] != message.fingerprint
    ):
        yield "its dedup_key is not its natural key; complete the message with signal.alert"
