"""The real parts do what the other tests expect of them."""

import asyncio
import json
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.errors import TopicAuthorizationFailedError

from tests.parts import acls
from tests.parts.acls import Operation, Permission
from tests.parts.alertmanager import Alertmanager
from tests.parts.broker import KafkaBroker
from tests.parts.ports import accepts, free_port
from tests.parts.processes import MissingPartError, PartFailedError, Process, program, run
from tests.parts.prometheus import Prometheus
from tests.parts.topics import consume, create_topic


class Receiver(HTTPServer):
    """Keeps what is posted to it, and answers GET with one metric."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", free_port()), Handler)
        self.posted: list[tuple[str, Any]] = []

    def alerts(self, status: str) -> list[Any]:
        """The alerts with this status that arrived so far."""
        found = [alert for _, body in self.posted for alert in body["alerts"]]
        return [alert for alert in found if alert["status"] == status]


class Handler(BaseHTTPRequestHandler):
    """Writes to its server's list; always content."""

    server: Receiver

    def do_POST(self) -> None:
        """Keep what came."""
        body = self.rfile.read(int(self.headers["content-length"]))
        self.server.posted.append((self.headers.get("authorization", ""), json.loads(body)))
        self.send_response(200)
        self.end_headers()

    def do_GET(self) -> None:
        """Show the metric."""
        self.send_response(200)
        self.send_header("content-type", "text/plain; version=0.0.4")
        self.end_headers()
        self.wfile.write(b'answer_total{to="everything"} 42\n')

    def log_request(self, code: object = "-", size: object = "-") -> None:
        """Say nothing."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
        thread.start()
        yield server
        server.shutdown()
        thread.join()


def eventually(holds: Callable[[], object], within: float = 20.0) -> None:
    """Wait until something holds; fail after `within` seconds."""
    deadline = time.monotonic() + within
    while not holds():
        assert time.monotonic() < deadline, f"did not come true within {within:g} s"
        time.sleep(0.05)


async def produce(bootstrap_servers: str, topic: str, key: bytes, value: bytes) -> None:
    async with AIOKafkaProducer(bootstrap_servers=bootstrap_servers, acks="all") as producer:
        await producer.send_and_wait(topic, value, key=key)


async def test_a_record_produced_is_consumed_again(kafka: str, topic: str) -> None:
    """What one client sends to the shared broker another reads."""
    await produce(kafka, topic, b"key", b"value")
    [record] = await consume(kafka, topic, 1)
    assert (record.key, record.value) == (b"key", b"value")


@pytest.mark.parametrize("topic", [12], indirect=True)
async def test_a_topic_has_the_partitions_asked_for(kafka: str, topic: str) -> None:
    """The number of partitions is the test's choice."""
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        assert await producer.partitions_for(topic) == set(range(12))


def test_a_test_without_a_loop_may_ask_for_a_topic(topic: str) -> None:
    """The topic is made for tests that are not coroutines, too."""
    assert topic.startswith("test-")


async def test_a_killed_broker_keeps_its_records(own_broker: KafkaBroker) -> None:
    """A broker killed and started again has the same port and the records that it acknowledged."""
    servers = own_broker.bootstrap_servers
    topic = await create_topic(servers, partitions=1)
    await produce(servers, topic, b"key", b"value")

    own_broker.kill()
    assert not accepts(own_broker.port)
    own_broker.start()

    assert own_broker.bootstrap_servers == servers
    assert [record.value for record in await consume(servers, topic, 1)] == [b"value"]


async def test_a_paused_broker_answers_when_it_goes_on(own_broker: KafkaBroker) -> None:
    """While it is paused nothing is acknowledged; what was waiting is, afterwards; and it can be stopped paused."""
    servers = own_broker.bootstrap_servers
    topic = await create_topic(servers, partitions=1)
    async with AIOKafkaProducer(bootstrap_servers=servers) as producer:
        await producer.send_and_wait(topic, b"first")
        own_broker.pause()
        waiting = await producer.send(topic, b"second")
        done, _ = await asyncio.wait([waiting], timeout=1)
        assert not done
        own_broker.resume()
        await waiting

    own_broker.pause()
    own_broker.stop()
    assert not accepts(own_broker.port)


def test_alertmanager_posts_what_amtool_fired(tmp_path: Path, receiver: Receiver) -> None:
    """An alert, and its end, arrive at the webhook as Alertmanager's version 4, every character as it was given."""
    labels = {"alertname": "DiskFull", "path": r' C:\new "disk", {é} = 1% '}
    annotations = {"summary": "two\nlines, and a 'quote'"}
    started = datetime(2024, 5, 6, 7, 8, 9, tzinfo=UTC)
    url = f"http://127.0.0.1:{receiver.server_port}/hook"
    with Alertmanager(tmp_path, url, bearer_token="let me in") as alertmanager:
        alertmanager.fire(labels, annotations, starts_at=started)
        eventually(lambda: receiver.alerts("firing"))
        alertmanager.resolve(labels, annotations)
        eventually(lambda: receiver.alerts("resolved"))

    authorization, body = receiver.posted[0]
    assert (authorization, body["version"], body["status"]) == ("Bearer let me in", "4", "firing")
    [fired], [ended] = receiver.alerts("firing"), receiver.alerts("resolved")
    assert (fired["labels"], fired["annotations"]) == (labels, annotations)
    assert datetime.fromisoformat(fired["startsAt"]) == datetime.fromisoformat(ended["startsAt"]) == started
    assert ended["fingerprint"] == fired["fingerprint"]


