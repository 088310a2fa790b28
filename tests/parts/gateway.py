"""The gateway itself as users run it: a process of its own with its settings in the environment."""

import json
import os
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self

import httpx

from tests.parts.ports import answers, free_port
from tests.parts.processes import Process, run

PREFIX = "SRE_INGEST_"


class Gateway:
    """One gateway on a free loopback port whose data outlive the process.

    `settings` are environment variables without the prefix, such as `{"KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:9092"}`.
    What the developer's own environment sets is not passed on.
    """

    def __init__(self, folder: Path, settings: Mapping[str, str] | None = None) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.log = folder / "gateway.log"
        self._environment = {"DATA_DIR": str(folder / "data"), **(settings or {})}
        self._process: Process | None = None

    @property
    def webhook(self) -> str:
        """Where Alertmanager delivers."""
        return f"{self.url}/webhooks/alertmanager"

    @property
    def running(self) -> bool:
        """Whether the process lives."""
        return self._process is not None and self._process.running

    def start(self) -> None:
        """Start it and wait until it serves, ready or not."""
        process = Process(self._command("serve", "--port", str(self.port)), self.log)
        process.wait_until(lambda: answers(self.port, "/healthz"))
        self._process = process

    def wait_until_ready(self, within: float = 30.0) -> None:
        """Return once /readyz answers 200; PartFailedError after `within` seconds."""
        assert self._process is not None
        self._process.wait_until(lambda: answers(self.port, "/readyz"), within)

    def stop(self) -> int:
        """Ask it to end; its exit status."""
        status = 0 if self._process is None else self._process.stop()
        self._process = None
        return status

    def kill(self) -> None:
        """End it without asking."""
        if self._process is not None:
            self._process.kill()
            self._process = None

    def deliver(self, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Post one body to Alertmanager's webhook."""
        return httpx.post(self.webhook, json=body, headers=dict(headers or {}), timeout=30, trust_env=False)

    def tail(self, *arguments: str) -> list[dict[str, Any]]:
        """What `sre-ingest tail --from-beginning` prints, decoded."""
        printed = run(self._command("tail", "--from-beginning", *arguments))
        return [json.loads(line) for line in printed.splitlines()]

    def command(self, *arguments: str) -> str:
        """Run another command of `sre-ingest` with the same settings; what it printed."""
        return run(self._command(*arguments))

    def _command(self, *arguments: str) -> list[str]:
        foreign = [f"--unset={name}" for name in os.environ if name.startswith(PREFIX)]
        ours = [f"{PREFIX}{name}={value}" for name, value in self._environment.items()]
        return ["env", *foreign, *ours, sys.executable, "-m", "sre_ingest", *arguments]

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()
