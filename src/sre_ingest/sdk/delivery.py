"""What a room is given: one admitted request, free of HTTP."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta

from pydantic import BaseModel

from sre_ingest.sdk.severity import SeverityTable
from sre_ingest.sdk.times import Instant, nanoseconds

URL_PATH = r"/[A-Za-z0-9._~/-]*[A-Za-z0-9._~-]"
"""The paths that an endpoint may have, as a regular expression."""
DEDUP_WINDOW = timedelta(minutes=10)
"""How long a repetition is a duplicate where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Where the senders of an endpoint live; fills what their labels leave out. Empty means unknown."""

    cluster: str = ""
    environment: str = ""


@dataclass(frozen=True, slots=True)
class Endpoint:
    """One configured way in."""

    path: str
    """Path of the URL, without a trailing slash."""
    source: str
    """The adapter's noun; part of every identity."""
    instance: str
    """Names the cluster of senders, never one member: two members of a pair must give the same ids."""
    tenant: str
    severity: SeverityTable
    scope: Scope = Scope()
    watchdog: Mapping[str, str] = field(default_factory=dict)
    """Labels that mark the always-firing alert of a healthy alerting pipeline; empty: none is recognised."""
    options: BaseModel | None = None
    """The adapter's own options, validated at start; None if it has none."""
    content_types: tuple[str, ...] = ()
    """Media types that are admitted beside those of JSON."""
    dedup_window: int = nanoseconds(DEDUP_WINDOW)
    """How long a repetition is a duplicate, in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Delivery:
    """One request as admitted. Time and ids arrive inside it, so everything after it can be pure."""

    endpoint: Endpoint
    body: bytes
    received_at: Instant
    receipt_id: str
    correlation_id: str
    traceparent: str
    """W3C value of the span that admitted the request."""
    tracestate: str = ""
    idempotency_key: str | None = None
    """The header of that name as sent, None if there is none. It is for rooms whose senders may name what they say."""
    headers: tuple[tuple[str, str], ...] = ()
    """The few headers that say what the body is and whose, never a credential: they are kept beside it if it cannot be
    understood.
    """
