"""The gateway itself."""

from prometheus_client import CollectorRegistry, Gauge

from sre_ingest.metrics.family import Family


class ProcessMetrics:
    """The gateway itself."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = Family(registry)
        self.ready = family.gauge("ready", "1 while /readyz answers 200.")
        self.draining = family.gauge("draining", "1 from the signal to stop on.")
        self.build = Gauge(
            "sre_ingest_build_info",
            "Always 1; its labels name the build.",
            ["version", "python", "aiokafka", "proto_schema"],
            registry=registry,
        )


class ReloadMetrics:
    """The mappings that are read while the gateway runs."""

    def __init__(self, registry: CollectorRegistry) -> None:
        family = Family(registry)
        self.successful = family.gauge(
            "config_last_reload_successful", "1 if the mappings are those of the folder, 0 if it holds a mistake."
        )
        self.at = family.gauge(
            "config_last_reload_success_timestamp_seconds", "When the mappings were last read without a mistake."
        )
