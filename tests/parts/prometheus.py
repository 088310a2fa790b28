"""A real Prometheus that scrapes one target."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.parts.ports import answers, get
from tests.parts.processes import PartFailedError, Server, program


@dataclass(frozen=True, slots=True)
class Sample:
    """One line of the answer to an instant query; the metric's name is the label `__name__`."""

    labels: Mapping[str, str]
    value: float


class Prometheus(Server):
    """One Prometheus on a free loopback port that scrapes `target` ("127.0.0.1:8080") as job "target".

    `extra` adds top-level keys to its configuration, such as `rule_files` and `alerting`, and `flags` what only the
    command line can say, such as `--rules.alert.resend-delay=1s`. Durations are in its own notation.
    """

    def __init__(
        self,
        folder: Path,
        target: str,
        *,
        metrics_path: str = "/metrics",
        interval: str = "1s",
        extra: Mapping[str, object] | None = None,
        flags: Sequence[str] = (),
    ) -> None:
        super().__init__(folder / "prometheus.log")
        self._folder = folder
        self._flags = flags
        scrape = {"job_name": "target", "metrics_path": metrics_path, "static_configs": [{"targets": [target]}]}
        pace = {"scrape_interval": interval, "scrape_timeout": interval, "evaluation_interval": interval}
        self._config.write_text(json.dumps({"global": pace, "scrape_configs": [scrape], **(extra or {})}))

    @property
    def _config(self) -> Path:
        return self._folder / "prometheus.yml"

    def start(self) -> None:
        """Start it and wait until it answers queries; the first scrape comes 5 s later, whatever the interval."""
        command = [
            program("prometheus"),
            f"--config.file={self._config}",
            f"--storage.tsdb.path={self._folder / 'prometheus'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            *self._flags,
        ]
        self._launch(command, lambda: answers(self.port, "/-/ready"))

    def is_up(self) -> bool:
        """Whether the last scrape of the target succeeded; false before the first."""
        targets = self._ask("/api/v1/targets?state=active")["activeTargets"]
        return [target["health"] for target in targets] == ["up"]

    def scrape_error(self) -> str:
        """Why the last scrape of the target failed, in Prometheus's words; empty when it did not."""
        return "".join(target["lastError"] for target in self._ask("/api/v1/targets?state=active")["activeTargets"])

    def query(self, expression: str) -> list[Sample]:
        """The answer to an instant query that yields a vector, now; PartFailedError when the expression is wrong."""
        result = self._ask("/api/v1/query?" + urlencode({"query": expression}))["result"]
        return [Sample(one["metric"], float(one["value"][1])) for one in result]

    def _ask(self, path: str) -> Any:
        status, body = get(self.port, path)
        if status != 200:
            raise PartFailedError(f"Prometheus answered {status} to {path}: {body.decode(errors='replace')}")
        return json.loads(body)["data"]
