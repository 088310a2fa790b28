"""Options that make measurements and health checks of alerts, in the rooms that have them."""

import json
import re
from contextlib import suppress
from dataclasses import replace
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from pydantic import ValidationError

from adapters import alertmanager, grafana
from ameide_core_proto.sre.core.v1.health_pb2 import HEALTH_CHECK_SOURCE_PROBE
from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested, RecordSLIWindowRequested
from ameide_core_proto.sre.core.v1.slo_pb2 import SLIWindow
from ameide_core_proto.sre.core.v1.sre_pb2 import HEALTH_STATUS_HEALTHY, HEALTH_STATUS_UNHEALTHY, HEALTH_STATUS_UNKNOWN
from sre_ingest import catalog
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Scope
from sre_ingest.sdk.errors import DeliveryError, ItemReason
from sre_ingest.sdk.rules import Rules
from sre_ingest.sdk.samples import RECEIVED_AT
from sre_ingest.sdk.signal import Repair, Signal
from sre_ingest.sdk.times import SECOND, Instant, parse, timestamp
from tests.rooms.bodies import alert, check, document, item, only, read
from tests.rooms.contract import assert_valid
from tests.rooms.strategies import mutated

ROOMS = [alertmanager.adapter, grafana.adapter]
EVERY_ROOM = pytest.mark.parametrize("room", ROOMS, ids=lambda room: room.name)
START, END = "2026-01-02T03:00:00Z", "2026-01-02T03:03:20Z"
SLO = {"label": "sloth_id", "good": "good", "total": "total", "window": "5m"}
COUNTS = {"good": "995.5", "total": "1.0e+03"}
LABELS = {"alertname": "CheckoutWindow", "sloth_id": "checkout-availability", "severity": "page"}
BLACKBOX = {"match": {"job": "blackbox"}}
PROBED = {"alertname": "ProbeFailed", "job": "blackbox", "instance": "https://shop.example.org"}


def rules(**options: Any) -> Rules:
    """Options as an endpoint's configuration has them."""
    return Rules.model_validate(options)


def signal(room: Adapter, options: Rules, **changes: Any) -> Signal:
    """The signal of one changed alert at an endpoint with rules."""
    reading = read(document(item(**changes)), room, options=options)
    assert_valid(reading)
    return only(reading)


def window(found: Signal) -> SLIWindow:
    """The window that a signal carries."""
    assert isinstance(found.message, RecordSLIWindowRequested)
    return found.message.window


@EVERY_ROOM
def test_an_alert_with_counts_is_a_window(room: Adapter) -> None:
    """Named by the label, measured by the annotations, ending at the alert's time."""
    found = signal(room, rules(slo=[SLO]), labels=LABELS, annotations=COUNTS)
    told = window(found)

    assert isinstance(found.message, RecordSLIWindowRequested)
    assert found.message.slo_id == "checkout-availability"
    assert (told.good_count, told.total_count, told.sli_value, told.partial) == (995.5, 1000.0, 0, False)
    assert told.source == {"alertmanager": "prometheus", "grafana": "grafana"}[room.name]
    assert told.window_end == timestamp(parse(START))
    assert told.window_start == timestamp(Instant(parse(START) - 300 * SECOND))


@pytest.mark.parametrize(
    ("changes", "options", "end", "repairs"),
    [
        ({}, {}, parse(START), ()),
        ({"status": "resolved", "endsAt": END}, {}, parse(END), ()),
        ({"annotations": COUNTS | {"end": "1767323045"}}, {"end": "end"}, Instant(1767323045 * SECOND), ()),
        ({"annotations": COUNTS | {"end": "1.767323045e+09"}}, {"end": "end"}, Instant(1767323045 * SECOND), ()),
        ({"annotations": COUNTS | {"end": "soon"}}, {"end": "end"}, parse(START), ()),
        ({"startsAt": None}, {}, parse("2026-01-02T03:00:00Z"), (Repair.START_MISSING,)),
        ({"startsAt": None}, {"window": "1m"}, parse("2026-01-02T03:04:00Z"), (Repair.START_MISSING,)),
        ({"status": "resolved", "endsAt": None}, {}, parse("2026-01-02T03:00:00Z"), (Repair.END_MISSING,)),
    ],
)
def test_a_window_ends_when_the_body_says(
    changes: dict[str, Any], options: dict[str, Any], end: Instant, repairs: tuple[Repair, ...]
) -> None:
    """By the number that is named for it, by the alert's time, and only without both by the clock."""
    sent = {"labels": LABELS, "annotations": COUNTS} | changes
    found = signal(alertmanager.adapter, rules(slo=[SLO | options]), **sent)

    assert window(found).window_end == timestamp(end)
    assert found.occurred_at == end
    assert found.repairs == repairs


