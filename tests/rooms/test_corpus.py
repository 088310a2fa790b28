"""Bodies that real senders published: each is read, or refused for a reason that stands here."""

import json
from pathlib import Path

import pytest

from adapters.alertmanager import adapter
from sre_ingest.sdk import samples
from sre_ingest.sdk.errors import WrongShape
from tests.rooms.contract import assert_valid
from tests.rooms.corpus import FILES, cases

OWN = [path for path in FILES if path.parent.name == "alertmanager"]
FOREIGN = [path for path in FILES if path.parent.name != "alertmanager"]

REFUSED = {
    # The month of its only alert has three digits.
    "51-gitlab-docs-null-groupkey-invalid-date-nested-annotation.json": [(0, "bad_time", "alerts[0].startsAt")],
}
"""The rejects of each file that has some, by index, reason and path."""


@pytest.mark.parametrize("path", cases(OWN))
def test_a_published_body_gives_valid_intents(path: Path) -> None:
    """Nothing but what is listed here is refused."""
    body = path.read_bytes()
    reading = adapter.read(samples.delivery(adapter, body))

    assert_valid(reading, len(json.loads(body)["alerts"]))
    assert [(one.index, one.reason, one.path) for one in reading.rejects] == REFUSED.get(path.name, [])


def test_every_listed_refusal_exists() -> None:
    """The list holds no file that is gone."""
    assert not FILES or REFUSED.keys() <= {path.name for path in OWN}


@pytest.mark.parametrize("path", cases(FOREIGN))
def test_a_foreign_body_is_understood_or_refused(path: Path) -> None:
    """What other systems send never does worse than WrongShape, rejects, or valid signals."""
    body = path.read_bytes()
    try:
        reading = adapter.read(samples.delivery(adapter, body))
    except WrongShape:
        document = json.loads(body)
        assert not isinstance(document, dict) or not isinstance(document.get("alerts"), list)
    else:
        assert_valid(reading, len(json.loads(body)["alerts"]))
