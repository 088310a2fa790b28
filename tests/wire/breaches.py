"""Valid envelopes of which one thing is changed, and what the validator then says of them."""

from collections.abc import Callable
from typing import Any

import pytest

from sre_ingest.contract.catalogue import INTENTS, STREAMS, Stream
from sre_ingest.contract.validation import Rule, validate
from tests.wire import valid

each_variant = pytest.mark.parametrize("variant", valid.ALL, ids=lambda variant: variant.type)
each_stream = pytest.mark.parametrize("stream", STREAMS, ids=lambda stream: stream.name)
Change = Callable[[Any], object]


def broken(change: Change, member: str = "ingest_alert_requested", stream: Stream = INTENTS) -> list[tuple[Rule, str]]:
    """What is said of a valid envelope after one change."""
    envelope = valid.envelope(next(one for one in valid.ALL if one.member == member and one.stream is stream))
    change(envelope)
    return [(found.rule, found.path) for found in validate(envelope)]


def first(stream: Stream) -> Any:
    """A valid envelope of a stream."""
    return valid.envelope(next(one for one in valid.ALL if one.stream is stream))