@EVERY_ROOM
def test_a_retry_names_the_same_window(room: Adapter) -> None:
    """Whenever the same body arrives, the natural key is the same; other numbers are another state of that window."""
    body = json.dumps(document(item(labels=LABELS, annotations=COUNTS))).encode()
    first = samples.delivery(room, body)
    first = replace(first, endpoint=replace(first.endpoint, options=rules(slo=[SLO])))
    later = replace(first, received_at=Instant(RECEIVED_AT + 3_600 * SECOND))
    other = signal(room, rules(slo=[SLO]), labels=LABELS, annotations=COUNTS | {"good": "990"})

    assert only(room.read(first)).key == only(room.read(later)).key
    assert only(room.read(first)).key.subject == other.key.subject
    assert only(room.read(first)).key != other.key


@EVERY_ROOM
@pytest.mark.parametrize(
    "changes",
    [
        {"annotations": {}},
        {"annotations": {"good": "1"}},
        {"annotations": {"good": "<no value>", "total": "NaN"}},
        {"annotations": {"good": "1_0", "total": "10"}},
        {"labels": {"alertname": "A", "sloth_id": ""}},
        {"labels": {"alertname": "A", "sloth_slo": "availability"}},
    ],
)
def test_a_burn_rate_alert_without_counts_stays_an_alert(room: Adapter, changes: dict[str, Any]) -> None:
    """And so does one whose label names no objective."""
    sent = {"labels": LABELS, "annotations": COUNTS} | changes

    assert alert(signal(room, rules(slo=[SLO]), **sent)).name == sent["labels"]["alertname"]


@EVERY_ROOM
@pytest.mark.parametrize("counts", [{"good": "11"}, {"good": "-1"}, {"total": "1e999"}])
def test_counts_that_cannot_be_true_are_refused(room: Adapter, counts: dict[str, str]) -> None:
    """With a reason of their own; neither a window nor an alert is made up."""
    body = document(item(labels=LABELS, annotations={"good": "1", "total": "10"} | counts))

    assert [one.reason for one in read(body, room, options=rules(slo=[SLO])).rejects] == [ItemReason.BAD_WINDOW]


@pytest.mark.parametrize("end", ["1e300", "-1e300", "1e11", "1e999"])
def test_a_window_outside_of_time_is_refused(end: str) -> None:
    """No timestamp can carry it; the year 5138 it can."""
    body = document(item(labels=LABELS, annotations=COUNTS | {"end": end}))
    reading = read(body, options=rules(slo=[SLO | {"end": "end"}]))

    assert [one.reason for one in reading.rejects] == ([] if end == "1e11" else [ItemReason.BAD_WINDOW])


def test_values_go_before_annotations() -> None:
    """Grafana brings numbers of its own."""
    slo = rules(slo=[SLO | {"end": "end"}])
    values = {"good": 3, "total": 4, "end": 1767323045}
    told = window(signal(grafana.adapter, slo, labels=LABELS, annotations=COUNTS, values=values))

    assert (told.good_count, told.total_count, told.window_end.seconds) == (3, 4, 1767323045)


def test_a_legacy_rule_can_measure() -> None:
    """Its tags name the objective, its series are the counts, and its time is the receipt's, cut to the window."""
    matches = [{"metric": name, "value": number} for name, number in (("good", 3), ("total", 4))]
    body = {"ruleId": 1, "ruleName": "r", "state": "alerting", "tags": {"sloth_id": "s"}, "evalMatches": matches}
    told = window(only(read(body, grafana.adapter, options=rules(slo=[SLO]))))

    assert (told.good_count, told.window_end) == (3, timestamp(parse("2026-01-02T03:00:00Z")))


@EVERY_ROOM
@pytest.mark.parametrize(
    ("changes", "health", "word", "at"),
    [
        ({}, HEALTH_STATUS_UNHEALTHY, "unhealthy", START),
        ({"status": "resolved", "endsAt": END}, HEALTH_STATUS_HEALTHY, "healthy", END),
    ],
)
def test_a_probes_alert_is_a_health_check(
    room: Adapter, changes: dict[str, Any], health: int, word: str, at: str
) -> None:
    """Of the resource that a label names, at the time when its health changed."""
    body = document(item(**({"labels": PROBED} | changes)))
    found = only(read(body, room, options=rules(probes=[BLACKBOX]), scope=Scope(cluster="berlin-1")))
    told = check(found)

    assert (told.status, found.key.state, told.source) == (health, word, HEALTH_CHECK_SOURCE_PROBE)
    assert (told.resource_ref.type, told.resource_ref.id) == ("endpoint", "https://shop.example.org")
    assert (told.resource_ref.cluster, told.check_name, told.message) == ("berlin-1", "ProbeFailed", "The queue grows")
    assert told.checked_at == timestamp(parse(at))
    assert found.key.once


@EVERY_ROOM
def test_a_probe_names_what_it_is_told_to_name(room: Adapter) -> None:
    """Type, resource and check by the rule's own words."""
    rule = BLACKBOX | {"resource_type": "site", "resource_label": "target", "check_label": "module"}
    labels = PROBED | {"target": "shop", "module": "http_2xx"}
    told = check(signal(room, rules(probes=[rule]), labels=labels))

    assert (told.resource_ref.type, told.resource_ref.id, told.check_name) == ("site", "shop", "http_2xx")


