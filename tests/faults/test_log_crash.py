"""The embedded log through the end of its process and the errors of its disk: what was answered as stored is there."""

import asyncio
import random
import re
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sre_ingest.publishing import Outcome, Record
from sre_ingest.store.reader import Gap, read
from tests.faults.appender import record
from tests.parts.processes import Process, program
from tests.parts.strace import whole

_APPENDER = str(Path(__file__).with_name("appender.py"))
_LINE = re.compile(r"^(\d+) (\w+)$", re.MULTILINE)


def answers(output: str) -> dict[int, Outcome]:
    """What the appender was told, by record; a line cut off by the end is none."""
    return {int(number): Outcome(outcome) for number, outcome in _LINE.findall(output[: output.rfind("\n") + 1])}


def numbers(found: list[Record], size: int = 512) -> list[int]:
    """Which records these are; fails when one of them is not as it was sent."""
    got = [int(r.key) for r in found]
    assert found == [record(number, size) for number in got]
    return got


def everything(data_dir: Path) -> list[Record]:
    """All records; fails on anything that cannot be read."""

    async def found(gaps: list[Gap]) -> list[Record]:
        return [r async for r in read(data_dir, from_beginning=True, follow=False, on_gap=gaps.append)]

    gaps: list[Gap] = []
    records = asyncio.run(found(gaps))
    assert gaps == []
    return records


@pytest.mark.parametrize("seed", range(5))
def test_a_killed_gateway_has_every_record_it_answered_for(tmp_path: Path, seed: int) -> None:
    """`kill -9` under load: none is missing, none is torn, none is there twice."""
    chance = random.Random(seed)  # noqa: S311
    data_dir = tmp_path / "var"
    child = Process([sys.executable, _APPENDER, str(data_dir), "20", "1000000"], tmp_path / "answers")
    child.wait_until(lambda: child.log.stat().st_size > 2_000, within=30)
    time.sleep(chance.uniform(0.0, 0.4))
    assert child.kill() == -9
    told = answers(child.log.read_text())
    assert len(told) > 100
    assert set(told.values()) == {Outcome.STORED}
    got = numbers(everything(data_dir))
    assert len(got) == len(set(got))
    assert set(told) - set(got) == set()
    assert len(set(got) - set(told)) <= 40  # what was in hand


def test_a_killed_gateway_starts_again(tmp_path: Path) -> None:
    """The lock of a dead process is free, and the next one appends behind what is there."""
    data_dir = tmp_path / "var"
    child = Process([sys.executable, _APPENDER, str(data_dir), "5", "1000000"], tmp_path / "answers")
    child.wait_until(lambda: child.log.stat().st_size > 1_000, within=30)
    child.kill()
    before = numbers(everything(data_dir))
    done = subprocess.run([sys.executable, _APPENDER, data_dir, "1", "3"], timeout=30, check=True, capture_output=True)
    assert answers(done.stdout.decode()) == dict.fromkeys(range(3), Outcome.STORED)
    assert numbers(everything(data_dir)) == [*before, 0, 1, 2]


def traced(tmp_path: Path, options: list[str], *arguments: str) -> tuple[str, dict[int, Outcome]]:
    """Run the appender under strace to its end; the trace, and what the appender was told."""
    trace = tmp_path / "trace"
    command = [program("strace"), "-f", "-y", "-qq", "-o", str(trace), *options, sys.executable, _APPENDER]
    done = subprocess.run([*command, tmp_path / "var", *arguments], timeout=60, check=True, capture_output=True)
    return trace.read_text(), answers(done.stdout.decode())


def test_the_disk_has_answered_before_we_do(tmp_path: Path) -> None:
    """Between what is written to the write-ahead log for a record and the answer, a sync of that file has returned."""
    trace, told = traced(tmp_path, ["-e", "trace=fdatasync,fsync,pwrite64,write"], "1", "20")
    assert told == dict.fromkeys(range(20), Outcome.STORED)
    answered = 0
    written = synced = False
    for line in whole(trace):
        if "pwrite64(" in line and "-wal>" in line:
            written, synced = True, False
        elif "sync(" in line and "-wal>" in line and line.endswith("= 0"):
            synced = True
        elif "write(1<" in line and "stored" in line:
            assert written, line
            assert synced, line
            written, answered = False, answered + 1
    assert answered == 20


@pytest.mark.parametrize("after", [14, 25, 40])
def test_a_failed_sync_is_never_taken_for_a_good_one(tmp_path: Path, after: int) -> None:
    """EIO once from fdatasync: that record is answered as uncertain, the next are stored; all we promised is there."""
    inject = f"inject=fdatasync,fsync:error=EIO:when={after}"
    trace, told = traced(tmp_path, ["-e", "trace=fdatasync,fsync", "-e", inject], "1", "40")
    assert trace.count("(INJECTED)") == 1
    failed = [number for number, outcome in told.items() if outcome is not Outcome.STORED]
    assert [told[number] for number in failed] == [Outcome.UNCERTAIN]
    assert set(told) - set(numbers(everything(tmp_path / "var"))) <= set(failed)


def test_a_disk_that_goes_on_failing_stores_nothing_and_hangs_nobody(tmp_path: Path) -> None:
    """Every sync from one on fails: nothing more is answered as stored, and the program still ends by itself."""
    inject = "inject=fdatasync,fsync:error=EIO:when=20+"
    trace, told = traced(tmp_path, ["-e", "trace=fdatasync,fsync", "-e", inject], "4", "60")
    assert trace.count("(INJECTED)") > 5
    assert len(told) == 60
    stored = {number for number, outcome in told.items() if outcome is Outcome.STORED}
    assert stored
    assert stored != set(told)
    assert stored - set(numbers(everything(tmp_path / "var"))) == set()


def test_a_disk_that_fills_up_is_refused_and_not_lost(tmp_path: Path) -> None:
    """ENOSPC for a while: those records are not stored, those before and behind them are, byte by byte."""
    options = ["-e", "trace=pwrite64", "-e", "inject=pwrite64:error=ENOSPC:when=60..90"]
    trace, told = traced(tmp_path, options, "1", "60")
    assert trace.count("(INJECTED)") > 0
    stored = {number for number, outcome in told.items() if outcome is Outcome.STORED}
    assert 59 in stored
    assert stored != set(told)
    assert stored - set(numbers(everything(tmp_path / "var"))) == set()
