"""A real Alertmanager that sends every alert to one webhook, and the real amtool to fire alerts at it."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

from tests.parts.ports import answers
from tests.parts.processes import Server, program, run

Labels = Mapping[str, str]


class Alertmanager(Server):
    """One Alertmanager on a free loopback port, alone (no clustering), with resolved alerts sent as well.

    Durations are in its own notation ("200ms", "5s", "4h"). The default `group_by` makes a group of each alertname.
    """

    def __init__(
        self,
        folder: Path,
        webhook_url: str,
        *,
        group_wait: str = "50ms",
        group_interval: str = "500ms",
        repeat_interval: str = "1h",
        group_by: Sequence[str] = ("alertname",),
        bearer_token: str | None = None,
    ) -> None:
        super().__init__(folder / "alertmanager.log")
        self._folder = folder
        route = {
            "receiver": "gateway",
            "group_by": list(group_by),
            "group_wait": group_wait,
            "group_interval": group_interval,
            "repeat_interval": repeat_interval,
        }
        receiver = {"name": "gateway", "webhook_configs": [_webhook(webhook_url, bearer_token)]}
        # JSON is YAML, and needs no thought about quoting.
        self._config.write_text(json.dumps({"route": route, "receivers": [receiver]}))

    @property
    def _config(self) -> Path:
        return self._folder / "alertmanager.yml"

    def start(self) -> None:
        """Start it and wait until it takes alerts."""
        command = [
            program("prometheus-alertmanager", "alertmanager"),
            f"--config.file={self._config}",
            f"--storage.path={self._folder / 'alertmanager'}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--cluster.listen-address=",
            "--log.level=debug",
        ]
        self._launch(command, lambda: answers(self.port, "/-/ready"))

    def fire(
        self,
        labels: Labels,
        annotations: Labels | None = None,
        starts_at: datetime | None = None,
        ends_at: datetime | None = None,
    ) -> None:
        """Raise one alert with `amtool alert add`; it starts now, and ends after 5 minutes, unless said otherwise.

        Times must be aware. PartFailedError, with amtool's words, when Alertmanager refuses the alert.
        """
        times = {"start": starts_at, "end": ends_at}
        flags = [f"--{flag}={time.isoformat()}" for flag, time in times.items() if time is not None]
        flags += [f"--annotation={pair}" for pair in _pairs(annotations or {})]
        run([program("amtool"), f"--alertmanager.url={self.url}", "alert", "add", *flags, *_pairs(labels)])

    def resolve(self, labels: Labels, annotations: Labels | None = None, at: datetime | None = None) -> None:
        """End the alert with exactly these labels, now unless said otherwise; its annotations become those given."""
        self.fire(labels, annotations, ends_at=at or datetime.now(UTC))


def _webhook(url: str, bearer_token: str | None) -> dict[str, object]:
    webhook: dict[str, object] = {"url": url, "send_resolved": True}
    if bearer_token is not None:
        webhook["http_config"] = {"authorization": {"type": "Bearer", "credentials": bearer_token}}
    return webhook


def _pairs(labels: Labels) -> list[str]:
    return [f"{name}={_quoted(value)}" for name, value in labels.items()]


def _quoted(value: str) -> str:
    """The value as amtool reads it; unquoted, spaces at the ends would be lost and quotes refused."""
    return '"' + value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n") + '"'
