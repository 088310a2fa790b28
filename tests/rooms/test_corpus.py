"""Bodies that real senders published: each is read, or refused for a reason that stands in the golden table."""

from contextlib import suppress
from pathlib import Path

import pytest

from sre_ingest.sdk import samples
from sre_ingest.sdk.errors import NotJson, WrongShape
from tests.goldens import assert_golden
from tests.rooms.contract import assert_valid
from tests.rooms.corpus import CORPUS, FILES, GOLDEN, cases, outcomes, table
from tests.rooms.installed import ROOMS


@pytest.mark.parametrize("path", cases([CORPUS]))
def test_every_published_body_fares_as_the_table_says(path: Path) -> None:
    """A reject that is not in the table is news: either the room is wrong, or a person adds the row."""
    assert path.is_dir()
    assert_golden(GOLDEN, table(outcomes()))


@pytest.mark.parametrize("path", cases(FILES))
def test_any_body_in_any_room_is_understood_or_refused(path: Path) -> None:
    """What other systems send never does worse than a refusal with a reason, rejects, or valid signals."""
    for room in ROOMS:
        with suppress(NotJson, WrongShape):
            assert_valid(room.read(samples.delivery(room, path.read_bytes())))
