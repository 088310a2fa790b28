"""What a room returns: the contract's own messages, each with the key that says when two are the same."""

import hashlib
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from json.encoder import encode_basestring
from uuid import UUID, uuid5

from ameide_core_proto.sre.core.v1.health_pb2 import HealthCheck
from ameide_core_proto.sre.core.v1.intents_pb2 import (
    IngestAlertRequested,
    RecordHealthCheckRequested,
    RecordSLIWindowRequested,
)
from ameide_core_proto.sre.core.v1.slo_pb2 import SLIWindow
from sre_ingest.sdk.delivery import Delivery, Endpoint
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.idempotency import OwnKey
from sre_ingest.sdk.json import Value
from sre_ingest.sdk.times import Instant, rfc3339, write
from sre_ingest.sdk.words import Word

Message = IngestAlertRequested | RecordHealthCheckRequested | RecordSLIWindowRequested

CHECK_NAMESPACE = UUID("d435be5e-e645-45f6-95d2-ce9d89601afc")
"""Namespace of the UUIDv5 that names a health check. Changing it renames every check: never do."""

SMALLEST_RATIO = 5e-324
"""The smallest ratio above 0. The contract takes a window of zeros for one without traffic."""

TIMELESS = "-"
"""The episode of an observation whose sender gave no time."""
KEYED = "idempotency_key"
"""Stands in the place of the episode where the sender gave a key of its own, which stands in the place of the state."""


class Repair(Word):
    """What the sender left out or said wrongly and a room made good. Every repair is counted."""

    END_MISSING = "end_missing", "A resolved alert has no end; the time of admission is taken."
    FINGERPRINT_MISSING = "fingerprint_missing", "The fingerprint is computed from the labels, as Prometheus does."
    NAME_MISSING = "name_missing", "The name is taken from the group, or the alert is called (unnamed)."
    RATIO_ZERO = (
        "ratio_zero",
        "The only number of a window is a ratio of 0, which would read as no traffic; the smallest above it is taken.",
    )
    SEVERITY_UNMAPPED = "severity_unmapped", "The severity is missing or unknown; the configured default is taken."
    START_MISSING = "start_missing", "The alert has no start; the time of admission is taken."
    STATUS_MISSING = "status_missing", "The status is taken from the delivery."


@dataclass(frozen=True, slots=True)
class NaturalKey:
    """Which observation of which episode of which subject this is (three words of the glossary)."""

    subject: tuple[str, ...]
    """Kind, tenant and what is observed, as in `("alert", tenant, source, instance, fingerprint)`."""
    episode: str
    state: str
    text: str = field(init=False, repr=False, compare=False)
    """The key as it travels: a compact JSON array of strings."""

    def __post_init__(self) -> None:
        """Spell the key once: it goes into the id, the message and a header."""
        words = map(encode_basestring, (*self.subject, self.episode, self.state))
        object.__setattr__(self, "text", "[" + ",".join(words) + "]")

    @property
    def once(self) -> bool:
        """True if seeing the key twice in a row can only be a repeat: an SLI window, a check with its own time, or what
        its sender gave a key of its own.
        """
        kind = self.subject[0]
        return self.episode == KEYED or kind == "sli" or (kind == "check" and self.episode != TIMELESS)

    @property
    def remembered_by(self) -> tuple[str, ...]:
        """What the memory keeps the states of: the subject, but an observation with a key of its own stands alone, so
        that nothing that comes in between makes it news.
        """
        return (*self.subject, self.episode, self.state) if self.episode == KEYED else self.subject


@dataclass(frozen=True, slots=True)
class Signal:
    """One observation, ready to be claimed and sealed."""

    index: int
    """Position of the item in the delivery, from 0."""
    message: Message
    key: NaturalKey
    occurred_at: Instant
    began_at: Instant | None
    """Start of the episode, None where the sender gave none."""
    repairs: tuple[Repair, ...] = ()
    content: bytes = b""
    """Digest of what the sender said under a key of its own; empty where it gave none."""


@dataclass(frozen=True, slots=True)
class Reject:
    """One item that could not be translated."""

    index: int
    reason: ItemReason
    path: str
    """The field that was wrong, in the sender's words."""


@dataclass(frozen=True, slots=True)
class Reading:
    """All that one delivery said. Every item of it is in exactly one of the three."""

    signals: Sequence[Signal]
    rejects: Sequence[Reject] = ()
    ignored: Sequence[int] = ()
    """Items that are no signal by the sender's own account, such as a paused rule."""
    truncated: int = 0
    """Alerts that the sender says it left out."""
    items: Sequence[Value] = field(default=(), repr=False, compare=False)
    """What the sender said, item by item: the place of each is its index. An item that is refused is known again by
    it, in whatever body it comes; of a room that leaves it empty only by the same body.
    """


