"""`make faults`: every scenario at length on three brokers, ending with the table of guarantees.

`FAULTS_SECONDS` (30) is how long each goes on, `FAULTS_SEED` (1) decides what is sent and when faults happen,
`FAULTS_BROKERS` (3) how many there are. Names of scenarios as arguments run those alone, and write no page.
"""

import asyncio
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.conftest import QUICK_RETURN
from tests.faults.checker import report
from tests.faults.checker.report import Line
from tests.faults.checker.row import NotRunError
from tests.faults.checker.trial import Ground
from tests.faults.scenarios import ALL, Scenario, network
from tests.parts.cluster import KafkaCluster

PAGE = Path(__file__).parents[2] / "docs" / "guarantees.md"
SECONDS = float(os.environ.get("FAULTS_SECONDS", "30"))
SEED = int(os.environ.get("FAULTS_SEED", "1"))
BROKERS = int(os.environ.get("FAULTS_BROKERS", "3"))
COMMAND = f"FAULTS_SECONDS={SECONDS:g} FAULTS_SEED={SEED} FAULTS_BROKERS={BROKERS} make faults"


def main(names: Sequence[str]) -> int:
    """Run them, print the table, write the page; 1 if a promise is broken."""
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    print(f"{COMMAND}: everything that is logged lies in {folder}", flush=True)
    chosen = [one for one in ALL if not names or one.name in names]
    with KafkaCluster(folder / "cluster", BROKERS, QUICK_RETURN) as cluster:
        lines = [_line(one, cluster, folder) for one in chosen]
    print(report.table(lines))
    if not names:
        PAGE.write_text(report.page(lines, brokers=BROKERS, command=COMMAND))
    return 0 if all(line.sound for line in lines) else 1


def _line(scenario: Scenario, cluster: KafkaCluster, folder: Path) -> Line:
    own = folder / scenario.name
    own.mkdir()
    cluster.start()
    line = _run(scenario, Ground(own, cluster.bootstrap_servers, SECONDS, SEED, own=cluster))
    print(f"{line.guarantee} {line.name}: {_word(line)}", flush=True)
    return line


def _run(scenario: Scenario, ground: Ground) -> Line:
    about = (scenario.guarantee, scenario.name, scenario.promise)
    try:
        return Line(*about, asyncio.run(scenario.run(ground)))
    except NotRunError as error:
        return Line(*about, None, f"not run: {error}")
    except Exception as error:  # one that fails to run must not hide what the others find
        return Line(*about, None, f"FAILED: {type(error).__name__}: {str(error).splitlines()[0]}")


def _word(line: Line) -> str:
    if line.row is None:
        return line.why
    return "; ".join(line.row.broken) or f"sound ({line.row.verdict.acknowledged} items, {line.row.faults} faults)"


if __name__ == "__main__":
    network.enter([sys.executable, "-m", "tests.faults.guarantees", *sys.argv[1:]])
    sys.exit(main(sys.argv[1:]))
