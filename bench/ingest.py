"""CPU per alert of the line from a body in memory to its receipt, without sockets and disks: `make bench`.

Each step is timed on the same deliveries, so that their shares can be compared within one run; times differ between
machines and runs.
"""

import asyncio
import json
import time
from collections.abc import Callable

from prometheus_client import CollectorRegistry

from sre_ingest import catalog, endpoints
from sre_ingest.addressing import address
from sre_ingest.envelope import seal
from sre_ingest.pipeline import Pipeline
from sre_ingest.publishing import MemoryPublisher
from sre_ingest.remembering import Remembering
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.signal import Reading
from sre_ingest.sdk.times import SECOND, Instant
from sre_ingest.settings import Settings

ALERTS = 20_000
NOW = Instant(1_767_323_045 * SECOND)
_CONTEXT = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


def body(first: int, count: int) -> bytes:
    """A delivery of `count` alerts with ten labels each, none of which was seen before."""
    alerts = [_alert(number) for number in range(first, first + count)]
    return json.dumps({"version": "4", "status": "firing", "alerts": alerts}).encode()


def _alert(number: int) -> dict[str, object]:
    names = ("cluster", "container", "endpoint", "instance", "job", "namespace", "pod", "service")
    labels = {name: f"{name}-{number}" for name in names} | {"alertname": "KubePodCrashLooping", "severity": "warning"}
    return {
        "status": "firing",
        "labels": labels,
        "annotations": {
            "summary": "The pod restarts again and again.",
            "runbook_url": "https://runbooks.example.org/x",
        },
        "startsAt": "2026-01-02T03:00:00.123Z",
        "endsAt": "0001-01-01T00:00:00Z",
        "generatorURL": "http://prometheus.example.org/graph?g0.expr=up",
        "fingerprint": f"{number:016x}",
    }


def deliveries(settings: Settings, alerts_each: int) -> list[Delivery]:
    """ALERTS alerts in bodies of `alerts_each`."""
    ways = {endpoint.source: endpoint for endpoint, _ in endpoints.resolve(settings, catalog.installed())}
    endpoint = ways["alertmanager"]
    firsts = range(0, ALERTS, alerts_each)
    return [Delivery(endpoint, body(first, alerts_each), NOW, "receipt", "correlation", _CONTEXT) for first in firsts]


def microseconds(work: Callable[[], object]) -> float:
    """CPU of a piece of work over ALERTS alerts, for each of them."""
    started = time.process_time()
    work()
    return (time.process_time() - started) / ALERTS * 1_000_000


def measure(alerts_each: int) -> dict[str, float]:
    """Microseconds of CPU per alert, by step."""
    settings = Settings()
    adapter = catalog.installed()["alertmanager"]
    given = deliveries(settings, alerts_each)
    readings = [(one, adapter.read(one)) for one in given]
    sealed = [(seal(signal, "id", one), signal.key.text) for one, reading in readings for signal in reading.signals]

    async def ingest() -> None:
        memory = Remembering(settings, CollectorRegistry(), lambda: NOW).memory
        pipeline = Pipeline(memory, MemoryPublisher())
        for one in given:
            await pipeline.ingest(adapter, one)

    return {
        "read": microseconds(lambda: [adapter.read(one) for one in given]),
        "claim": microseconds(lambda: _claim(settings, readings)),
        "seal": microseconds(lambda: [seal(s, "id", one) for one, reading in readings for s in reading.signals]),
        "address": microseconds(lambda: [address(intent, key, NOW) for intent, key in sealed]),
        "all": microseconds(lambda: asyncio.run(ingest())),
    }


def _claim(settings: Settings, readings: list[tuple[Delivery, Reading]]) -> None:
    memory = Remembering(settings, CollectorRegistry(), lambda: NOW).memory
    for one, reading in readings:
        memory.claim(reading.signals, NOW, one.endpoint.dedup_window)


def main() -> None:
    """Print the table."""
    print(f"microseconds of CPU per alert, {ALERTS} alerts, none seen before\n")
    print(f"{'alerts a body':>14} {'read':>8} {'claim':>8} {'seal':>8} {'address':>8} {'all':>8}")
    for alerts_each in (1, 10, 100):
        row = measure(alerts_each)
        print(f"{alerts_each:>14} " + " ".join(f"{value:8.1f}" for value in row.values()))


if __name__ == "__main__":
    main()
