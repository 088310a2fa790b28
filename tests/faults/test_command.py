"""`make faults` as a tool: it teaches what it can do, and takes no name for another."""

import pytest
from typer.testing import CliRunner

from tests.faults.guarantees import app
from tests.faults.scenarios import ALL


def test_it_lists_every_scenario_with_its_promise() -> None:
    """`--list` names all and runs none."""
    told = CliRunner().invoke(app, ["--list"])
    assert told.exit_code == 0
    assert [line.split()[:2] for line in told.stdout.splitlines()] == [[one.guarantee, one.name] for one in ALL]
    assert all(one.promise in told.stdout for one in ALL)


@pytest.mark.parametrize("arguments", [["outages"], ["outage", "kil"], ["--seconds", "0"], ["--kills", "none"]])
def test_what_it_does_not_know_it_refuses(arguments: list[str]) -> None:
    """Exit status 2 before anything is started."""
    assert CliRunner().invoke(app, arguments).exit_code == 2


def test_no_two_scenarios_have_one_name() -> None:
    """A name means one of them."""
    assert len({one.name for one in ALL}) == len(ALL)
