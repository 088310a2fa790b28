"""What the generic room promises beyond its samples."""

import itertools
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ameide_core_proto.sre.core.v1.alert_pb2 import ALERT_SOURCE_CUSTOM
from ameide_core_proto.sre.core.v1.sre_pb2 import HEALTH_STATUS_HEALTHY, SEVERITY_CRITICAL, SEVERITY_HIGH
from sre_ingest.sdk.delivery import Scope
from sre_ingest.sdk.errors import ItemReason, WrongShape
from sre_ingest.sdk.fields import MAX_TEXTS
from sre_ingest.sdk.fingerprints import fingerprint
from sre_ingest.sdk.severity import SeverityTable
from sre_ingest.sdk.signal import TIMELESS, Reading, Reject
from tests.rooms.generic import ALERT, CHECK, WINDOW, changed, one, read, reject
from tests.rooms.strategies import JSON

RECORDS = {"alerts": ALERT, "health_checks": CHECK, "sli_windows": WINDOW}
TIMES = changed(WINDOW, good_count=..., total_count=...)
MARKS = {"name": "alert", "resource": "health_check", "slo_id": "sli_window"}


def message(record: dict[str, Any], **endpoint: Any) -> Any:
    """The message that a record becomes."""
    return one(record, **endpoint).message


@pytest.mark.parametrize("record", list(RECORDS.values()), ids=list(RECORDS))
def test_a_record_says_the_same_in_every_shape(record: dict[str, Any]) -> None:
    """Alone, in an array, in its list, with its kind or by its mark: the same observation."""
    (name,) = (name for name, other in RECORDS.items() if other is record)
    (kind,) = (kind for mark, kind in MARKS.items() if mark in record)
    alone = one(record)
    for body in ([record], {name: [record]}, {"kind": kind, **record}, {name: [{**record, "kind": kind}]}):
        same = one(body)
        assert (same.message, same.key, same.occurred_at) == (alone.message, alone.key, alone.occurred_at)


@pytest.mark.parametrize(("one_mark", "other"), list(itertools.permutations(MARKS, 2)))
def test_a_record_of_two_kinds_is_refused_and_not_guessed(one_mark: str, other: str) -> None:
    """Two marks are no kind; the field `kind` decides, and an empty mark is none."""
    (record,) = (record for record in RECORDS.values() if one_mark in record)

    assert reject({**record, other: "x"}) == Reject(0, ItemReason.AMBIGUOUS_KIND, "kind")
    assert one({**record, other: "x", "kind": MARKS[one_mark]}).key == one(record).key
    assert one({**record, other: None}).key == one(record).key


@pytest.mark.parametrize("mark", ["kind", *MARKS])
def test_a_record_with_lists_is_refused_as_a_whole(mark: str) -> None:
    """Whichever half were meant, the other would be lost in silence."""
    with pytest.raises(WrongShape):
        read({"alerts": [ALERT], mark: "x"})


def test_indexes_count_through_all_lists_and_paths_name_the_list() -> None:
    """In the order alerts, health checks, SLI windows, wherever they stand in the body."""
    body = {"sli_windows": [WINDOW, {}], "health_checks": [{}, CHECK], "alerts": [ALERT, 7]}
    reading = read(body)

    assert [(signal.index, signal.key.subject[0]) for signal in reading.signals] == [
        (0, "alert"),
        (3, "check"),
        (4, "sli"),
    ]
    assert [(reject.index, reject.path) for reject in reading.rejects] == [
        (1, "alerts[1]"),
        (2, "health_checks[0].resource"),
        (5, "sli_windows[1].slo_id"),
    ]


@settings(max_examples=200, deadline=None)
@given(
    sibling=JSON
    | st.sampled_from(list(RECORDS.values())).flatmap(
        lambda record: st.builds(lambda name, value: {**record, name: value}, st.sampled_from(sorted(record)), JSON)
    )
)
def test_a_sibling_changes_nothing(sibling: Any) -> None:
    """Good records are read in the same way whatever stands between them."""
    alone, together = read([ALERT, CHECK, WINDOW]), read([ALERT, sibling, CHECK, sibling, WINDOW])

    assert said(together, 0, 2, 4) == said(alone, 0, 1, 2)


