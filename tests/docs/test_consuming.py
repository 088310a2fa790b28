"""docs/consuming.md: its code is the example to the letter, and the example keeps every rule that the page states."""

import asyncio
import re
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from ameide_core_proto.sre.core.v1.sre_pb2 import ALERT_STATUS_FIRING, ALERT_STATUS_RESOLVED
from examples.consumer.consumer import Book
from sre_ingest.contract import cloudevents
from sre_ingest.contract.catalogue import VARIANTS
from sre_ingest.publishing import Record
from sre_ingest.sdk.times import SECOND, Instant, rfc3339
from tests.docs.tables import DOCS
from tests.goldens import ROOT
from tests.journey.sources import EmbeddedLog
from tests.wire import valid

NOON = Instant(1_767_355_200 * SECOND)


def envelope(member: str) -> Any:
    """A valid intent of this kind, from the tenant acme."""
    return valid.envelope(VARIANTS[f"io.ameide.sre.intent.{member}.v1"])


def record(intent: Any, received: str = rfc3339(NOON)) -> Record:
    """The record of an intent that a gateway received at this time."""
    key, headers = cloudevents.bind(intent)
    return Record(key, (*headers, ("ce_receivedtime", received.encode())), intent.SerializeToString())


def alert(message_id: str = "id-1", status: str = "FIRING", seconds: float = 0, **meta: str) -> Record:
    """An alert "A" in that state, received so many seconds after noon."""
    intent = envelope("ingest_alert_requested")
    message = intent.ingest_alert_requested
    message.name, message.status = "A", ALERT_STATUS_FIRING if status == "FIRING" else ALERT_STATUS_RESOLVED
    if status == "FIRING":
        message.ClearField("ends_at")
    for field, value in {"message_id": message_id, **meta}.items():
        setattr(intent.meta, field, value)
    return record(intent, rfc3339(Instant(NOON + int(seconds * SECOND))))


def without(given: Record, name: str, *instead: tuple[str, Any]) -> Record:
    """The same record, one header taken out and others put in."""
    return Record(given.key, (*[one for one in given.headers if one[0] != name], *instead), given.value)


@pytest.fixture
def book() -> Book:
    """An empty book in memory that remembers ten ids."""
    return Book(":memory:", remembered=10)


def states(book: Book) -> list[str]:
    """The present states."""
    return [one.state for one in book.present()]


def reasons(book: Book) -> list[str]:
    """Why records were set aside."""
    return [why for (why,) in book._db.execute("SELECT why FROM set_aside")]


CONSUMER = ROOT / "examples" / "consumer" / "consumer.py"


def test_the_code_on_the_page_is_the_example() -> None:
    """The page's blocks of Python, put together, are the file that the tests run."""
    blocks = re.findall(r"^```python\n(.*?)^```", (DOCS / "consuming.md").read_text(), re.MULTILINE | re.DOTALL)
    code = CONSUMER.read_text()
    assert [line for block in blocks for line in block.splitlines() if line] == [
        line for line in code.splitlines() if line
    ]


STORIES = {
    "the last of what happened in order": (
        [alert("1"), alert("2", "RESOLVED", 1), alert("3", "FIRING", 2)],
        "FIRING A",
    ),
    "a repeat that came later is no news": (
        [alert("1"), alert("2", "RESOLVED", 1), alert("1", "FIRING", 2)],
        "RESOLVED A",
    ),
    "a late record is no news": ([alert("1"), alert("2", "FIRING", 2), alert("3", "RESOLVED", 1)], "FIRING A"),
    "of two received at once the later on the partition": ([alert("1"), alert("2", "RESOLVED")], "RESOLVED A"),
    "a fraction of a second counts": ([alert("1", "RESOLVED", 0.5), alert("2", "FIRING", 0)], "RESOLVED A"),
}


