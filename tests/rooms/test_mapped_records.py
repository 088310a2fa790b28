"""What a mapping makes of one record, an alert, a check or a window: nothing is guessed, and nothing is bent."""

from pathlib import Path
from typing import Any

import pytest

from adapters.generic.mapping import times
from ameide_core_proto.sre.core.v1.health_pb2 import HEALTH_CHECK_SOURCE_KUBERNETES, HEALTH_CHECK_SOURCE_PROBE
from ameide_core_proto.sre.core.v1.intents_pb2 import RecordSLIWindowRequested
from sre_ingest.sdk import samples
from sre_ingest.sdk.errors import BadItem, ItemReason
from sre_ingest.sdk.fingerprints import fingerprint
from sre_ingest.sdk.signal import SMALLEST_RATIO, Reject, Repair
from sre_ingest.sdk.times import parse
from tests.rooms.bodies import alert, check, only
from tests.rooms.mappings import ALERT, BODY, CHECK, WINDOW, mapped, read

NOON = parse("2026-01-02T12:00:00.5Z")


def test_an_alert_needs_a_name_and_a_status(tmp_path: Path) -> None:
    """All else may be missing: its labels name it then, and it began when it was heard of."""
    signal = only(read(tmp_path, BODY))
    message = alert(signal)
    assert (message.name, dict(message.labels)) == ("DiskFull", {"alertname": "DiskFull"})
    assert message.fingerprint == fingerprint({"alertname": "DiskFull"})
    assert message.alert_id == f"tool:default:{message.fingerprint}"
    assert (signal.began_at, signal.repairs) == (None, (Repair.SEVERITY_UNMAPPED,))


@pytest.mark.parametrize(
    ("state", "status"),
    [("bad", 1), ("GOOD", 2), ("muted", 3), ("test", None), ("odd", None), ("", None), (None, None)],
)
def test_a_status_is_looked_up_and_never_guessed(tmp_path: Path, state: str | None, status: int | None) -> None:
    """Known words without regard to case; one that is no signal is ignored, any other costs the record."""
    reading = read(tmp_path, BODY | {"state": state})
    if status is not None:
        assert alert(only(reading)).status == status
    elif state == "test":
        assert (reading.signals, reading.rejects, reading.ignored) == ([], [], [0])
    else:
        reason = ItemReason.UNKNOWN_STATUS if state else ItemReason.NO_STATUS
        assert reading.rejects == [Reject(0, reason, "[0] state")]


def test_a_bad_record_costs_only_itself(tmp_path: Path) -> None:
    """Its siblings are read, and the reject names place and expression."""
    reading = read(tmp_path, {"list": [BODY, 7, BODY | {"state": "odd"}, BODY]}, {"each": "list", "alert": ALERT})
    assert [signal.index for signal in reading.signals] == [0, 3]
    assert [(one.index, one.reason) for one in reading.rejects] == [
        (1, ItemReason.NOT_AN_OBJECT),
        (2, ItemReason.UNKNOWN_STATUS),
    ]


def test_one_value_is_the_fingerprint_and_several_are_hashed(tmp_path: Path) -> None:
    """In the order of the mapping; where all are missing the labels serve, and that is counted."""
    body = BODY | {"id": 12345678901234567890, "zone": "b"}
    assert mapped(tmp_path, body, identity=["id"]).fingerprint == "12345678901234567890"
    assert mapped(tmp_path, body, identity=["id", "zone"]).fingerprint == fingerprint(
        {"0": "12345678901234567890", "1": "b"}
    )
    signal = only(read(tmp_path, BODY, {"alert": ALERT | {"identity": ["id", "zone"]}}))
    assert alert(signal).fingerprint == fingerprint({"alertname": "DiskFull"})
    assert Repair.FINGERPRINT_MISSING in signal.repairs


