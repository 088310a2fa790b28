"""`make faults`: every scenario at length on real brokers, ending with the table of guarantees; `--help` tells more."""

import asyncio
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from tests.conftest import QUICK_RETURN
from tests.faults.checker import report
from tests.faults.checker.report import Line
from tests.faults.checker.row import NotRunError
from tests.faults.checker.trial import Ground
from tests.faults.scenarios import ALL, Scenario, network
from tests.parts.cluster import KafkaCluster

PAGE = Path(__file__).parents[2] / "docs" / "guarantees.md"

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@dataclass(frozen=True, slots=True)
class Plan:
    """How much to do."""

    seconds: float
    seed: int
    brokers: int
    kills: int

    @property
    def command(self) -> str:
        """The line that does it again."""
        return (
            f"make faults FAULTS_SECONDS={self.seconds:g} FAULTS_KILLS={self.kills} "
            f"FAULTS_SEED={self.seed} FAULTS_BROKERS={self.brokers}"
        )


def _list(wanted: bool) -> None:
    if wanted:
        for one in ALL:
            print(f"{one.guarantee:4}{one.name:16}{one.promise}")
        raise typer.Exit


def _known(names: list[str]) -> list[str]:
    known = {one.name for one in ALL}
    if unknown := [name for name in names if name not in known]:
        raise typer.BadParameter(f"there is no scenario {', '.join(unknown)}: --list names them all")
    return names


@app.command()
def main(
    names: Annotated[list[str], typer.Argument(help="Scenarios to run; all without any.", callback=_known)] = [],  # noqa: B006
    seconds: Annotated[
        float, typer.Option(envvar="FAULTS_SECONDS", min=1.0, help="How long each scenario goes on, about.")
    ] = 30.0,
    kills: Annotated[int, typer.Option(envvar="FAULTS_KILLS", min=1, help="How often `kill` kills the gateway.")] = 100,
    seed: Annotated[int, typer.Option(envvar="FAULTS_SEED", help="Decides what is sent, and when faults happen.")] = 1,
    brokers: Annotated[int, typer.Option(envvar="FAULTS_BROKERS", min=1, help="Brokers of the cluster.")] = 3,
    page: Annotated[
        Path, typer.Option(show_default="docs/guarantees.md", help="Where the page goes, when all run, and only then.")
    ] = PAGE,
    _: Annotated[bool, typer.Option("--list", callback=_list, is_eager=True, help="Name the scenarios.")] = False,
) -> None:
    """Break everything around the gateway, and say which guarantees held.

    Real brokers, a real gateway, unique alerts; every answer is compared with what is on the topic. Progress goes to
    stderr, the table to stdout. Exit status 1 if a promise is broken.
    """
    network.enter([sys.executable, "-m", "tests.faults.guarantees", *sys.argv[1:]])
    plan = Plan(seconds, seed, brokers, kills)
    lines = _run_all([one for one in ALL if not names or one.name in names], plan)
    print(report.table(lines))
    if not names:
        page.write_text(report.page(lines, brokers=brokers, command=plan.command))
    raise typer.Exit(0 if all(line.sound for line in lines) else 1)


def _run_all(chosen: list[Scenario], plan: Plan) -> list[Line]:
    folder = Path(tempfile.mkdtemp(prefix="faults-"))
    _tell(f"{plan.command}: everything that is logged lies in {folder}")
    began = time.monotonic()
    lines = []
    with KafkaCluster(folder / "cluster", plan.brokers, QUICK_RETURN) as cluster:
        for number, scenario in enumerate(chosen, 1):
            place = f"[{number}/{len(chosen)}] {scenario.guarantee} {scenario.name}"
            _tell(f"{place} ...")
            own = folder / scenario.name
            own.mkdir()
            cluster.start()
            start = time.monotonic()
            ground = Ground(own, cluster.bootstrap_servers, plan.seconds, plan.seed, kills=plan.kills, own=cluster)
            lines.append(_run(scenario, ground))
            now = time.monotonic()
            _tell(f"{place}: {_word(lines[-1])}; {now - start:.0f} s, {now - began:.0f} s in all")
    return lines


def _run(scenario: Scenario, ground: Ground) -> Line:
    about = (scenario.guarantee, scenario.name, scenario.promise)
    try:
        return Line(*about, asyncio.run(scenario.run(ground)))
    except NotRunError as error:
        return Line(*about, None, f"not run: {error}")
    except Exception as error:  # one that fails to run must not hide what the others find
        return Line(*about, None, f"FAILED: {_told(error)}")


def _told(error: BaseException) -> str:
    """What went wrong first, in a line."""
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"


def _word(line: Line) -> str:
    if line.row is None:
        return line.why
    return "; ".join(line.row.broken) or f"sound ({line.row.verdict.acknowledged} items, {line.row.faults} faults)"


def _tell(what: str) -> None:
    print(what, file=sys.stderr, flush=True)


if __name__ == "__main__":
    app()
