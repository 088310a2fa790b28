"""A real Apache Kafka broker: one node in KRaft mode, plain text, on loopback."""

import base64
import shutil
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.parts.ports import accepts, free_port
from tests.parts.processes import MissingPartError, Server, program, run

LIBRARIES = Path(__file__).parents[2] / "build" / "kafka" / "libs"

# Sixteen bytes, as Kafka wants. Fixed, because a random one that begins with "-" would be read as an option.
_CLUSTER_ID, _OTHER_CLUSTER_ID = (
    base64.urlsafe_b64encode(name).rstrip(b"=").decode() for name in (b"sre-ingest-tests", b"sre-ingest-other")
)

_SETTINGS = {
    "process.roles": "broker,controller",
    "controller.listener.names": "CONTROLLER",
    "auto.create.topics.enable": "false",  # a topic that nobody created must show
    "group.initial.rebalance.delay.ms": "0",
    "offsets.topic.replication.factor": "1",
    "offsets.topic.num.partitions": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "transaction.state.log.num.partitions": "1",
}


@dataclass(frozen=True, slots=True)
class Seat:
    """The place of a broker among the voters of its cluster, each with a port for what they say to each other."""

    number: int
    controls: Sequence[int]

    @property
    def control(self) -> int:
        """Its own port."""
        return self.controls[self.number - 1]

    @property
    def voters(self) -> str:
        """All of them in Kafka's notation."""
        return ",".join(f"{number}@127.0.0.1:{port}" for number, port in enumerate(self.controls, 1))


class KafkaBroker(Server):
    """One broker whose port and data outlive the process, so that it can be killed and started again.

    `settings` are added to server.properties, over our own; without a `seat` it is alone. All methods block: from a
    coroutine whose event loop has to go on meanwhile, call them with `asyncio.to_thread`.
    """

    def __init__(
        self,
        folder: Path,
        settings: Mapping[str, str] | None = None,
        libraries: Path = LIBRARIES,
        seat: Seat | None = None,
    ) -> None:
        super().__init__(folder / "broker.log")
        self._libraries = libraries
        self._folder = folder
        self._properties = folder / "server.properties"
        self._cluster_id = _CLUSTER_ID
        self._write_properties(settings or {}, seat or Seat(1, [free_port()]))

    @property
    def bootstrap_servers(self) -> str:
        """Where clients find the broker; the same after every start."""
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        """Start the broker and wait until it serves; the data of an earlier start are kept."""
        if not (self._folder / "data" / "meta.properties").exists():
            run(
                [
                    *self._java(),
                    "kafka.tools.StorageTool",
                    "format",
                    "-t",
                    self._cluster_id,
                    "-c",
                    str(self._properties),
                ]
            )
        command = [*self._java("-Xmx768m"), "kafka.Kafka", str(self._properties)]
        self._launch(command, lambda: accepts(self.port))

    def pause(self) -> None:
        """Freeze the broker (SIGSTOP): connections still open, requests get no answer."""
        self.process.send(signal.SIGSTOP)

    def resume(self) -> None:
        """Let a paused broker go on (SIGCONT)."""
        self.process.send(signal.SIGCONT)

    def restart(self) -> None:
        """Stop the broker cleanly if it runs, and start it with the same port and data."""
        self.stop()
        self.start()

    def replace(self) -> None:
        """Put the broker of another cluster, with nothing in it, in the place of this one, which must not run."""
        shutil.rmtree(self._folder / "data")
        self._cluster_id = _OTHER_CLUSTER_ID

    def _write_properties(self, settings: Mapping[str, str], seat: Seat) -> None:
        own = {
            "node.id": str(seat.number),
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{seat.control}",
            "controller.quorum.voters": seat.voters,
            "log.dirs": str(self._folder / "data"),
        }
        lines = [f"{name}={value}\n" for name, value in {**_SETTINGS, **own, **settings}.items()]
        self._properties.write_text("".join(lines))

    def _java(self, *options: str) -> list[str]:
        if not any(self._libraries.glob("kafka_*.jar")):
            raise MissingPartError(
                f"Kafka's jars are not in {self._libraries}, and the tests start a real broker: run `make parts`"
            )
        # The quick compiler and the plain collector: a broker of seconds gains nothing from the better ones.
        frugal = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-Dorg.slf4j.simpleLogger.showDateTime=true")
        return [program("java"), *frugal, *options, "-cp", f"{self._libraries}/*"]
