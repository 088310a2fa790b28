"""What comes in, and what becomes of it."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry

from sre_ingest.metrics.family import SECONDS, Family

_BYTES = (1_024.0, 4_096.0, 16_384.0, 65_536.0, 262_144.0, 1_048_576.0, 4_194_304.0, 16_777_216.0)


class HttpMetrics:
    """What the front door sees."""

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        routes: Iterable[str],
        methods: Iterable[str],
        codes: Iterable[str],
        reasons: Iterable[str],
        sources: Iterable[str],
    ) -> None:
        family = Family(registry)
        self.requests = family.counter(
            "http_requests_total", "Requests answered.", route=routes, method=methods, code=codes
        )
        self.duration = family.histogram(
            "http_request_duration_seconds",
            "From the first byte of the request to the last of the answer.",
            SECONDS,
            route=routes,
            outcome=("ok", "client_error", "server_error"),
        )
        self.in_flight = family.gauge("http_requests_in_flight", "Requests being handled now.")
        self.body = family.histogram("http_request_body_bytes", "Size of webhook bodies.", _BYTES, source=sources)
        self.rejected = family.counter("http_rejected_total", "Deliveries not taken, by reason.", reason=reasons)
        self.trace_context = family.counter(
            "trace_context_total",
            "Traces of deliveries: taken from the request, begun because it had none, or because it was invalid.",
            origin=("inbound", "generated", "invalid"),
        )
        self.know = family.know


class IntentMetrics:
    """What becomes of the items of deliveries: each is accepted, duplicate, quarantined or ignored."""

    def __init__(
        self,
        registry: CollectorRegistry,
        *,
        sources: Iterable[str],
        states: Iterable[str],
        outcomes: Iterable[str],
        reasons: Iterable[str],
        repairs: Iterable[str],
    ) -> None:
        family = Family(registry)
        self.received = family.counter(
            "alerts_received_total", "Items translated, by the state they report.", source=sources, status=states
        )
        self.invalid = family.counter(
            "alerts_invalid_total", "Items refused, by reason.", source=sources, reason=reasons
        )
        self.truncated = family.counter(
            "alerts_truncated_total", "Alerts that senders say they left out of their deliveries.", source=sources
        )
        self.repaired = family.counter(
            "alerts_repaired_total",
            "Items in which something was missing or unknown and made good by a stated rule.",
            source=sources,
            repair=repairs,
        )
        self.intents = family.counter(
            "intents_total", "Items of answered deliveries, by outcome.", source=sources, outcome=outcomes
        )
        self.conflicting = family.counter(
            "intents_conflicting_total",
            "Duplicates by idempotency key that say something else than what was taken under it.",
            source=sources,
        )
        self.watchdog = family.gauge(
            "watchdog_last_received_timestamp_seconds", "When the always-firing alert last came.", source=sources
        )
        self.last_seen = family.gauge(
            "source_last_seen_timestamp_seconds", "When a delivery was last taken.", source=sources
        )
        self.know = family.know


class LedgerMetrics:
    """The books: both are 0, or something is missing."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = Family(registry)
        self.items = family.gauge(
            "item_ledger_imbalance",
            "Items of answered deliveries that are not accepted, duplicate, quarantined or ignored: always 0.",
        )
        self.intents = family.gauge(
            "intent_ledger_imbalance",
            "Accepted intents that are not in Kafka, waiting on the disk or parked there: always 0.",
        )
