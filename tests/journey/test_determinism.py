"""Same delivery, same bytes: on every machine, for ever."""

import os
import subprocess
import sys
from pathlib import Path

from tests.goldens import ROOT, assert_golden

GOLDEN = Path(__file__).parent / "records.golden.txt"


def golden_run(zone: str, seed: str) -> str:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SRE_INGEST_")}
    environment |= {"TZ": zone, "PYTHONHASHSEED": seed}
    command = [sys.executable, "-m", "tests.journey.golden_run"]
    return subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True).stdout


def test_time_zone_and_hash_seed_change_no_byte() -> None:
    """Two runs in different time zones and with different hash seeds make the same records, and so did the last one.

    A message id that changes here would come as a second alert to everybody who updates the gateway.
    """
    first, second = golden_run("Pacific/Kiritimati", "1"), golden_run("America/St_Johns", "4711")
    assert first == second
    assert_golden(GOLDEN, first)
