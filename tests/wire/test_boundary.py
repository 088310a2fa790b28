"""What the gateway may publish, of all that the contract has; and what a consumer of the contract takes in with it."""

import subprocess
import sys
from typing import Any

import pytest

from sre_ingest.addressing import EMITTED, address
from sre_ingest.contract.catalogue import INTENTS, STREAMS, Variant
from sre_ingest.sdk.samples import RECEIVED_AT
from sre_ingest.settings import Settings
from tests.wire import valid

OURS = [one for one in valid.ALL if one.stream is INTENTS and one.member in EMITTED]
FOREIGN = [one for one in valid.ALL if one not in OURS]


@pytest.mark.parametrize("variant", FOREIGN, ids=lambda variant: variant.type)
def test_check_60_nothing_else_leaves_the_gateway(variant: Variant) -> None:
    """57 of the sixty variants, those of the other two streams included, are other people's to write."""
    envelope: Any = valid.envelope(variant)
    with pytest.raises(ValueError, match=f"does not publish {variant.type}$"):
        address(envelope, "key", RECEIVED_AT)


def test_check_60_an_empty_envelope_does_not_leave_either() -> None:
    """Of whatever stream it is."""
    for stream in STREAMS:
        empty: Any = stream.envelope()
        with pytest.raises(ValueError, match="does not publish an empty envelope"):
            address(empty, "key", RECEIVED_AT)


def test_check_60_the_three_intents_leave_on_the_stream_of_intents() -> None:
    """Alert, health check and SLI window; and the topic is called as the stream unless a setting binds it otherwise."""
    assert [one.number for one in OURS] == [20, 41, 50]
    for variant in OURS:
        envelope: Any = valid.envelope(variant)
        assert INTENTS.envelope.FromString(address(envelope, "key", RECEIVED_AT).value) == envelope
    assert Settings().kafka.topic == INTENTS.name == INTENTS.option.stream_ref == "sre.domain.intents.v1"


_IMPORTS = """
import sys
before = set(sys.modules)
from sre_ingest.contract import catalogue, cloudevents, validation, version
files = {name: getattr(sys.modules[name], "__file__", None) or "" for name in set(sys.modules) - before}
foreign = {name.partition(".")[0] for name, file in files.items() if "site-packages" in file}
print(*foreign - {"sre_ingest", "ameide_core_proto"}, *(name for name in files if name.startswith("sre_ingest.")))
"""


def test_a_consumer_takes_in_nothing_of_the_gateway() -> None:
    """Protobuf and the common protos are all that a process needs which imports the contract."""
    printed = subprocess.run([sys.executable, "-c", _IMPORTS], capture_output=True, text=True, check=True, timeout=60)
    found = set(printed.stdout.split())
    assert {name for name in found if not name.startswith("sre_ingest.contract")} - {"google"} == {
        "sre_ingest.sdk",
        "sre_ingest.sdk.times",
        "sre_ingest.sdk.words",
    }
