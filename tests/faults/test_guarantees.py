"""The guarantees in short: every scenario of `make faults` for a second or two, on one broker."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import QUICK_RETURN
from tests.faults.checker.row import NotRunError
from tests.faults.checker.trial import Ground
from tests.faults.scenarios import ALL, Scenario
from tests.parts.cluster import KafkaCluster


@pytest.fixture(scope="session")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaCluster]:
    """One broker that every scenario of this run (of this xdist worker) breaks and leaves whole."""
    with KafkaCluster(tmp_path_factory.mktemp("cluster"), 1, QUICK_RETURN) as cluster:
        yield cluster


@pytest.mark.parametrize("scenario", ALL, ids=lambda one: one.name)
async def test_guarantee(scenario: Scenario, cluster: KafkaCluster, tmp_path: Path) -> None:
    """The scenario finds no promise broken; where the machine does not permit the fault, it is skipped and says so."""
    try:
        row = await scenario.run(Ground(tmp_path, cluster, seconds=1.5, seed=1))
    except NotRunError as error:
        pytest.skip(f"not run: {error}")
    assert row.broken == []
    assert row.verdict.acknowledged > 0
