"""A page of the documentation, followed to the letter: its files written, its changes made, its commands run."""

import os
import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.parts.ports import answers, free_port
from tests.parts.processes import Process

_BLOCK = re.compile(r"^```(\w+) ?(\S*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_PORT = "127.0.0.1:8080"


@dataclass(frozen=True, slots=True)
class Block:
    """One fenced block: its language, the word behind it, and its text."""

    language: str
    word: str
    text: str


def blocks(page: Path) -> Iterator[Block]:
    """The fenced blocks of a page, in order."""
    for found in _BLOCK.finditer(page.read_text(encoding="utf-8")):
        yield Block(*found.groups())


@dataclass
class Walk:
    """Somebody who follows a page in a folder: `console` is run and must succeed (`console fails`: must not), `text` is
    what it printed, `console serve` runs until the next, `diff` is a change, and `json NAME` is a file.
    """

    folder: Path
    environment: dict[str, str]
    port: int = field(default_factory=free_port)
    printed: str = ""
    server: Process | None = None

    def follow(self, page: Path) -> None:
        """Follow every block; AssertionError at the first that does not do what the page says."""
        try:
            for block in blocks(page):
                self._step(block)
        finally:
            self._stop()

    def _step(self, block: Block) -> None:
        match block.language, block.word:
            case "console", "serve":
                self._serve(block.text.strip())
            case "console", word:
                self.printed = self._run(block.text, fails=word == "fails")
            case "text", "":
                missing = [line for line in block.text.splitlines() if line not in self._said()]
                assert missing == [], self.printed
            case "diff", "":
                self._run(f"git apply -p0 <<'END'\n{block.text}END\n", fails=False)
            case _, word:
                assert word, f"nobody knows what to do with a block of {block.language}"
                (self.folder / word).write_text(block.text, encoding="utf-8")

    def _said(self) -> str:
        # Records are printed with and without spaces between their members.
        return self.printed + self.printed.replace('": ', '":').replace(', "', ',"')

    def _run(self, script: str, *, fails: bool) -> str:
        done = subprocess.run(
            ["sh", "-e", "-c", script.replace(_PORT, f"127.0.0.1:{self.port}")],
            cwd=self.folder,
            env=self.environment | {"SRE_INGEST_HTTP__PORT": str(self.port)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=100,
        )
        assert (done.returncode != 0) is fails, f"{script}\n{done.stdout}{done.stderr}"
        return done.stdout

    def _serve(self, command: str) -> None:
        self._stop()
        variables = {**self.environment, "SRE_INGEST_HTTP__PORT": str(self.port)}
        settings = [f"{name}={value}" for name, value in variables.items()]
        shell = ["env", "-i", "-C", str(self.folder), *settings, "sh", "-c", f"exec env {command}"]
        started = Process(shell, self.folder / "gateway.log")
        started.wait_until(lambda: answers(self.port, "/healthz"))
        self.server = started

    def _stop(self) -> None:
        if self.server is not None:
            assert self.server.stop() == 0
        self.server = None


def environment(binaries: Path, **more: str) -> dict[str, str]:
    """That of the tests with other programs first, without settings of the gateway."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SRE_INGEST_")}
    return {**kept, "PATH": f"{binaries}:{kept['PATH']}", **more}