@EVERY_ROOM
@pytest.mark.parametrize("labels", [PROBED | {"job": "node"}, {"alertname": "ProbeFailed", "job": "blackbox"}])
def test_an_alert_that_does_not_fit_stays_an_alert(room: Adapter, labels: dict[str, str]) -> None:
    """Another job, or a probe of nobody knows what."""
    assert alert(signal(room, rules(probes=[BLACKBOX]), labels=labels)).name == "ProbeFailed"


@EVERY_ROOM
def test_nothing_is_recognised_by_default(room: Adapter) -> None:
    """Whoever sends an alert gets an alert."""
    for labels in (LABELS, PROBED, {"alertname": "ErrorBudgetBurn", "slo": "checkout", "severity": "critical"}):
        for options in (None, Rules()):
            assert alert(only(read(document(item(labels=labels, annotations=COUNTS)), room, options=options)))


@EVERY_ROOM
def test_the_first_rule_that_fits_counts(room: Adapter) -> None:
    """Objectives before probes, the watchdog before both."""
    both = rules(slo=[SLO | {"window": "1m"}, SLO], probes=[{"match": {"severity": "page"}}])
    labels = LABELS | {"instance": "a"}
    found = window(signal(room, both, labels=labels, annotations=COUNTS))

    assert found.window_end.seconds - found.window_start.seconds == 60
    assert check(signal(room, both, labels=labels)).resource_ref.id == "a"
    watched = check(signal(room, both, labels=labels | {"alertname": "Watchdog"}, annotations=COUNTS))
    assert watched.resource_ref.type == room.name


@pytest.mark.parametrize("name", ["DatasourceNoData", "DatasourceError"])
def test_what_grafana_says_of_a_data_source_is_no_finding_of_the_rule(name: str) -> None:
    """Although it carries the rule's labels."""
    both = rules(slo=[SLO], probes=[BLACKBOX])
    labels = LABELS | PROBED | {"alertname": name}
    found = signal(grafana.adapter, both, labels=labels, annotations=COUNTS)

    assert isinstance(found.message, IngestAlertRequested)


def test_a_probe_that_ended_without_a_measurement_is_unknown() -> None:
    """Grafana ends an alert as well when its series are missing, or when somebody pauses or deletes the rule."""
    annotations = {"summary": "s", "grafana_state_reason": "MissingSeries"}
    probes = rules(probes=[BLACKBOX])
    ended = signal(grafana.adapter, probes, labels=PROBED, status="resolved", endsAt=END, annotations=annotations)
    firing = signal(grafana.adapter, probes, labels=PROBED, annotations=annotations)

    assert (check(ended).status, ended.key.state) == (HEALTH_STATUS_UNKNOWN, "unknown")
    assert check(firing).status == HEALTH_STATUS_UNHEALTHY


@pytest.mark.parametrize(
    "options",
    [
        {"slo": [{"label": "slo"}]},
        {"slo": [SLO | {"window": "0s"}]},
        {"slo": [SLO | {"window": "five minutes"}]},
        {"slo": [SLO | {"label": ""}]},
        {"probes": [{"match": {}}]},
        {"probes": [BLACKBOX | {"resource": "x"}]},
        {"probe": []},
    ],
)
def test_options_that_mean_nothing_end_the_start(options: dict[str, Any]) -> None:
    """A rule that is incomplete, matches everything or has a word too many."""
    with pytest.raises(ValidationError):
        Rules.model_validate(options)


@EVERY_ROOM
def test_nothing_that_a_sender_sends_breaks_a_rule(room: Adapter) -> None:
    """Whatever stands where, the outcome is a valid reading or one of the errors that have an answer."""
    numbers = COUNTS | {"end": "1767323045"}
    both = rules(slo=[SLO | {"end": "end"}], probes=[BLACKBOX])
    alerts = [item(labels=LABELS, annotations=numbers, values={"good": 1}), item(labels=PROBED, status="resolved")]

    @settings(max_examples=300, deadline=None)
    @given(mutated([document(*alerts)]))
    def trial(body: Any) -> None:
        with suppress(DeliveryError):
            assert_valid(read(body, room, options=both))

    trial()


@EVERY_ROOM
def test_the_rooms_page_shows_options_that_work(room: Adapter) -> None:
    """Every endpoint of its examples is valid, and recognises a window and a probe."""
    page = (catalog.folder(room) / "README.md").read_text()
    blocks = [yaml.safe_load(block) for block in re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)]
    (shown,) = [block["endpoints"][0] for block in blocks if "endpoints" in block]
    options = Rules.model_validate(shown["options"])
    slo, probe = options.slo[0], options.probes[0]
    counts = {slo.good: "1", slo.total: "2"}

    assert (shown["adapter"], shown["path"]) == (room.name, f"/webhooks/{room.name}")
    assert window(signal(room, options, labels={slo.label: "s", **slo.match}, annotations=counts)).total_count == 2
    assert check(signal(room, options, labels={**probe.match, probe.resource_label: "r"})).resource_ref.id == "r"