def test_alertmanager_refuses_an_alert_that_ends_before_it_starts(tmp_path: Path) -> None:
    """A refusal fails the test that fired, with amtool's words."""
    with Alertmanager(tmp_path, "http://127.0.0.1:1/") as alertmanager, pytest.raises(PartFailedError, match="amtool"):
        alertmanager.fire(
            {"alertname": "A"}, starts_at=datetime(2024, 1, 2, tzinfo=UTC), ends_at=datetime(2024, 1, 1, tzinfo=UTC)
        )


def test_prometheus_scrapes_its_target(tmp_path: Path, receiver: Receiver) -> None:
    """What the target shows can be queried."""
    with Prometheus(tmp_path, f"127.0.0.1:{receiver.server_port}") as prometheus:
        eventually(prometheus.is_up)
        assert prometheus.scrape_error() == ""
        [sample] = prometheus.query('answer_total{job="target"}')
        assert (sample.labels["to"], sample.value) == ("everything", 42.0)
        with pytest.raises(PartFailedError, match="parse error"):
            prometheus.query("answer_total{")


def test_prometheus_says_why_a_target_is_down(tmp_path: Path) -> None:
    """A target that does not answer is not up, and the reason is told."""
    with Prometheus(tmp_path, f"127.0.0.1:{free_port()}") as prometheus:
        eventually(prometheus.scrape_error)
        assert not prometheus.is_up()


def test_a_missing_part_names_the_remedy(tmp_path: Path) -> None:
    """Without jars or a program the test fails, and the sentence says what to do."""
    with pytest.raises(MissingPartError, match=r"no-such-program is not installed.*`make parts`"):
        program("no-such-program")
    with pytest.raises(MissingPartError, match="run `make parts`"):
        KafkaBroker(tmp_path, libraries=tmp_path / "libs").start()


def test_a_process_that_ends_early_shows_its_output(tmp_path: Path) -> None:
    """Nobody waits for a program that is gone, and its last words are in the failure."""
    process = Process([sys.executable, "-c", "raise SystemExit('no such luck')"], tmp_path / "log")
    with pytest.raises(PartFailedError, match=r"(?s)ended with 1.*no such luck"):
        process.wait_until(lambda: False)


def test_a_process_that_is_never_ready_is_killed(tmp_path: Path) -> None:
    """The wait has a bound, and nothing is left behind."""
    process = Process([sys.executable, "-c", "import time; time.sleep(60)"], tmp_path / "log")
    with pytest.raises(PartFailedError, match=r"not ready within 0.2 s"):
        process.wait_until(lambda: False, within=0.2)
    assert not process.running


def test_a_process_that_will_not_stop_is_killed(tmp_path: Path) -> None:
    """SIGTERM first; SIGKILL after the bound."""
    stubborn = (
        "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print(1, flush=True); time.sleep(60)"
    )
    process = Process([sys.executable, "-c", stubborn], tmp_path / "log")
    process.wait_until(lambda: process.output() != "")
    assert process.stop(within=0.2) == -signal.SIGKILL


def test_a_killed_test_run_leaves_nothing_behind(tmp_path: Path) -> None:
    """What a run started ends with it, even when the run could not clean up."""
    port, log = free_port(), tmp_path / "log"
    abandon = f"""
import os, pathlib, sys
sys.path.insert(0, {str(Path(__file__).parents[2])!r})
from tests.parts.ports import accepts
from tests.parts.processes import Process
server = Process([sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "{port}"], pathlib.Path({str(log)!r}))
server.wait_until(lambda: accepts({port}))
os._exit(0)
"""
    run([sys.executable, "-c", abandon])
    eventually(lambda: not accepts(port), within=5)


def test_a_program_that_fails_shows_its_output() -> None:
    """The words of a program that was run to its end are in the failure."""
    with pytest.raises(PartFailedError, match="no such luck"):
        run([sys.executable, "-c", "raise SystemExit('no such luck')"])


async def test_a_rule_denies_a_topic_until_it_is_taken_away(kafka: str, topic: str) -> None:
    """The shared broker obeys rules: a record is refused while writing is denied, and taken before and after."""
    rule = (kafka, topic, Operation.WRITE, Permission.DENY)
    await produce(kafka, topic, b"key", b"before")
    await acls.put(*rule)
    with pytest.raises(TopicAuthorizationFailedError):
        await produce(kafka, topic, b"key", b"denied")
    await acls.remove(*rule)
    await acls.put(kafka, topic, Operation.ALL, Permission.ALLOW)
    await produce(kafka, topic, b"key", b"after")
    assert [message.value for message in await consume(kafka, topic, 2)] == [b"before", b"after"]
