"""The gateway itself as users run it: a process of its own with its settings in the environment."""

import json
import os
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import httpx

from tests.parts.ports import answers
from tests.parts.processes import Server, run

PREFIX = "SRE_INGEST_"
LEDGERS = ("item_ledger_imbalance", "intent_ledger_imbalance")
PROGRAM = (sys.executable, "-m", "sre_ingest")
CLIENT = httpx.Client(
    # Certificates take longer to load than all the rest of a request, and a connection kept may be to one that died.
    verify=False,  # noqa: S501  (http on loopback)
    trust_env=False,
    timeout=30,
    limits=httpx.Limits(max_keepalive_connections=0),
)


class Gateway(Server):
    """One gateway on a free loopback port whose data outlive the process.

    `settings` are environment variables without the prefix, such as `{"KAFKA__BOOTSTRAP_SERVERS": "127.0.0.1:9092"}`.
    What the developer's own environment sets is not passed on. `program` is the one of another installation.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        program: Sequence[str] = PROGRAM,
    ) -> None:
        super().__init__(folder / "gateway.log")
        self._program = program
        self._environment = {"DATA_DIR": str(folder / "data"), **(settings or {})}

    @property
    def webhook(self) -> str:
        """Where Alertmanager delivers."""
        return f"{self.url}/webhooks/alertmanager"

    def start(self) -> None:
        """Start it and wait until it serves, ready or not."""
        self._launch(self.line("serve", "--port", str(self.port)), lambda: answers(self.port, "/healthz"))

    def stop(self) -> int:
        """See whether its books balance, and ask it to end; its exit status."""
        if self.running:
            self.check_books()
        return super().stop()

    def check_books(self, within: float = 20.0) -> None:
        """Both equations of the ledger hold, as soon as what is under way has settled; AssertionError if not.

        Nothing is asked of a gateway that does not answer: that is its test's business.
        """
        deadline = time.monotonic() + within
        while (wrong := self._imbalances()) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert not wrong, f"the books do not balance: {wrong}"

    def _imbalances(self) -> list[str]:
        try:
            told = CLIENT.get(f"{self.url}/metrics", timeout=5).text.splitlines()
        except httpx.TransportError:
            return []
        return [name for name in LEDGERS if f"sre_ingest_{name} 0.0" not in told]

    def wait_until_ready(self, within: float = 30.0) -> None:
        """Return once /readyz answers 200; PartFailedError after `within` seconds."""
        self.process.wait_until(lambda: answers(self.port, "/readyz"), within)

    def deliver(self, body: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Post one body to Alertmanager's webhook."""
        return self.post("/webhooks/alertmanager", body, headers)

    def post(self, path: str, body: object, headers: Mapping[str, str] | None = None) -> httpx.Response:
        """Post one body as JSON to any path."""
        return CLIENT.post(self.url + path, json=body, headers=dict(headers or {}))

    def tail(self, *arguments: str) -> list[dict[str, Any]]:
        """What `sre-ingest tail --from-beginning` prints, decoded; it fails if a record is invalid."""
        printed = run(self.line("tail", "--from-beginning", "--validate", *arguments))
        return [json.loads(line) for line in printed.splitlines()]

    def command(self, *arguments: str) -> str:
        """Run another command of `sre-ingest` with the same settings; what it printed."""
        return run(self.line(*arguments))

    def line(self, *arguments: str) -> list[str]:
        """The line that runs a command with the same settings."""
        foreign = [f"--unset={name}" for name in os.environ if name.startswith(PREFIX)]
        ours = [f"{PREFIX}{name}={value}" for name, value in self._environment.items()]
        return ["env", *foreign, *ours, *self._program, *arguments]