@pytest.mark.parametrize(("records", "state"), STORIES.values(), ids=STORIES)
def test_the_present_state(book: Book, records: list[Record], state: str) -> None:
    """Of the first occurrences the one that a gateway received last, whatever the batches."""
    for one in records:
        book.take([one])
    together = Book(":memory:")
    together.take(records)
    assert states(book) == states(together) == [state]


def test_only_news_is_told(book: Book) -> None:
    """A record that changes nothing is not reported."""
    told = book.take([alert("1", "FIRING", 1), alert("1", "FIRING", 1), alert("2", "RESOLVED", 0)])
    assert [one.message_id for one in told] == ["1"]


def test_tenants_do_not_meet(book: Book) -> None:
    """The same id and the same subject in another tenant are another observation of another subject."""
    book.take([alert("1"), alert("1", "RESOLVED", 1, tenant_id="other")])
    assert [(one.tenant, one.state) for one in book.present()] == [
        ("acme", "FIRING A"),
        ("other", "RESOLVED A"),
    ]


def test_the_memory_is_bounded(book: Book) -> None:
    """Only the last ids are kept; a record that comes again after that still changes nothing."""
    first = alert("first")
    book.take([first, *[alert(str(number), "RESOLVED", 1 + number) for number in range(20)], first])
    assert book._db.execute("SELECT count(*) FROM seen").fetchone() == (10,)
    assert states(book) == ["RESOLVED A"]


@pytest.mark.parametrize("version", ["v1.0.0", "v1.9.0", "1.0.0", "v1.10.3"])
def test_every_v1_is_taken(book: Book, version: str) -> None:
    """Whatever minor version it was written with, with the v or without it."""
    book.take([alert(schema_version=version)])
    assert (states(book), reasons(book)) == (["FIRING A"], [])


@pytest.mark.parametrize("version", ["v2.0.0", "v10.0.0", "v1", "", "newest"])
def test_another_major_is_set_aside(book: Book, version: str) -> None:
    """And what comes after it is taken."""
    book.take([alert("1", schema_version=version), alert("2", "RESOLVED")])
    assert states(book) == ["RESOLVED A"]
    assert reasons(book) == ["written with another major version of the contract"]


@pytest.mark.parametrize("traceparent", ["", "garbage", "00-0-0-00"])
def test_no_alert_is_dropped_over_its_trace(book: Book, traceparent: str, caplog: pytest.LogCaptureFixture) -> None:
    """It is taken, and a warning names it."""
    book.take([alert("id-7", traceparent=traceparent)])
    assert (states(book), reasons(book)) == (["FIRING A"], [])
    assert "id-7 is taken all the same" in caplog.text


POISON = {
    "no protobuf": Record(b"key", alert().headers, b"\xff\xff"),
    "nothing": Record(b"key", (), b""),
    "no time of receipt": without(alert(), "ce_receivedtime"),
    "a time of receipt without a value": without(alert(), "ce_receivedtime", ("ce_receivedtime", None)),
    "a time of receipt that is none": without(alert(), "ce_receivedtime", ("ce_receivedtime", b"yesterday")),
    "a time of receipt in no encoding": without(alert(), "ce_receivedtime", ("ce_receivedtime", b"\xff")),
    "a time of receipt in a year long ago": without(
        alert(), "ce_receivedtime", ("ce_receivedtime", b"1600-01-01T00:00:00Z")
    ),
    "a time of receipt in a far year": without(
        alert(), "ce_receivedtime", ("ce_receivedtime", b"9999-01-01T00:00:00Z")
    ),
    "against the contract": alert(message_id=""),
}


@pytest.mark.parametrize("poison", POISON.values(), ids=POISON)
def test_poison_is_set_aside_and_blocks_nothing(book: Book, poison: Record) -> None:
    """It is kept once, with the reason, however often it comes, and the records around it are taken."""
    for _ in range(2):
        book.take([alert("1"), poison, alert("2", "RESOLVED", 1)])
    assert states(book) == ["RESOLVED A"]
    ((value, why),) = book._db.execute("SELECT value, why FROM set_aside")
    assert value == poison.value
    assert why


