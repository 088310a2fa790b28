"""What Prometheus makes of /metrics."""

import subprocess
from functools import partial
from pathlib import Path

from tests.journey.alerts import alert, group
from tests.parts.gateway import Gateway
from tests.parts.ports import get
from tests.parts.processes import program
from tests.parts.prometheus import Prometheus


def test_promtool_has_nothing_to_say(tmp_path: Path) -> None:
    """`promtool check metrics` accepts the exposition without a single warning, after good and bad deliveries."""
    with Gateway(tmp_path) as gateway:
        gateway.deliver(group(alert(), alert() | {"labels": {}}))
        gateway.deliver({})
        _, exposition = get(gateway.port, "/metrics")
    checked = subprocess.run(
        [program("promtool"), "check", "metrics"], input=exposition, capture_output=True, timeout=60
    )
    assert (checked.returncode, checked.stdout, checked.stderr) == (0, b"", b"")


def test_a_real_prometheus_scrapes_it(tmp_path: Path) -> None:
    """The target is up, and a query returns what was counted."""
    with Gateway(tmp_path) as gateway:
        gateway.deliver(group(alert(), alert(instance="db-2")))
        with Prometheus(tmp_path, f"127.0.0.1:{gateway.port}") as prometheus:
            prometheus.process.wait_until(prometheus.is_up, 60)
            assert not prometheus.scrape_error()
            accepted = partial(prometheus.query, 'sre_ingest_intents_total{outcome="accepted"} > 0')
            # A target is up a moment before what was scraped of it can be asked for.
            prometheus.process.wait_until(lambda: bool(accepted()))
            (sample,) = accepted()
    assert sample.value == 2
    assert sample.labels["source"] == "alertmanager"
