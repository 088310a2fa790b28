"""What every reading of every room obeys, as assertions: its signals can be sealed into valid envelopes."""

import json

from adapters.alertmanager import adapter
from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested
from sre_ingest.addressing import address
from sre_ingest.contract.validation import validate_record
from sre_ingest.envelope import seal
from sre_ingest.identity import message_id
from sre_ingest.sdk import samples
from sre_ingest.sdk.signal import Reading, Signal

_DELIVERY = samples.delivery(adapter, b"")
"""Whatever one: a signal has been given all it needs of its own."""


def assert_valid(reading: Reading, items: int | None = None) -> None:
    """Every item is in exactly one list, and every signal obeys the contract. Without `items` any number will do."""
    told = [*(s.index for s in reading.signals), *(r.index for r in reading.rejects), *reading.ignored]
    assert sorted(told) == list(range(len(told) if items is None else items))
    for signal in reading.signals:
        assert_signal(signal)


def assert_signal(signal: Signal) -> None:
    """Sealed and addressed it is a valid record that survives the wire, and an alert agrees with its key."""
    intent = seal(signal, message_id(signal.key, None), _DELIVERY)
    record = address(intent, signal.key.text, _DELIVERY.received_at)
    assert validate_record(record.key, record.headers, intent) == ()
    assert type(intent).FromString(record.value) == intent
    message = signal.message
    if isinstance(message, IngestAlertRequested):
        assert message.dedup_key == signal.key.text
        assert json.loads(message.dedup_key)[4] == message.fingerprint
