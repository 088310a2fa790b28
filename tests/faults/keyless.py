"""The gateway, but some records lose their key on the way to Kafka: `keyless.py serve ...`, as `sre-ingest serve ...`.

A compacted topic refuses a record without a key, as INVALID_RECORD, and with it the whole batch that it is in. The
gateway gives every record its key, so the key is taken away where it hands over to the client library.
"""

from collections.abc import Callable, Sequence
from typing import Any

from aiokafka.producer.message_accumulator import BatchBuilder

from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent

_EVERY, _CHOSEN = 20, 7


def loses_its_key(alert: str) -> bool:
    """Whether the records of the alert of this name do; one alert in twenty of each sender's."""
    return int(alert.rpartition("-")[2]) % _EVERY == _CHOSEN


def _forgetting(append: Callable[..., object]) -> Callable[..., object]:
    def forgetful(
        self: object, *, timestamp: int | None, key: bytes, value: bytes, headers: Sequence[Any]
    ) -> object | None:
        alert = SreDomainIntent.FromString(value).ingest_alert_requested.labels["item"]
        kept = None if loses_its_key(alert) else key
        return append(self, timestamp=timestamp, key=kept, value=value, headers=headers)

    return forgetful


if __name__ == "__main__":
    from sre_ingest.cli import app

    BatchBuilder.append = _forgetting(BatchBuilder.append)
    app()
