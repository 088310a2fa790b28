"""The log: what is handed to Kafka, and what is read back of it."""

from collections.abc import Iterable

from prometheus_client import CollectorRegistry

from sre_ingest.metrics.family import SECONDS, Family


class KafkaMetrics:
    """The road to Kafka."""

    def __init__(self, registry: CollectorRegistry, *, errors: Iterable[str]) -> None:
        family = Family(registry)
        self.records = family.counter(
            "kafka_records_total",
            "Records that were to be published, by where they were when their delivery was answered.",
            outcome=("acked", "stored", "refused", "failed", "uncertain"),
        )
        self.errors = family.counter("kafka_errors_total", "Errors Kafka or its client answered with.", error=errors)
        self.duration = family.histogram(
            "kafka_publish_duration_seconds", "From handing a batch over to its acknowledgement.", SECONDS
        )
        self.in_flight = family.gauge("kafka_inflight_records", "Records waiting for their acknowledgement.")
        self.connected = family.gauge("kafka_connected", "1 while the cluster answers, 0 while it does not.")
        self.last_ack = family.gauge("kafka_last_ack_timestamp_seconds", "When Kafka last acknowledged a batch.")
        self.restarts = family.counter("kafka_producer_restarts_total", "Producers replaced after a fatal error.")
        self.shortcomings = family.gauge(
            "kafka_topic_shortcomings",
            "In how many ways the topic is less safe than `topics ensure` makes it; the log says which.",
        )


class MemoryMetrics:
    """The memory of what was claimed."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = Family(registry)
        self.entries = family.gauge("dedup_entries", "Subjects remembered.")
        self.evictions = family.counter("dedup_evictions_total", "Subjects forgotten because the memory was full.")


class RestatementMetrics:
    """What was observed last, and said once more because a late record stood behind it."""

    def __init__(self, registry: CollectorRegistry, *, outcomes: Iterable[str]) -> None:
        self.restatements = Family(registry).counter(
            "dedup_restatements_total",
            "Observations that a late record has overtaken on the topic, by what became of saying them again.",
            outcome=outcomes,
        )


class RecollectionMetrics:
    """What the memory is told of the log."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = Family(registry)
        self.seen = family.counter("dedup_seen_records_total", "Records of the log that the memory was told of.")
        self.others = family.counter("dedup_others_records_total", "Of these, records that another gateway published.")
        self.unreadable = family.counter(
            "dedup_unreadable_records_total", "Records of the log whose headers say nothing to the memory."
        )
        self.followed = family.gauge("dedup_followed", "1 while the memory knows everything that is in the log.")
        self.duration = family.gauge("dedup_recall_duration_seconds", "What reading the log back took at the start.")