def said(reading: Reading, *indexes: int) -> list[tuple[Any, ...]]:
    """All that a reading says of some items."""
    return [(s.message, s.key, s.occurred_at, s.repairs) for s in reading.signals if s.index in indexes]


def test_an_alert_is_named_by_its_labels_and_its_name() -> None:
    """Two alerts on one host are two; where the labels hold the name, the hash is what Alertmanager would send."""
    down, slow = message(ALERT), message(changed(ALERT, name="HostSlow"))
    named = message(changed(ALERT, labels={"host": "vault-3", "alertname": "BackupLate"}, name="Backup is late"))

    assert down.source == ALERT_SOURCE_CUSTOM
    assert down.alert_id == f"generic:default:{fingerprint({'host': 'vault-3', 'alertname': 'BackupLate'})}"
    assert down.alert_id != slow.alert_id
    assert down.alert_id == named.alert_id
    assert message(changed(ALERT, fingerprint="mine")).alert_id == "generic:default:mine"


def test_an_alert_has_the_links_of_its_annotations_unless_it_has_its_own() -> None:
    """Annotation `runbook_url` is the convention; the field beside it wins."""
    annotations = {"runbook_url": "https://a.example.org", "dashboard_url": "https://b.example.org"}
    noted = message(changed(ALERT, annotations=annotations))
    own = message(changed(ALERT, annotations=annotations, runbook_url="https://c.example.org"))

    assert (noted.runbook_url, noted.dashboard_url) == ("https://a.example.org", "https://b.example.org")
    assert (own.runbook_url, own.dashboard_url) == ("https://c.example.org", "https://b.example.org")


@pytest.mark.parametrize(("resources", "kinds"), [(..., ["host"]), (None, ["host"]), ([], [])])
def test_resources_are_told_or_taken_from_the_labels(resources: object, kinds: list[str]) -> None:
    """An empty list says that nothing is affected."""
    found = message(changed(ALERT, resources=resources)).affected_resources

    assert [resource.type for resource in found] == kinds


def test_the_scope_fills_what_a_resource_leaves_out() -> None:
    """In alerts and in checks alike; what the sender says wins."""
    scope, blue = Scope("green", "production"), {"type": "host", "id": "a", "cluster": "blue"}
    (told,) = message(changed(ALERT, resources=[blue]), scope=scope).affected_resources
    checked = message(changed(CHECK, resource=blue), scope=scope).health_check.resource_ref

    assert told == checked
    assert (told.cluster, told.environment) == ("blue", "production")


def test_severity_goes_by_the_endpoints_table() -> None:
    """The word travels beside what the table makes of it."""
    table = SeverityTable({"red": SEVERITY_CRITICAL}, SEVERITY_HIGH)
    red, odd = (message(changed(ALERT, severity=word), severity=table) for word in ("Red", "odd"))

    assert (red.severity, red.source_severity) == (SEVERITY_CRITICAL, "Red")
    assert (odd.severity, odd.source_severity) == (SEVERITY_HIGH, "odd")


def test_the_watchdog_is_an_alert_here() -> None:
    """Nothing is recognised: a sender that means a health check can say so."""
    assert one(changed(ALERT, labels={"alertname": "Watchdog"})).key.subject[0] == "alert"


def test_a_check_is_named_by_its_resource_and_its_name() -> None:
    """All its observations share an id whatever they found; another name or place is another check."""
    well, ill = message(CHECK).health_check, message(changed(CHECK, status="unhealthy")).health_check
    others = [changed(CHECK, check_name="cart"), changed(CHECK, resource={"type": "service", "id": "cart"})]

    assert well.status == HEALTH_STATUS_HEALTHY
    assert well.healthcheck_id == ill.healthcheck_id
    assert len({well.healthcheck_id, *(message(other).health_check.healthcheck_id for other in others)}) == 3
    assert one(changed(CHECK, checked_at=None)).key.episode == TIMELESS