def test_what_is_set_aside_is_not_in_the_log(book: Book, caplog: pytest.LogCaptureFixture) -> None:
    """Neither the body nor a header of it is repeated in a warning."""
    book.take([without(alert(message_id=""), "ce_subject", ("ce_subject", b"a-secret"))])
    assert "set aside" in caplog.text
    assert "a-secret" not in caplog.text
    assert "summary" not in caplog.text


def test_other_intents_are_passed_over(book: Book) -> None:
    """What others ask for on this topic is neither a state nor poison."""
    book.take([record(envelope("create_incident_requested"))])
    assert (states(book), reasons(book)) == ([], [])


def test_health_checks_and_windows_have_states(book: Book) -> None:
    """A check has one state; each window of an objective has one, and a window computed again replaces it."""
    book.take(_others())
    check, first, second = (one.state for one in book.present())
    assert check.startswith("UNKNOWN ")
    assert [first, second] == ["2 of 3 good", "1 of 3 good"]


def _others() -> Iterator[Record]:
    yield record(envelope("record_health_check_requested"))
    for number, (good, later) in enumerate([(1, 0), (1, 300), (2, 0)]):
        intent = envelope("record_sli_window_requested")
        window = intent.record_sli_window_requested.window
        intent.meta.message_id = f"window-{number}"
        window.good_count, window.total_count = good, 3
        window.window_start.seconds += later
        window.window_end.seconds += later
        yield record(intent)


def test_a_window_may_hold_a_ratio(book: Book) -> None:
    """Where the sender knows no counts, the ratio is the state."""
    intent = envelope("record_sli_window_requested")
    window = intent.record_sli_window_requested.window
    window.good_count = window.total_count = 0
    window.sli_value = 0.75
    book.take([record(intent)])
    assert states(book) == ["0.75 good"]


def test_a_batch_is_processed_whole_or_not_at_all(book: Book) -> None:
    """After a crash in the middle the same records come again, and none of them is taken for a repeat."""
    batch = [alert("1"), alert("2", "RESOLVED", 1)]

    def interrupted() -> Iterator[Record]:
        yield batch[0]
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        book.take(interrupted())
    assert states(book) == []
    assert len(book.take(batch)) == 2
    assert states(book) == ["RESOLVED A"]


def test_members_of_a_group_may_share_a_book(tmp_path: Path) -> None:
    """Two that write at once wait for each other: none fails, and every id is counted once."""
    path = str(tmp_path / "book.db")
    records = [alert(f"id-{number}", seconds=number) for number in range(200)]

    def member() -> int:
        book = Book(path)
        return sum(len(book.take([one])) for one in records)

    with ThreadPoolExecutor() as pool:
        taken = [member.result() for member in [pool.submit(member) for _ in range(4)]]
    assert sum(taken) <= len(records)
    assert Book(path).present()[0].message_id == "id-199"


def test_a_python_without_the_contract_is_told(tmp_path: Path) -> None:
    """As the system's own has none: one sentence with the remedy."""
    command = (sys.executable, "-I", "-S", str(CONSUMER), "--log", "data")
    ended = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.partition(" ")[2] == "is not installed here: use .venv/bin/python, or run pip install .\n"


def test_whoever_reads_the_output_may_go(tmp_path: Path) -> None:
    """As `head` does: one sentence, and the book has what was processed."""
    asyncio.run(EmbeddedLog(tmp_path / "data").append([alert()]))
    command = (sys.executable, str(CONSUMER), "--log", "data", "--book", "book.db")
    with subprocess.Popen(command, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as consumer:
        assert consumer.stdout is not None
        assert consumer.stderr is not None
        consumer.stdout.close()
        told = consumer.stderr.read()
    assert (consumer.returncode, told) == (1, "whoever read the output has gone; what is known so far is in the book\n")
    assert states(Book(str(tmp_path / "book.db"))) == ["FIRING A"]
