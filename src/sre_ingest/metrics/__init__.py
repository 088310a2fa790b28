"""Every metric the gateway has, declared once; the help texts are the documentation (`docs/metrics.md` follows from
them).

Names carry the prefix `sre_ingest_`, units are base units, label sets are closed and stand at zero from the start. No
label ever comes from a payload. The words of a label that another module owns are handed in, because this module
stands below all others.
"""

from sre_ingest.metrics.deliveries import HttpMetrics, IntentMetrics, LedgerMetrics
from sre_ingest.metrics.family import OTHER
from sre_ingest.metrics.log import KafkaMetrics, MemoryMetrics, RecollectionMetrics, RestatementMetrics
from sre_ingest.metrics.process import ProcessMetrics, ReloadMetrics
from sre_ingest.metrics.store import ForwardingMetrics, LogMetrics, QuarantineMetrics, SpoolMetrics, StoreMetrics

__all__ = [
    "OTHER",
    "ForwardingMetrics",
    "HttpMetrics",
    "IntentMetrics",
    "KafkaMetrics",
    "LedgerMetrics",
    "LogMetrics",
    "MemoryMetrics",
    "ProcessMetrics",
    "QuarantineMetrics",
    "RecollectionMetrics",
    "ReloadMetrics",
    "RestatementMetrics",
    "SpoolMetrics",
    "StoreMetrics",
]
