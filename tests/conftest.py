"""What every test may ask for: a real broker, a topic of its own, a broker that it may break."""

import os
from collections.abc import AsyncIterator, Iterator

import pytest
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from hypothesis import settings

from tests.parts.acls import AUTHORIZER
from tests.parts.broker import KafkaBroker
from tests.parts.topics import create_topic, delete_topic
from tests.wire import workspace

# The machine that runs the tests promises nothing about time.
settings.register_profile("noisy", deadline=None)
settings.load_profile("noisy")

# After a kill the controller waits for the old broker's session to end before it lets the new one in: 9 s by default.
QUICK_RETURN = {"broker.session.timeout.ms": "3000", "broker.heartbeat.interval.ms": "500"}


@pytest.fixture(scope="session")
def kafka(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The bootstrap servers of a broker that all tests of this run (of this xdist worker) share and leave running.

    `KAFKA_BOOTSTRAP_SERVERS` in the environment replaces the broker that is started otherwise.
    """
    if given := os.environ.get("KAFKA_BOOTSTRAP_SERVERS"):
        yield given
        return
    with KafkaBroker(tmp_path_factory.mktemp("kafka"), AUTHORIZER) as broker:
        yield broker.bootstrap_servers


@pytest.fixture
async def topic(kafka: str, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """An empty topic on the shared broker for this test alone, with 3 partitions.

    Another number: `@pytest.mark.parametrize("topic", [12], indirect=True)`.
    """
    name = await create_topic(kafka, partitions=getattr(request, "param", 3))
    yield name
    await delete_topic(kafka, name)


@pytest.fixture(scope="session")
def fragile(tmp_path_factory: pytest.TempPathFactory) -> Iterator[KafkaBroker]:
    """The broker that tests break, one after the other; each of them asks for `own_broker`."""
    with KafkaBroker(tmp_path_factory.mktemp("fragile"), QUICK_RETURN) as broker:
        yield broker


@pytest.fixture
def own_broker(fragile: KafkaBroker) -> KafkaBroker:
    """A running broker that nobody else uses now, to be stopped, killed, paused and started again; topics of others
    may be on it.
    """
    if fragile.running:
        fragile.resume()
    else:
        fragile.start()
    return fragile


@pytest.fixture(scope="session")
def image(tmp_path_factory: pytest.TempPathFactory) -> FileDescriptorSet:
    """The image of the contract, with comments and with the options that generated code does not get."""
    return workspace.build(workspace.copy(tmp_path_factory.mktemp("image")))
