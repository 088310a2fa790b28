"""Adapters that break one promise each, and the folder of samples that they are tried on."""

import itertools
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

from ameide_core_proto.sre.core.v1.alert_pb2 import ALERT_SOURCE_CUSTOM
from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested
from ameide_core_proto.sre.core.v1.sre_pb2 import ALERT_STATUS_FIRING, SEVERITY_LOW
from sre_ingest.conformance import goldens
from sre_ingest.conformance.subject import Subject
from sre_ingest.sdk import json as strict
from sre_ingest.sdk import signal, times
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import TooLarge, WrongShape
from sre_ingest.sdk.fingerprints import fingerprint
from sre_ingest.sdk.signal import Reading

Read = Callable[[Delivery], Reading]
BODY = {"name": "DiskFull", "state": "firing", "host": "db-1"}


def read(delivery: Delivery) -> Reading:
    """A room that keeps every promise: an object with a text `name` is a firing alert."""
    document = strict.parse(delivery.body)
    if not isinstance(document, dict) or not isinstance(document.get("name"), str) or not document["name"]:
        raise WrongShape("The body has no name.")
    return Reading([alert(delivery, str(document["name"]))])


def alert(delivery: Delivery, name: str, /, **changes: Any) -> signal.Signal:
    """A complete alert with a few changes of its message."""
    labels = {"alertname": name}
    message = IngestAlertRequested(
        **{
            "name": name,
            "source": ALERT_SOURCE_CUSTOM,
            "status": ALERT_STATUS_FIRING,
            "severity": SEVERITY_LOW,
            "labels": labels,
            "fingerprint": fingerprint(labels),
            "starts_at": times.timestamp(delivery.received_at),
            **changes,
        }
    )
    return signal.alert(0, message, delivery, state="firing", began_at=None, occurred_at=delivery.received_at)


def raises(delivery: Delivery) -> Reading:
    """Raises for bodies with a host that is none."""
    document = json.loads(delivery.body) if delivery.body[:1] == b"{" and delivery.body[-1:] == b"}" else None
    return (
        Reading((), ignored=(len(document["host"].lower()) * 0,)) if document and "host" in document else read(delivery)
    )


def nothing(_: Delivery) -> Any:
    """Returns no reading."""
    return None


def swallows(_: Delivery) -> Reading:
    """Reads an alert from everything."""
    return Reading([alert(_, "Anything")])


def answers(_: Delivery) -> Reading:
    """Raises what is admission's to raise."""
    raise TooLarge("too large")


def nameless(delivery: Delivery) -> Reading:
    """An alert without a name is against the contract."""
    read(delivery)
    return Reading([alert(delivery, "x", name="")])


def confuses(delivery: Delivery) -> Reading:
    """Reads two alerts from one name and host, and tells them apart by nothing."""
    one = read(delivery).signals[0]
    two = alert(delivery, BODY["name"], annotations={"host": BODY["host"]})
    return Reading([one, replace(two, index=1)])


def miscounts(delivery: Delivery) -> Reading:
    """Tells of item 3 where there is one."""
    read(delivery)
    return Reading((), ignored=(3,))


def by_position(delivery: Delivery) -> Reading:
    """Takes the first field for the name."""
    read(delivery)
    return Reading([alert(delivery, str(next(iter(json.loads(delivery.body)))))])


def restless() -> Read:
    """A room that remembers how often it was asked."""
    count = itertools.count()

    def remembers(delivery: Delivery) -> Reading:
        read(delivery)
        return Reading([alert(delivery, f"alert {next(count)}")])

    return remembers


def subject(folder: Path, room: Read = read, **bodies: object) -> Subject:
    """A room with samples, whose goldens say what it says now; without bodies there is one sample."""
    for name, body in (bodies or {"firing": BODY}).items():
        (folder / f"{name.replace('_', '-')}.json").write_text(json.dumps(body))
    made = Subject(Adapter("tiny", room), folder)
    list(goldens.update(made))
    return made
