"""Every metric the gateway has, declared once; the help texts are the documentation (`docs/metrics.md` follows from
them).

Names carry the prefix `sre_ingest_`, units are base units, label sets are closed and stand at zero from the start. No
label ever comes from a payload. The words of a label that another module owns are handed in, because this module
stands below all others.
"""

from collections.abc import Iterable
from itertools import product
from typing import Protocol, TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

OTHER = "other"
"""What a label says for everything outside its closed set."""

_SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_BYTES = (1_024.0, 4_096.0, 16_384.0, 65_536.0, 262_144.0, 1_048_576.0, 4_194_304.0, 16_777_216.0)

_SALVAGES = "Damaged files that were set aside, what could be read of them kept."
_RECOVERY = "What it took to look at the file at the start, and to salvage it if it was damaged."

Metric = TypeVar("Metric", bound=MetricWrapperBase)


class _Family:
    """Makes metrics in one registry, with every combination of known label values standing at zero."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._of_sources: list[tuple[MetricWrapperBase, dict[str, Iterable[str]]]] = []

    def know(self, sources: Iterable[str]) -> None:
        """Let sources that came later stand at zero, too."""
        for metric, labels in self._of_sources:
            _zero(metric, labels | {"source": sources})

    def counter(self, name: str, text: str, **labels: Iterable[str]) -> Counter:
        return self._zeroed(Counter(f"sre_ingest_{name}", text, list(labels), registry=self._registry), labels)

    def gauge(self, name: str, text: str, **labels: Iterable[str]) -> Gauge:
        return self._zeroed(Gauge(f"sre_ingest_{name}", text, list(labels), registry=self._registry), labels)

    def histogram(self, name: str, text: str, buckets: tuple[float, ...], **labels: Iterable[str]) -> Histogram:
        made = Histogram(f"sre_ingest_{name}", text, list(labels), buckets=buckets, registry=self._registry)
        return self._zeroed(made, labels)

    def _zeroed(self, metric: Metric, labels: dict[str, Iterable[str]]) -> Metric:
        _zero(metric, labels)
        if "source" in labels:
            self._of_sources.append((metric, labels))
        return metric


def _zero(metric: MetricWrapperBase, labels: dict[str, Iterable[str]]) -> None:
    for values in product(*labels.values()) if labels else ():
        metric.labels(*values)


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
        family = _Family(registry)
        self.requests = family.counter(
            "http_requests_total", "Requests answered.", route=routes, method=methods, code=codes
        )
        self.duration = family.histogram(
            "http_request_duration_seconds",
            "From the first byte of the request to the last of the answer.",
            _SECONDS,
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
        family = _Family(registry)
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
        self.unaccounted = family.gauge(
            "item_ledger_imbalance",
            "Items of answered deliveries that are not accepted, duplicate, quarantined or ignored: always 0.",
        )
        self.imbalance = family.gauge(
            "intent_ledger_imbalance",
            "Accepted intents that are not in Kafka, waiting on the disk or parked there: always 0.",
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


class ReloadMetrics:
    """The mappings that are read while the gateway runs."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = _Family(registry)
        self.successful = family.gauge(
            "config_last_reload_successful", "1 if the mappings are those of the folder, 0 if it holds a mistake."
        )
        self.at = family.gauge(
            "config_last_reload_success_timestamp_seconds", "When the mappings were last read without a mistake."
        )


class MemoryMetrics:
    """The memory of what was claimed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = _Family(registry)
        self.entries = family.gauge("dedup_entries", "Subjects remembered.")
        self.evictions = family.counter("dedup_evictions_total", "Subjects forgotten because the memory was full.")


class RecollectionMetrics:
    """What the memory is told of the log."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = _Family(registry)
        self.seen = family.counter("dedup_seen_records_total", "Records of the log that the memory was told of.")
        self.others = family.counter("dedup_others_records_total", "Of these, records that another gateway published.")
        self.unreadable = family.counter(
            "dedup_unreadable_records_total", "Records of the log whose headers say nothing to the memory."
        )
        self.followed = family.gauge("dedup_followed", "1 while the memory knows everything that is in the log.")
        self.duration = family.gauge("dedup_recall_duration_seconds", "What reading the log back took at the start.")


class KafkaMetrics:
    """The road to Kafka."""

    def __init__(self, registry: CollectorRegistry, *, errors: Iterable[str]) -> None:
        family = _Family(registry)
        self.records = family.counter(
            "kafka_records_total",
            "Records that were to be published, by where they were when their delivery was answered.",
            outcome=("acked", "stored", "refused", "failed", "uncertain"),
        )
        self.errors = family.counter("kafka_errors_total", "Errors Kafka or its client answered with.", error=errors)
        self.duration = family.histogram(
            "kafka_publish_duration_seconds", "From handing a batch over to its acknowledgement.", _SECONDS
        )
        self.in_flight = family.gauge("kafka_inflight_records", "Records waiting for their acknowledgement.")
        self.connected = family.gauge("kafka_connected", "1 while the cluster answers, 0 while it does not.")
        self.last_ack = family.gauge("kafka_last_ack_timestamp_seconds", "When Kafka last acknowledged a batch.")
        self.restarts = family.counter("kafka_producer_restarts_total", "Producers replaced after a fatal error.")