def test_what_nothing_identifies_is_refused(tmp_path: Path) -> None:
    """Without title and identity all records would be one alert, and the second of them a duplicate."""
    for identity in ([], ["id", "zone"]):
        shape = {"each": "list", "alert": ALERT | {"identity": identity, "labels": {"host": "host"}}}
        nameless = {"state": "bad", "host": "a"}
        reading = read(tmp_path, {"list": [nameless, BODY, nameless | {"host": "b"}]}, shape)
        assert [signal.index for signal in reading.signals] == [1]
        path = identity[0] if identity else "rule"
        assert [(one.reason, one.path) for one in reading.rejects] == [
            (ItemReason.MISSING_FIELD, f"[0] {path}"),
            (ItemReason.MISSING_FIELD, f"[2] {path}"),
        ]
    assert alert(only(read(tmp_path, {"state": "bad", "id": 7}, {"alert": ALERT | {"identity": ["id"]}}))).name


def test_severity_goes_through_the_mapping_and_the_endpoints_table(tmp_path: Path) -> None:
    """The sender's word is kept; an unknown one is the default, and counted."""
    severity = {"value": "level", "lookup": {"sev0": "critical"}}
    for word, number in (("SEV0", 1), ("warning", 3), ("odd", 3)):
        signal = only(read(tmp_path, BODY | {"level": word}, {"alert": ALERT | {"severity": severity}}))
        assert (alert(signal).source_severity, alert(signal).severity) == (word, number)
        assert (Repair.SEVERITY_UNMAPPED in signal.repairs) == (word == "odd")


def test_nothing_is_bent(tmp_path: Path) -> None:
    """Integers beyond doubles, digits of decimals, case of names, objects and letters of any script arrive as sent."""
    body = '{"rule":"R","state":"bad","Big":9007199254740993,"f":1.10,"o":{"z":[1,true]},"n":null,"Ä":"🔥"}'.encode()
    labels = {"Big": "Big", "F": "f", "o": "o", "n": "n"}
    message = alert(only(read(tmp_path, body, {"alert": ALERT | {"labels": labels, "rest": "x_"}})))
    assert dict(message.labels) == {
        "alertname": "R", "Big": "9007199254740993", "F": "1.10", "o": '{"z":[1,true]}',
    }  # fmt: skip
    assert dict(message.annotations) == {"x_Ä": "🔥"}


@pytest.mark.parametrize(
    ("tags", "expected"),
    [
        ({"a": 1, "B": "x", "n": None}, {"a": "1", "B": "x"}),
        (["env:prod", "plain", "k=v", ":odd"], {"env": "prod", "plain": "true", "k": "v"}),
        ("env:prod, url:http://x/y", {"env": "prod", "url": "http://x/y"}),
        ([{"key": "a", "value": 1.50}, {"name": "b", "value": "x"}], {"a": "1.5", "b": "x"}),
        ([{"key": "a", "value": {"stringValue": "x"}}], {"a": "x"}),
        (None, {}),
        ("", {}),
    ],
)
def test_labels_are_gathered_from_every_form_of_tags(tmp_path: Path, tags: object, expected: dict[str, str]) -> None:
    """Objects, lists of texts or of keys and values, and texts with commas."""
    found = dict(mapped(tmp_path, BODY | {"tags": tags}, labels_from=["tags"]).labels)
    assert found == {"alertname": "DiskFull"} | expected


@pytest.mark.parametrize("tags", [7, True, [7], [{"value": 1}], [[]]])
def test_tags_of_another_form_cost_the_record(tmp_path: Path, tags: object) -> None:
    """They are named, and not passed over."""
    reading = read(tmp_path, BODY | {"tags": tags}, {"alert": ALERT | {"labels_from": ["tags"]}})
    assert reading.rejects == [Reject(0, ItemReason.BAD_FIELD, "[0] tags")]


def test_more_labels_than_a_record_can_hold_cost_it(tmp_path: Path) -> None:
    """The same bound as in every room."""
    reading = read(tmp_path, BODY | {"t": {str(n): n for n in range(5_000)}}, {"alert": ALERT | {"labels_from": ["t"]}})
    assert [one.reason for one in reading.rejects] == [ItemReason.TOO_LARGE]


