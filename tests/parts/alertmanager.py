"""A real Alertmanager that sends every alert to one webhook, and the real amtool to fire alerts at it."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from tests.parts.ports import answers, get
from tests.parts.processes import Server, program, run

Labels = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Gossip:
    """How a member of a pair finds the other: by two ports of the loopback address.

    The second of them waits for `patience` before it sends, and then sends only what the first did not.
    """

    port: int
    peer: int
    patience: str = "1s"

    @property
    def flags(self) -> list[str]:
        """What tells it to an Alertmanager; gossip is quick, so that the pair has settled within a second or two."""
        return [
            f"--cluster.listen-address=127.0.0.1:{self.port}",
            f"--cluster.peer=127.0.0.1:{self.peer}",
            f"--cluster.peer-timeout={self.patience}",
            "--cluster.gossip-interval=20ms",
            "--cluster.pushpull-interval=500ms",
            "--cluster.settle-timeout=5s",
        ]


ALONE = ("--cluster.listen-address=",)


class Alertmanager(Server):
    """One Alertmanager on a free loopback port, alone unless it gossips, with resolved alerts sent as well.

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
        gossip: Gossip | None = None,
    ) -> None:
        super().__init__(folder / "alertmanager.log")
        self._folder = folder
        self._cluster = ALONE if gossip is None else gossip.flags
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
            *self._cluster,
            "--log.level=debug",
        ]
        self._launch(command, lambda: answers(self.port, "/-/ready"))

    def metric(self, name: str) -> float:
        """The value of one of its metrics that has no labels; 0 while it is not there."""
        found = re.search(rf"^alertmanager_{name} (\S+)$", get(self.port, "/metrics")[1].decode(), re.MULTILINE)
        return float(found[1]) if found else 0.0

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
