"""Short ways to a mapping with one shape, and to what it makes of a body."""

import json
from pathlib import Path
from typing import Any

import yaml

from adapters.generic.mapping import compilation
from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested
from sre_ingest.sdk import samples
from sre_ingest.sdk.signal import Reading
from tests.rooms.bodies import alert, only

ALERT = {
    "title": "rule",
    "status": {
        "value": "state",
        "lookup": {"bad": "firing", "good": "resolved", "muted": "suppressed", "test": "ignored"},
    },
}
CHECK = {
    "title": "'probe'",
    "status": {"value": "state", "lookup": {"up": "healthy"}},
    "resource": {"type": "'host'", "id": "host"},
}
WINDOW = {"slo_id": "slo", "starts_at": {"value": "from"}, "ends_at": {"value": "to"}}
BODY = {"rule": "DiskFull", "state": "bad"}


def written(folder: Path, **file: Any) -> Path:
    """A file of one mapping in a folder."""
    about = {"tool": "Tool", "source": "invented", "seen": "2026-01-01"}
    path = folder / "tool.yaml"
    path.write_text(yaml.safe_dump({"about": about, **file}, sort_keys=False), encoding="utf-8")
    return path


def read(folder: Path, body: object, shape: dict[str, Any] | None = None, **file: Any) -> Reading:
    """What a mapping with one shape makes of a body."""
    whole = {"shapes": [{"name": "only", "when": "`true`", **(shape or {"alert": ALERT})}], **file}
    adapter = compilation.adapter(written(folder, **whole))
    raw = body if isinstance(body, bytes) else json.dumps(body).encode()
    return adapter.read(samples.delivery(adapter, raw))


def mapped(folder: Path, body: object, **changes: Any) -> IngestAlertRequested:
    """The alert that a mapping with a few more fields makes of a body."""
    return alert(only(read(folder, body, {"alert": ALERT | changes})))
