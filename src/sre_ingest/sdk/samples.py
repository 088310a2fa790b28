"""What a room shows of its senders: sample bodies, and what it must make of them, side by side in one folder.

Beside a sample `x.json` (or `x.txt`, where it is not to look like JSON) stands exactly one golden: `x.expected.json`,
the reading, or `x.rejected.json`, the reason why the body as a whole is refused.
"""

import json
from dataclasses import dataclass
from pathlib import Path

from google.protobuf.json_format import MessageToDict

from ameide_core_proto.sre.core.v1.intents_pb2 import (
    IngestAlertRequested,
    RecordHealthCheckRequested,
    RecordSLIWindowRequested,
)
from sre_ingest.sdk import severity
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import DEDUP_WINDOW, Delivery, Endpoint
from sre_ingest.sdk.errors import DeliveryError
from sre_ingest.sdk.signal import Reading, Reject, Signal
from sre_ingest.sdk.times import Instant, nanoseconds, parse, rfc3339

RECEIVED_AT = parse("2026-01-02T03:04:05.678Z")
"""The clock of every sample."""

KINDS = {
    IngestAlertRequested.DESCRIPTOR.name: "alert",
    RecordHealthCheckRequested.DESCRIPTOR.name: "health_check",
    RecordSLIWindowRequested.DESCRIPTOR.name: "sli_window",
}
"""What a record is, by the name of its message."""

_EXPECTED, _REJECTED = ".expected.json", ".rejected.json"


@dataclass(frozen=True, slots=True)
class Sample:
    """One body and the two places where its golden may stand."""

    body: Path

    @property
    def name(self) -> str:
        """The file's name up to the first dot."""
        return self.body.name.partition(".")[0]

    @property
    def expected(self) -> Path:
        """Where the reading stands if the body is read."""
        return self.body.with_name(self.name + _EXPECTED)

    @property
    def rejected(self) -> Path:
        """Where the reason stands if it is refused."""
        return self.body.with_name(self.name + _REJECTED)

    def other(self, golden: Path) -> Path:
        """The one of the two places that is not this golden's, and so must be empty."""
        return self.rejected if golden == self.expected else self.expected


def find(folder: Path) -> list[Sample]:
    """The samples of a folder by name."""
    return [Sample(path) for path in sorted(folder.iterdir()) if path.is_file() and not _is_golden(path)]


def strays(folder: Path) -> list[Path]:
    """Goldens without a sample, and samples that share their name: what a folder must not hold."""
    found = find(folder)
    names = [sample.name for sample in found]
    goldens = {golden for sample in found for golden in (sample.expected, sample.rejected)}
    orphans = [path for path in sorted(folder.iterdir()) if _is_golden(path) and path not in goldens]
    return orphans + [sample.body for sample in found if names.count(sample.name) > 1]


def kinds(folder: Path) -> list[str]:
    """What the samples of a folder become, as its goldens tell: words of KINDS in alphabetical order."""
    goldens = [json.loads(path.read_bytes()) for path in folder.glob("*" + _EXPECTED)]
    return sorted({KINDS[signal["intent"]] for golden in goldens for signal in golden["signals"]})


def delivery(adapter: Adapter, body: bytes) -> Delivery:
    """A body as an endpoint with the default settings would get it, with a fixed clock and fixed ids."""
    endpoint = Endpoint(
        path=adapter.path,
        source=adapter.name,
        instance="default",
        tenant="default",
        severity=severity.DEFAULT,
        watchdog={"alertname": "Watchdog"},
        dedup_window=nanoseconds(adapter.dedup_window or DEDUP_WINDOW),
    )
    return Delivery(
        endpoint=endpoint,
        body=body,
        received_at=RECEIVED_AT,
        receipt_id="00000000-0000-4000-8000-000000000001",
        correlation_id="00000000-0000-4000-8000-000000000002",
        traceparent="00-000102030405060708090a0b0c0d0e0f-0001020304050607-01",
    )


def outcome(adapter: Adapter, sample: Sample) -> tuple[Path, str]:
    """The golden that belongs beside a sample, and its text."""
    try:
        found: Reading | DeliveryError = adapter.read(delivery(adapter, sample.body.read_bytes()))
    except DeliveryError as error:
        found = error
    return golden(sample, found)


def golden(sample: Sample, found: Reading | DeliveryError) -> tuple[Path, str]:
    """The golden that belongs beside a sample of which this was found, and its text."""
    if isinstance(found, Reading):
        return sample.expected, render(found)
    return sample.rejected, _text({"reason": found.reason})


def render(reading: Reading) -> str:
    """A reading as canonical JSON: sorted keys, messages as proto3 JSON, times as RFC 3339."""
    return _text(
        {
            "signals": [_signal(one) for one in reading.signals],
            "rejects": [_reject(one) for one in reading.rejects],
            "ignored": list(reading.ignored),
            "truncated": reading.truncated,
        }
    )


def _signal(signal: Signal) -> dict[str, object]:
    return {
        "index": signal.index,
        "intent": signal.message.DESCRIPTOR.name,
        "message": MessageToDict(signal.message),
        "key": signal.key.text,
        "occurred_at": rfc3339(signal.occurred_at),
        "began_at": _optional(signal.began_at),
        "repairs": sorted(signal.repairs),
    }


def _reject(reject: Reject) -> dict[str, object]:
    return {"index": reject.index, "reason": reject.reason, "path": reject.path}


def _optional(instant: Instant | None) -> str | None:
    return None if instant is None else rfc3339(instant)


def _text(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _is_golden(path: Path) -> bool:
    return path.name.endswith((_EXPECTED, _REJECTED))
