"""Several real brokers that are one cluster, each of them broker and controller in one process."""

from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Self

from tests.parts.broker import KafkaBroker, Seat
from tests.parts.ports import free_port


class KafkaCluster:
    """A context manager; `brokers` may be stopped, killed, paused and started again one by one."""

    def __init__(self, folder: Path, size: int, settings: Mapping[str, str] | None = None) -> None:
        controls = [free_port() for _ in range(size)]
        self.brokers = [
            KafkaBroker(_made(folder / f"broker-{number}"), settings, seat=Seat(number, controls))
            for number in range(1, size + 1)
        ]

    @property
    def bootstrap_servers(self) -> str:
        """Where clients find the cluster, whichever of its brokers are up."""
        return ",".join(broker.bootstrap_servers for broker in self.brokers)

    @property
    def replicas(self) -> int:
        """How many copies of a partition there can be; three at the most."""
        return min(3, len(self.brokers))

    def start(self) -> None:
        """Start all that do not run; none serves before most of them are there, so they start together."""
        _together([broker.start for broker in self.brokers if not broker.running])

    def stop(self) -> None:
        """Ask all to end."""
        _together([broker.stop for broker in self.brokers])

    def kill(self) -> None:
        """End all that run, as a power cut would."""
        for broker in self.brokers:
            if broker.running:
                broker.kill()

    def replace(self) -> None:
        """Put another cluster, with nothing in it, in the place of this one, of which nothing may run."""
        for broker in self.brokers:
            broker.replace()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True)
    return folder


def _together(calls: list[Callable[[], object]]) -> None:
    with ThreadPoolExecutor(max(1, len(calls))) as pool:
        for ended in [pool.submit(call) for call in calls]:
            ended.result()
