"""The conformance kit: each promise that an adapter breaks is told with its remedy."""

import json
from pathlib import Path
from random import Random

import pytest

from sre_ingest.conformance import goldens, kit, mutations
from sre_ingest.conformance.subject import Subject
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.errors import NotJson
from sre_ingest.sdk.signal import Reading
from tests.unit.conformance import rooms
from tests.unit.conformance.rooms import BODY, Read, subject


def failures(made: Subject) -> dict[str, str]:
    """What fails, by what was tried; the faults as one text."""
    return {one.subject: "\n".join(one.faults) for one in kit.examine(made, 50) if one.faults}


def test_a_good_room_passes(tmp_path: Path) -> None:
    """Every check has something to say, and nothing fails."""
    made = subject(tmp_path)
    assert failures(made) == {}
    assert [(one.subject, one.told) for one in kit.examine(made, 50)][:3] == [
        ("samples", f"1 in {tmp_path}"),
        ("firing", "1 signal"),
        ("odd bodies", "26, of which nothing is read"),
    ]


@pytest.mark.parametrize(
    ("room", "tried", "told"),
    [
        (rooms.raises, "mutated bodies, seed 1", "raises AttributeError"),
        (rooms.raises, "wrong types", "the body, number"),
        (rooms.nothing, "firing", "read returns a NoneType; return a Reading"),
        (rooms.swallows, "odd bodies", "null: is read as 1 signal; raise WrongShape"),
        (rooms.answers, "firing", "raises TooLarge; a body as a whole is NotJson or WrongShape"),
        (rooms.nameless, "firing", "[required]"),
        (rooms.confuses, "firing", "signals 0 and 1 differ and have one identity"),
        (rooms.miscounts, "firing", "tells of the items [3]; tell of each of [0] once"),
        (rooms.by_position, "firing", "when its keys stand in another order"),
        (rooms.restless(), "firing", "is read otherwise the second time"),
    ],
)
def test_a_broken_promise_is_told(tmp_path: Path, room: Read, tried: str, told: str) -> None:
    """By what was tried, with what happened and what to do."""
    body = {"z": "firing"} | BODY if room is rooms.by_position else BODY
    assert told in failures(subject(tmp_path, room, firing=body))[tried]


def test_a_room_without_samples_fails(tmp_path: Path) -> None:
    """Whether the folder is empty or missing."""
    for folder in (tmp_path, tmp_path / "none"):
        made = Subject(Adapter("tiny", rooms.read), folder)
        assert "put a captured body there" in failures(made)["samples"]


def test_a_golden_that_differs_is_shown(tmp_path: Path) -> None:
    """As a difference that can be read, and --update makes it what the room says."""
    made = subject(tmp_path)
    golden = made.samples[0].expected
    right = golden.read_text()
    golden.write_text(right.replace("DiskFull", "DiskEmpty"))
    told = failures(made)["firing"]
    assert "--- firing.expected.json" in told
    assert '-        "name": "DiskEmpty",' in told
    assert '+        "name": "DiskFull",' in told
    assert list(goldens.update(made)) == [golden]
    assert golden.read_text() == right
    assert list(goldens.update(made)) == []


def test_a_golden_is_compulsory(tmp_path: Path) -> None:
    """Missing, contradicting, or of no sample: each is told, and an update mends the first two."""
    made = subject(tmp_path)
    sample = made.samples[0]
    sample.expected.rename(sample.rejected)
    (tmp_path / "gone.expected.json").touch()
    found = failures(made)
    assert "firing.rejected.json contradicts what the adapter says now" in found["firing"]
    assert "firing.expected.json is missing; --update writes it" in found["firing"]
    assert "gone.expected.json belongs to no sample" in found["samples"]
    list(goldens.update(made))
    assert list(failures(made)) == ["samples"]


def test_what_a_room_must_not_do_is_no_golden(tmp_path: Path) -> None:
    """An update writes down readings and refusals only."""
    assert not subject(tmp_path, rooms.answers).samples[0].expected.exists()
    assert not subject(tmp_path, rooms.answers).samples[0].rejected.exists()


@pytest.mark.parametrize(
    ("end", "same"), [("DiskFull", True), ("DiskEmpty", False)], ids=["the same name", "another name"]
)
def test_what_ends_is_what_began(tmp_path: Path, end: str, same: bool) -> None:
    """Two samples say by their names that they are one thing."""
    made = subject(tmp_path, disk_firing=BODY, disk_resolved=BODY | {"name": end}, cpu_firing=BODY, resolved=BODY)
    pair = "disk-firing, disk-resolved"
    assert pair in [one.subject for one in kit.examine(made, 0)]
    assert (pair not in failures(made)) is same


def test_the_same_seed_gives_the_same_bodies() -> None:
    """And another one others; the documents stay as they are."""
    document = {"list": [BODY, BODY], **BODY}
    before = json.dumps(document)

    def bodies(seed: int) -> list[str]:
        random = Random(seed)  # noqa: S311
        return [json.dumps(mutations.mutated(random, [document])) for _ in range(50)]

    assert bodies(1) == bodies(1)
    assert bodies(1) != bodies(2)
    assert json.dumps(document) == before
    assert len(set(bodies(1))) > 40


def test_a_failure_by_chance_can_be_repeated(tmp_path: Path) -> None:
    """The seed is told, and the body that failed."""
    made = subject(tmp_path, rooms.raises)
    first, again = (kit.of_mutations(made, 50, seed=7) for _ in range(2))
    assert first == again
    assert first.subject == "mutated bodies, seed 7"
    assert first.faults[1].startswith("the body, number ")


def test_a_sample_that_is_no_json_is_mutated_too(tmp_path: Path) -> None:
    """A form with a field cut in two is still answered, or the fault is told."""
    (tmp_path / "form.txt").write_text("payload=%7B%22name%22%3A%22DiskFull%22%7D")
    bodies = set()

    def fragile(delivery: Delivery) -> Reading:
        bodies.add(delivery.body)
        raise NotJson("No form is read here.") if delivery.body.count(b"=") < 2 else KeyError("payload")

    made = Subject(Adapter("tiny", fragile), tmp_path)
    verdict = kit.of_mutations(made, 200, seed=1)
    assert verdict.faults[0].startswith("raises KeyError")
    assert len(bodies) > 5
    assert kit.of_mutations(Subject(Adapter("tiny", rooms.read), tmp_path), 50, 1).told == "50: 0 read, 50 refused"
