"""What the gateway says once it listens."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.parts.gateway import Gateway
from tests.parts.ports import answers, free_port
from tests.parts.processes import PartFailedError


class ChosenPort(Gateway):
    """A gateway that is told to listen on a port, or on any that is free, and is asked at the one that it names."""

    def __init__(self, folder: Path, port: int) -> None:
        super().__init__(folder)
        self.given = port

    def start(self) -> None:
        """Start it and wait until it serves where it says."""
        self._launch(self.line("serve", "--port", str(self.given)), self._serves)

    def _serves(self) -> bool:
        return any(answers(port, "/healthz") for _, port in addresses(self.log))


def addresses(log: Path) -> list[tuple[str, int]]:
    """Every address in a log that is said to be listened on; a last line that is not complete is passed over."""
    whole = log.read_text(encoding="utf-8").rpartition("\n")[0].splitlines()
    events = [json.loads(line) for line in whole]
    return [(event["host"], event["port"]) for event in events if event["event"] == "listening"]


@pytest.mark.parametrize("choose", [free_port, lambda: 0], ids=["told", "any"])
def test_a_start_says_once_where_it_listens(tmp_path: Path, choose: Callable[[], int]) -> None:
    """Host and port as they are, also where the system chose the port."""
    port = choose()
    with ChosenPort(tmp_path, port) as gateway:
        [(host, told)] = addresses(gateway.log)
    assert host == "127.0.0.1"
    assert told == port or (port == 0 and told > 0)


def test_a_start_that_fails_does_not_say_so(tmp_path: Path) -> None:
    """The line comes after everything that can end a start."""
    (tmp_path / "data").write_text("no folder")
    gateway = Gateway(tmp_path)
    with pytest.raises(PartFailedError, match="is not a directory"):
        gateway.start()
    assert "listening" not in gateway.log.read_text(encoding="utf-8")
