"""The guarantees in short: what of `make faults` takes a few seconds, on one broker.

The rest needs its length, or three brokers. What is not here and short lies beside it: rows and pages damaged (G7) in
`test_damage`, records that Kafka finds too large (G19) in `test_kafka_down`, a topic that is made again in
`test_follower`; the books (G17) are checked by all.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

from tests.conftest import QUICK_RETURN
from tests.faults.checker.row import NotRunError
from tests.faults.checker.trial import Ground
from tests.faults.scenarios import (
    ALL,
    Run,
    boots,
    disk,
    fleet,
    outages,
    permissions,
    poison,
    process,
    spools,
)
from tests.parts.cluster import KafkaCluster

SHARED: tuple[Run, ...] = (
    process.soak,
    process.kill,
    disk.sync_first,
    disk.sync_errors,
    disk.full,
    fleet.pair,
    fleet.rolling,
    spools.upgrade,
    boots.without_topic,
    poison.invalid_record,
    permissions.forbidden,
)
"""Those that leave the brokers alone."""


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[KafkaCluster]:
    """One broker to be broken."""
    with KafkaCluster(tmp_path / "cluster", 1, QUICK_RETURN) as cluster:
        yield cluster


@pytest.mark.parametrize("run", SHARED, ids=lambda one: one.__name__)
async def test_guarantee(run: Run, kafka: str, tmp_path: Path) -> None:
    """The scenario finds no promise broken; where the machine does not permit the fault, it is skipped and says so."""
    await hold(run, Ground(tmp_path, kafka, seconds=1.0, seed=1, senders=3))


@pytest.mark.parametrize(
    "runs",
    [(outages.freeze, outages.doubt), (outages.outage,)],
    ids=["frozen", "gone"],
)
async def test_brokers_that_do_not_answer(runs: Sequence[Run], cluster: KafkaCluster, tmp_path: Path) -> None:
    """The broker under SIGSTOP (G5, G8), and killed (G4)."""
    for run in runs:
        folder = tmp_path / run.__name__
        folder.mkdir()
        await hold(run, Ground(folder, cluster.bootstrap_servers, seconds=1.5, seed=1, senders=3, own=cluster))


async def hold(run: Run, ground: Ground) -> None:
    """Fail if the scenario finds a promise broken."""
    try:
        row = await run(ground)
    except NotRunError as error:
        pytest.skip(f"not run: {error}")
    assert row.broken == []
    assert row.verdict.acknowledged > 0


def test_every_short_scenario_is_one_of_the_long_ones() -> None:
    """Nothing is promised here that the table does not show."""
    assert set(SHARED) <= {scenario.run for scenario in ALL}
