"""How metrics are made: under one prefix, in base units, every series standing at zero from the start."""

from collections.abc import Iterable
from itertools import product
from typing import TypeVar

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.metrics import MetricWrapperBase

OTHER = "other"
"""What a label says for everything outside its closed set."""
SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
"""The buckets of every histogram of times."""

Metric = TypeVar("Metric", bound=MetricWrapperBase)


class Family:
    """Makes metrics in one registry, with every combination of known label values standing at zero."""

    def __init__(self, registry: CollectorRegistry) -> None:
        self._registry = registry
        self._of_sources: list[tuple[MetricWrapperBase, dict[str, Iterable[str]]]] = []

    def know(self, sources: Iterable[str]) -> None:
        """Let sources that came later stand at zero, too."""
        for metric, labels in self._of_sources:
            _zero(metric, labels | {"source": sources})

    def counter(self, name: str, text: str, **labels: Iterable[str]) -> Counter:
        """A counter; each label with the closed set of its values."""
        return self._zeroed(Counter(f"sre_ingest_{name}", text, list(labels), registry=self._registry), labels)

    def gauge(self, name: str, text: str, **labels: Iterable[str]) -> Gauge:
        """A gauge; each label with the closed set of its values."""
        return self._zeroed(Gauge(f"sre_ingest_{name}", text, list(labels), registry=self._registry), labels)

    def histogram(self, name: str, text: str, buckets: tuple[float, ...], **labels: Iterable[str]) -> Histogram:
        """A histogram with these upper bounds; each label with the closed set of its values."""
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
