"""Programs that the tests start: awaited within a bound, stopped by their pid, their output kept in a file."""

import shutil
import signal
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Self

from tests.parts.ports import free_port


class MissingPartError(Exception):
    """A program or file that the tests need is not installed; the text names the remedy."""


class PartFailedError(Exception):
    """A part ended, or did not do in time what it had to; the text ends with its last output."""


def program(*names: str) -> str:
    """The path of the first of these programs that is installed; MissingPartError when none is."""
    for name in names:
        if found := shutil.which(name):
            return found
    raise MissingPartError(
        f"{' or '.join(names)} is not installed, and the tests do not run without it: run `make parts`"
    )


def run(command: Sequence[str], within: float = 60.0) -> str:
    """Run a program to its end and return what it printed; PartFailedError when it fails or takes longer (seconds)."""
    try:
        done = subprocess.run(
            command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=within,
            text=True,
            errors="replace",
        )
    except subprocess.TimeoutExpired as late:
        raise PartFailedError(f"{command[0]} did not end within {within:g} s") from late
    if done.returncode != 0:
        raise PartFailedError(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout[-4000:]}")
    return done.stdout


class Process:
    """One program, started at once in a session of its own, so that Ctrl-C reaches the tests and not the program.

    Both its outputs are appended to `log`. Whoever starts one ends it, by `stop` or `kill`; when the test run itself
    is killed, so is the program.
    """

    def __init__(self, command: Sequence[str], log: Path) -> None:
        self.command = tuple(command)
        self.log = log
        with log.open("ab") as output:
            self._popen = subprocess.Popen(
                self.command,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self._guard = _guard(self._popen.pid)

    @property
    def pid(self) -> int:
        """The process id; no longer ours once the program has ended."""
        return self._popen.pid

    @property
    def running(self) -> bool:
        """Whether the program has not ended; a paused one is running."""
        return self._popen.poll() is None

    def wait_until(self, ready: Callable[[], bool], within: float = 60.0) -> None:
        """Return once `ready` holds; PartFailedError when the program ends first, or after `within` seconds.

        In the second case the program is killed: one that did not start in time is of no use.
        """
        deadline = time.monotonic() + within
        while self.running and time.monotonic() < deadline:
            if ready():
                return
            time.sleep(0.05)
        why = f"was not ready within {within:g} s" if self.running else f"ended with {self._popen.returncode}"
        self.kill()
        raise PartFailedError(f"{self.command[0]} {why}; the end of {self.log}:\n{self.output()}")

    def send(self, number: signal.Signals) -> None:
        """Send a signal; does nothing when the program has ended."""
        self._popen.send_signal(number)

    def stop(self, within: float = 20.0) -> int:
        """Ask the program to end (SIGTERM), kill it after `within` seconds; its exit status, -9 if it was killed."""
        self.send(signal.SIGTERM)
        self.send(signal.SIGCONT)  # a paused program would never see the first
        return self.wait(within)

    def wait(self, within: float) -> int:
        """Its exit status once it has ended by itself; it is killed after `within` seconds, and that is -9."""
        try:
            status = self._popen.wait(within)
        except subprocess.TimeoutExpired:
            return self.kill()
        self._dismiss_guard()
        return status

    def kill(self) -> int:
        """End the program without asking (SIGKILL); its exit status. When this returns it is gone."""
        self.send(signal.SIGKILL)
        status = self._popen.wait()
        self._dismiss_guard()
        return status

    def output(self, last: int = 4_000) -> str:
        """The end of what the program printed, at most `last` bytes."""
        return self.log.read_bytes()[-last:].decode(errors="replace")

    def _dismiss_guard(self) -> None:
        if self._guard.poll() is None:
            self._guard.communicate(b"ended\n")


class Server(ABC):
    """A program that answers on a free loopback port, which outlives it; a context manager. `start` is the heir's."""

    def __init__(self, log: Path) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = log
        self._process: Process | None = None

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.running

    @property
    def process(self) -> Process:
        """The process; RuntimeError while there is none."""
        if self._process is None:
            raise RuntimeError("it is not running: start it first")
        return self._process

    @abstractmethod
    def start(self) -> None:
        """Start it and wait until it serves."""

    def stop(self) -> int:
        """Ask it to end; its exit status, 0 when it is down."""
        status = 0 if self._process is None else self._process.stop()
        self._process = None
        return status

    def kill(self) -> None:
        """End it as a power cut would (SIGKILL); when this returns its port is closed."""
        self.process.kill()
        self._process = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def _launch(self, command: Sequence[str], ready: Callable[[], bool]) -> None:
        if self._process is not None:
            raise RuntimeError("it was started already: stop or kill it first")
        process = Process(command, self.log)
        process.wait_until(ready)
        self._process = process


def _guard(pid: int) -> subprocess.Popen[bytes]:
    """A watcher that kills `pid` when we are gone: our end of its pipe closes without a line, however we ended."""
    command = ("sh", "-c", 'read -r line || kill -9 "$1"', "guard", str(pid))
    return subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, start_new_session=True)
