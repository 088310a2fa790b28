"""A room is pure: the same delivery gives the same bytes in any process, time zone and hash order."""

import os
import subprocess
import sys

from tests.rooms.installed import ROOT

SCRIPT = """
from sre_ingest.sdk import samples
from tests.rooms.installed import rooms

for here in rooms():
    for sample in here.samples:
        golden, text = samples.outcome(here.adapter, sample)
        print(golden.name, text)
        if golden == sample.expected:
            reading = here.adapter.read(samples.delivery(here.adapter, sample.body.read_bytes()))
            for signal in reading.signals:
                print(signal.message.SerializeToString(deterministic=True).hex(), signal.key, signal.repairs)
"""


def _run(zone: str, seed: str) -> bytes:
    environment = {**os.environ, "TZ": zone, "PYTHONHASHSEED": seed}
    return subprocess.run(
        [sys.executable, "-c", SCRIPT], cwd=ROOT, env=environment, check=True, capture_output=True
    ).stdout


def test_time_zone_and_hash_order_change_nothing() -> None:
    """Two processes that differ in both print the same readings and the same serialized messages."""
    first = _run("Asia/Kathmandu", "1")

    assert first.count(b"\n") > 100
    assert first == _run("America/St_Johns", "4242")