def _key(subject: tuple[str, ...], episode: str, state: str, own: OwnKey | None) -> NaturalKey:
    return NaturalKey(subject, episode, state) if own is None else NaturalKey(subject, KEYED, own.text)


def alert(
    index: int,
    message: IngestAlertRequested,
    delivery: Delivery,
    *,
    state: str,
    began_at: Instant | None,
    occurred_at: Instant,
    repairs: tuple[Repair, ...] = (),
    own: OwnKey | None = None,
) -> Signal:
    """Complete an alert: sets alert_id, source_instance, received_at, dedup_key; the room has set all the rest.

    `state` is the status in the sender's vocabulary, `firing` or `resolved` (docs/identity.md); `own` the sender's own
    key for the observation.
    """
    endpoint = delivery.endpoint
    subject = ("alert", endpoint.tenant, endpoint.source, endpoint.instance, message.fingerprint)
    key = _key(subject, TIMELESS if began_at is None else rfc3339(began_at), state, own)
    message.alert_id = ":".join(subject[2:])
    message.source_instance = endpoint.instance
    write(delivery.received_at, message.received_at)
    message.dedup_key = key.text
    return Signal(index, message, key, occurred_at, began_at, repairs, own.content if own else b"")


def check(
    index: int,
    message: RecordHealthCheckRequested,
    delivery: Delivery,
    *,
    state: str,
    checked_at: Instant | None,
    repairs: tuple[Repair, ...] = (),
    own: OwnKey | None = None,
) -> Signal:
    """Complete a health check: sets healthcheck_id and checked_at: the gateway's clock if the sender gave none.

    `state` is the status as a lower-case word, such as `healthy`.
    """
    endpoint, body = delivery.endpoint, message.health_check
    body.healthcheck_id = _healthcheck_id(endpoint, body)
    seen_at = delivery.received_at if checked_at is None else checked_at
    write(seen_at, body.checked_at)
    subject = ("check", endpoint.tenant, endpoint.source, endpoint.instance, body.healthcheck_id)
    key = _key(subject, TIMELESS if checked_at is None else rfc3339(checked_at), state, own)
    return Signal(index, message, key, seen_at, checked_at, repairs, own.content if own else b"")


def _healthcheck_id(endpoint: Endpoint, body: HealthCheck) -> str:
    # The same for every observation of one check, so that all of them share a partition and keep their order.
    ref = body.resource_ref
    place = "/".join((ref.environment, ref.cluster, ref.namespace, ref.type, ref.id))
    return str(uuid5(CHECK_NAMESPACE, "\n".join((endpoint.tenant, place, body.check_name, endpoint.source))))


def window(
    index: int,
    message: RecordSLIWindowRequested,
    delivery: Delivery,
    *,
    start: Instant,
    end: Instant,
    repairs: tuple[Repair, ...] = (),
    own: OwnKey | None = None,
) -> Signal:
    """Complete an SLI window: sets its two times; the room has set slo_id and either the counts or the ratio.

    BadItem with BAD_WINDOW if the end is not after the start, or if the numbers break the contract's rules: finite,
    0 <= good <= total, a ratio from 0 to 1, and never counts and a ratio together. No events at all is legal.
    """
    body = message.window
    _measured(body)
    if end <= start:
        raise BadItem(ItemReason.BAD_WINDOW, "window_end")
    write(start, body.window_start)
    write(end, body.window_end)
    subject = ("sli", delivery.endpoint.tenant, message.slo_id, rfc3339(start), rfc3339(end))
    key = _key(subject, TIMELESS, _digest(body), own)
    return Signal(index, message, key, end, start, repairs, own.content if own else b"")


def _measured(body: SLIWindow) -> None:
    # Written so that a NaN fails every one of them.
    if not 0 <= body.total_count < math.inf:
        raise BadItem(ItemReason.BAD_WINDOW, "total_count")
    if not 0 <= body.good_count <= body.total_count:
        raise BadItem(ItemReason.BAD_WINDOW, "good_count")
    if not 0 <= body.sli_value <= 1 or (body.sli_value and body.total_count):
        raise BadItem(ItemReason.BAD_WINDOW, "sli_value")


def _digest(body: SLIWindow) -> str:
    measured = (body.good_count, body.total_count, body.sli_value, body.partial)
    return hashlib.sha256(repr(measured).encode()).hexdigest()[:16]
