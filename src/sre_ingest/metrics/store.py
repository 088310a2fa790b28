"""What lies on the disk."""

from collections.abc import Iterable
from typing import Protocol

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

from sre_ingest.metrics.family import SECONDS, Family

_SALVAGES = "Damaged files that were set aside, what could be read of them kept."
_RECOVERY = "What it took to look at the file at the start, and to salvage it if it was damaged."


class StoreMetrics(Protocol):
    """What whoever uses the database counts of it."""

    commit: Histogram
    errors: Counter
    corrupt: Counter
    salvages: Counter
    recovery: Gauge


class LogMetrics:
    """The embedded log."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = Family(registry)
        self.records = family.gauge("log_records", "Records in the embedded log.")
        self.size = family.gauge("log_bytes", "Bytes of keys, headers and values in the embedded log.")
        self.retention = family.gauge("log_retention_bytes", "Bytes above which the oldest records are pruned.")
        self.appended = family.counter("log_appended_records_total", "Records appended and synced.")
        self.pruned = family.counter("log_pruned_records_total", "Records pruned because the log was full.")
        self.commit = family.histogram("log_commit_duration_seconds", "One group commit, sync included.", SECONDS)
        operations = ("open", "append", "prune", "checkpoint")
        self.errors = family.counter("log_errors_total", "Operations of the embedded log that failed.", op=operations)
        self.corrupt = family.counter("log_corrupt_records_total", "Records that a salvage of the file did not find.")
        self.salvages = family.counter("log_salvages_total", _SALVAGES)
        self.recovery = family.gauge("log_recovery_duration_seconds", _RECOVERY)


class SpoolMetrics:
    """What waits on the disk until Kafka takes it."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = Family(registry)
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
        self.commit = family.histogram("spool_commit_duration_seconds", "One group commit, sync included.", SECONDS)
        operations = ("open", "append", "checkpoint")
        self.errors = family.counter("spool_errors_total", "Operations of the spool that failed.", op=operations)
        self.salvages = family.counter("spool_salvages_total", _SALVAGES)
        self.recovery = family.gauge("spool_recovery_duration_seconds", _RECOVERY)


class QuarantineMetrics:
    """What could not be understood, and is kept until somebody decides."""

    def __init__(self, registry: CollectorRegistry, *, reasons: Iterable[str]) -> None:
        family = Family(registry)
        self.new = family.counter(
            "dead_letters_total",
            "Bodies and items put into quarantine, by reason; one that is there already is not counted again.",
            reason=reasons,
        )
        self.records = family.gauge("dead_letter_records", "Bodies, items and parked records in quarantine.")
        self.size = family.gauge(
            "dead_letter_bytes", "Bytes that the quarantine takes of its capacity; parked records may exceed it."
        )
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
            SECONDS,
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
        family = Family(registry)
        self.published = family.counter(
            "dead_letters_published_total",
            "Copies of what was put into quarantine, by where they were when their time was up.",
            outcome=("acked", "refused", "failed", "uncertain"),
        )