@pytest.mark.parametrize(
    ("value", "format_", "zone", "expected"),
    [
        ("2026-01-02T13:00:00.5+01:00", "rfc3339", "UTC", NOON),
        ("2026-01-02 12:00:00.5 +0000 UTC m=+1.5", "go", "UTC", NOON),
        ("2026-01-02 13:00:00.5 +0100 CET", "go", "UTC", NOON),
        (1767355200, "epoch_s", "UTC", NOON - 500_000_000),
        ("1767355200.5", "epoch_s", "UTC", NOON),
        (1767355200500, "epoch_ms", "UTC", NOON),
        (1767355200500000, "epoch_us", "UTC", NOON),
        (1767355200500000001, "epoch_ns", "UTC", NOON + 1),
        ("2026-01-02 13:00:00.500000", "%Y-%m-%d %H:%M:%S.%f", "Europe/Berlin", NOON),
        ("2026-01-02T12:00:00.500+0000", "%Y-%m-%dT%H:%M:%S.%f%z", "Europe/Berlin", NOON),
        (None, "rfc3339", "UTC", None),
        ("", "epoch_s", "UTC", None),
        ("0001-01-01T00:00:00Z", "rfc3339", "UTC", None),
    ],
)
def test_times_are_read_to_the_nanosecond(value: Any, format_: str, zone: str, expected: int | None) -> None:
    """In every format, with the zone of the mapping where the text has none."""
    assert times.read(value, ("epoch_ns", "go", format_)[2:], zone, "at") == expected


@pytest.mark.parametrize(
    "value", ["soon", True, [], {}, "NaN", "Infinity", 10**30, "9" * 5_000, "2026-02-30T00:00:00Z"]
)
@pytest.mark.parametrize("format_", ["rfc3339", "go", "epoch_s", "epoch_ns", "%Y"])
def test_an_unreadable_time_costs_the_record(value: Any, format_: str) -> None:
    """Whatever stands there; the reject names the expression."""
    with pytest.raises(BadItem, match="at: bad_time"):
        times.read(value, (format_,), "UTC", "at")


def test_a_resolved_alert_has_an_end(tmp_path: Path) -> None:
    """The sender's, or where it gives none the time of receipt, which is counted."""
    changes = {"starts_at": {"value": "a"}, "ends_at": {"value": "b"}}
    for end, repaired in (("2026-01-02T01:00:00Z", False), (None, True)):
        body = BODY | {"state": "good", "a": "2026-01-02T00:00:00Z", "b": end}
        signal = only(read(tmp_path, body, {"alert": ALERT | changes}))
        assert signal.occurred_at == (samples.RECEIVED_AT if repaired else parse(str(end)))
        assert (Repair.END_MISSING in signal.repairs) is repaired


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"kind": "host", "host": "db1"}, [("host", "db1")]),
        ({"kind": "host"}, []),
        ({"host": "db1"}, []),
        ({}, []),
    ],
    ids=["both", "no name", "no kind", "neither"],
)
def test_an_alert_names_a_resource_only_with_kind_and_name(
    tmp_path: Path, body: dict[str, str], expected: list[tuple[str, str]]
) -> None:
    """What lacks either is no resource by the contract, and costs the alert nothing else."""
    found = mapped(tmp_path, BODY | body, resource={"type": "kind", "id": "host"})
    assert [(one.type, one.id) for one in found.affected_resources] == expected


def test_a_check_needs_its_resource(tmp_path: Path) -> None:
    """The scope of the endpoint completes it."""
    found = check(only(read(tmp_path, {"state": "UP", "host": "db1"}, {"health_check": CHECK})))
    assert (found.resource_ref.type, found.resource_ref.id, found.check_name) == ("host", "db1", "probe")


@pytest.mark.parametrize(
    ("body", "path"),
    [
        ({"kind": "host"}, "[0] resource.id"),
        ({"host": "db1"}, "[0] resource.type"),
        ({"kind": "", "host": "db1"}, "[0] resource.type"),
        ({}, "[0] resource.type"),
    ],
)
def test_a_check_of_nothing_is_refused(tmp_path: Path, body: dict[str, str], path: str) -> None:
    """With the field of the mapping that found nothing."""
    shape = {"health_check": CHECK | {"resource": {"type": "kind", "id": "host"}}}
    reading = read(tmp_path, {"state": "up"} | body, shape)
    assert reading.rejects == [Reject(0, ItemReason.MISSING_FIELD, path)]