@pytest.mark.parametrize(
    ("seconds", "nanos"),
    [(0, 0), (0.0125, 12_500_000), (1e-9, 1), (315_576_000_000, 315_576_000_000 * 10**9)],
)
def test_latency_is_told_in_seconds(seconds: float, nanos: int) -> None:
    """To the nanosecond, up to the longest duration of the contract; beyond it and below 0 it is refused."""
    assert message(changed(CHECK, latency_seconds=seconds)).health_check.latency.ToNanoseconds() == nanos
    for bad in (-0.001, 315_576_000_001, 1e308):
        assert reject(changed(CHECK, latency_seconds=bad)) == Reject(0, ItemReason.BAD_FIELD, "latency_seconds")


@pytest.mark.parametrize(
    ("numbers", "expected"),
    [
        ({"good_count": 0, "total_count": 0}, (0.0, 0.0, 0.0)),
        ({"good_count": 0, "total_count": 3.5}, (0.0, 3.5, 0.0)),
        ({"good_count": 2**53 + 1, "total_count": 2**53 + 2}, (2.0**53, 2.0**53 + 2, 0.0)),
        ({"sli_value": 1}, (0.0, 0.0, 1.0)),
        ({"sli_value": 0.5, "good_count": 0, "total_count": 0}, (0.0, 0.0, 0.5)),
        ({"sli_value": 0, "good_count": 1, "total_count": 2}, (1.0, 2.0, 0.0)),
        ({"sli_value": 0, "good_count": 0, "total_count": 0}, (0.0, 0.0, 0.0)),
        ({"sli_value": 0}, (0.0, 0.0, 5e-324)),
    ],
)
def test_a_window_has_counts_or_a_ratio(numbers: dict[str, float], expected: tuple[float, ...]) -> None:
    """No traffic is legal. A ratio of 0 by itself is the worst there is, so it must not read as no traffic."""
    window = message({**TIMES, **numbers}).window

    assert (window.good_count, window.total_count, window.sli_value) == expected


@pytest.mark.parametrize(
    ("numbers", "path"),
    [
        ({}, "good_count"),
        ({"total_count": 1}, "good_count"),
        ({"good_count": 1}, "total_count"),
        ({"good_count": 1, "sli_value": 0.5}, "total_count"),
        ({"total_count": 1, "sli_value": 0.5}, "good_count"),
    ],
)
def test_a_window_with_half_its_numbers_is_refused(numbers: dict[str, float], path: str) -> None:
    """A count that is left out is not taken for 0."""
    record = {**TIMES, **numbers}

    assert reject(record) == Reject(0, ItemReason.MISSING_FIELD, path)


@pytest.mark.parametrize("name", ["labels", "annotations", "group_labels", "values"])
def test_too_many_texts_cost_the_alert(name: str) -> None:
    """No log would take them, and sealing them would hold up all others."""
    record = changed(ALERT, **{name: {str(number): 1 for number in range(MAX_TEXTS + 1)}})

    assert reject(record) == Reject(0, ItemReason.TOO_LARGE, name)


@pytest.mark.parametrize(
    ("record", "name", "member"),
    [(ALERT, "resources", CHECK["resource"]), (CHECK, "conditions", {"type": "Ready", "status": "true"})],
)
def test_too_long_a_list_costs_the_record(record: dict[str, Any], name: str, member: object) -> None:
    """As many as there may be are read, one more is refused."""
    assert one(changed(record, **{name: [member] * MAX_TEXTS}))
    assert reject(changed(record, **{name: [member] * (MAX_TEXTS + 1)})) == Reject(0, ItemReason.TOO_LARGE, name)