class LogMetrics:
    """The embedded log."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = _Family(registry)
        self.records = family.gauge("log_records", "Records in the embedded log.")
        self.size = family.gauge("log_bytes", "Bytes of keys, headers and values in the embedded log.")
        self.retention = family.gauge("log_retention_bytes", "Bytes above which the oldest records are pruned.")
        self.appended = family.counter("log_appended_records_total", "Records appended and synced.")
        self.pruned = family.counter("log_pruned_records_total", "Records pruned because the log was full.")
        self.commit = family.histogram("log_commit_duration_seconds", "One group commit, sync included.", _SECONDS)
        operations = ("open", "append", "prune", "checkpoint")
        self.errors = family.counter("log_errors_total", "Operations of the embedded log that failed.", op=operations)
        self.corrupt = family.counter("log_corrupt_records_total", "Records that a salvage of the file did not find.")
        self.salvages = family.counter("log_salvages_total", _SALVAGES)
        self.recovery = family.gauge("log_recovery_duration_seconds", _RECOVERY)


class SpoolMetrics:
    """What waits on the disk until Kafka takes it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = _Family(registry)
        self.records = family.gauge("spool_records", "Records that wait for Kafka on the disk.")
        self.size = family.gauge("spool_bytes", "Bytes of keys, headers and values that wait.")
        self.capacity = family.gauge("spool_capacity_bytes", "Bytes above which the spool takes nothing more.")
        self.oldest = family.gauge(
            "spool_oldest_record_timestamp_seconds", "When the oldest record that waits was kept; 0 if none does."
        )
        self.appended = family.counter("spool_appended_records_total", "Records kept and synced.")
        self.acked = family.counter("spool_acked_records_total", "Records kept that Kafka has taken since.")
        self.parked = family.counter("spool_parked_records_total", "Records put aside because Kafka never takes them.")
        self.corrupt = family.counter("spool_corrupt_records_total", "Records that are not what was written any more.")
        self.commit = family.histogram("spool_commit_duration_seconds", "One group commit, sync included.", _SECONDS)
        operations = ("open", "append", "checkpoint")
        self.errors = family.counter("spool_errors_total", "Operations of the spool that failed.", op=operations)
        self.salvages = family.counter("spool_salvages_total", _SALVAGES)
        self.recovery = family.gauge("spool_recovery_duration_seconds", _RECOVERY)


class QuarantineMetrics:
    """What could not be understood, and is kept until somebody decides."""

    def __init__(self, registry: CollectorRegistry, *, reasons: Iterable[str]) -> None:
        family = _Family(registry)
        self.new = family.counter(
            "dead_letters_total",
            "Bodies and items put into quarantine, by reason; one that is there already is not counted again.",
            reason=reasons,
        )
        self.records = family.gauge("dead_letter_records", "Bodies and items in quarantine.")
        self.size = family.gauge("dead_letter_bytes", "Bytes that the quarantine takes of its capacity.")
        self.capacity = family.gauge(
            "dead_letter_capacity_bytes", "Bytes above which the quarantine takes nothing more."
        )
        self.refused = family.counter(
            "dead_letters_refused_total",
            "Bodies and items that could not be put into quarantine, so that their deliveries were answered 503.",
            why=("full", "disk"),
        )
        self.commit = family.histogram(
            "dead_letter_commit_duration_seconds",
            "One group commit, sync included, where the quarantine has the disk for itself.",
            _SECONDS,
        )
        operations = ("open", "append", "checkpoint")
        self.errors = family.counter(
            "dead_letter_errors_total",
            "Operations of the disk that failed, where the quarantine has it for itself.",
            op=operations,
        )
        self.corrupt = family.counter(
            "dead_letter_corrupt_records_total", "Rows that a salvage of the file did not find."
        )
        self.salvages = family.counter("dead_letter_salvages_total", _SALVAGES)
        self.recovery = family.gauge("dead_letter_recovery_duration_seconds", _RECOVERY)


class ForwardingMetrics:
    """Copies of what is put into quarantine."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = _Family(registry)
        self.published = family.counter(
            "dead_letters_published_total",
            "Copies of what was put into quarantine, by where they were when their time was up.",
            outcome=("acked", "refused", "failed", "uncertain"),
        )


class StoreMetrics(Protocol):
    """What whoever uses the database counts of it."""

    commit: Histogram
    errors: Counter
    corrupt: Counter
    salvages: Counter
    recovery: Gauge


class ProcessMetrics:
    """The gateway itself."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = _Family(registry)
        self.ready = family.gauge("ready", "1 while /readyz answers 200.")
        self.draining = family.gauge("draining", "1 from the signal to stop on.")
        self.build = Gauge(
            "sre_ingest_build_info",
            "Always 1; its labels name the build.",
            ["version", "python", "aiokafka", "proto_schema"],
            registry=registry,
        )