def test_a_check_says_who_checked(tmp_path: Path) -> None:
    """A probe, unless the mapping names another."""
    body = {"state": "UP", "host": "db1"}
    assert check(only(read(tmp_path, body, {"health_check": CHECK}))).source == HEALTH_CHECK_SOURCE_PROBE
    named = check(only(read(tmp_path, body, {"health_check": CHECK | {"source": "kubernetes"}})))
    assert named.source == HEALTH_CHECK_SOURCE_KUBERNETES


@pytest.mark.parametrize(
    ("numbers", "measure", "expected"),
    [
        ({"g": "9", "t": 10}, {"good": "g", "total": "t"}, (9, 10, 0)),
        ({"r": 0.25}, {"ratio": "r"}, (0, 0, 0.25)),
        ({"r": "99.5"}, {"percent": "r"}, (0, 0, 0.995)),
        ({"r": 0}, {"percent": "r"}, (0, 0, SMALLEST_RATIO)),
        ({"g": 0, "t": 0}, {"good": "g", "total": "t"}, (0, 0, 0)),
        ({"g": 11, "t": 10}, {"good": "g", "total": "t"}, None),
        ({"r": "NaN"}, {"ratio": "r"}, None),
        ({"r": []}, {"ratio": "r"}, None),
    ],
)
def test_a_window_is_measured(
    tmp_path: Path, numbers: object, measure: Any, expected: tuple[float, ...] | None
) -> None:
    """By counts, by a ratio or by a percentage; numbers that cannot be true cost it."""
    body = {"slo": "s", "from": "2026-01-02T00:00:00Z", "to": "2026-01-02T00:05:00Z"} | dict(numbers)  # type: ignore[call-overload]
    reading = read(tmp_path, body, {"sli_window": WINDOW | measure})
    if expected is None:
        assert len(reading.rejects) == 1
        return
    message = only(reading).message
    assert isinstance(message, RecordSLIWindowRequested)
    window = message.window
    assert (window.good_count, window.total_count, window.sli_value) == expected


@pytest.mark.parametrize(
    ("body", "measure", "reason", "path"),
    [
        ({"g": 11, "t": 10}, {"good": "g", "total": "t"}, ItemReason.BAD_WINDOW, "good"),
        ({"g": 0, "t": -1}, {"good": "g", "total": "t"}, ItemReason.BAD_WINDOW, "total"),
        ({"r": 99.5}, {"ratio": "r"}, ItemReason.BAD_WINDOW, "ratio"),
        ({"r": 101}, {"percent": "r"}, ItemReason.BAD_WINDOW, "percent"),
        ({"r": 1, "to": "2026-01-01T00:00:00Z"}, {"ratio": "r"}, ItemReason.BAD_WINDOW, "ends_at"),
        ({"r": 1, "to": None}, {"ratio": "r"}, ItemReason.MISSING_FIELD, "ends_at"),
        ({"r": 1, "from": ""}, {"ratio": "r"}, ItemReason.MISSING_FIELD, "starts_at"),
        ({"r": 1, "slo": None}, {"ratio": "r"}, ItemReason.MISSING_FIELD, "slo_id"),
    ],
)
def test_a_window_that_cannot_be_is_told_by_the_field_of_its_mapping(
    tmp_path: Path, body: dict[str, Any], measure: Any, reason: ItemReason, path: str
) -> None:
    """And not by those of the contract, which its author has never seen."""
    whole = {"slo": "s", "from": "2026-01-02T00:00:00Z", "to": "2026-01-02T00:05:00Z"} | body
    assert read(tmp_path, whole, {"sli_window": WINDOW | measure}).rejects == [Reject(0, reason, f"[0] {path}")]
