"""What the room for Grafana promises beyond its samples."""

from typing import Any

import pytest

from adapters.grafana import adapter
from adapters.grafana.translate import TEST_FINGERPRINT
from ameide_core_proto.sre.core.v1.alert_pb2 import ALERT_SOURCE_GRAFANA
from ameide_core_proto.sre.core.v1.intents_pb2 import IngestAlertRequested
from ameide_core_proto.sre.core.v1.sre_pb2 import ALERT_STATUS_FIRING, ALERT_STATUS_RESOLVED, ALERT_STATUS_SILENCED
from sre_ingest.sdk.errors import ItemReason, WrongShape
from sre_ingest.sdk.fingerprints import fingerprint
from sre_ingest.sdk.samples import RECEIVED_AT
from sre_ingest.sdk.signal import Reading, Reject, Repair, Signal
from sre_ingest.sdk.times import parse
from tests.rooms.bodies import alert, changed, check, item, only
from tests.rooms.bodies import read as read_at

TEST_LABELS = {"alertname": "TestAlert", "instance": "Grafana"}


def read(body: object, **endpoint: Any) -> Reading:
    """The reading of a body in this room."""
    return read_at(body, adapter, **endpoint)


def document(*alerts: object, **changes: Any) -> dict[str, Any]:
    """An envelope of unified alerting with a few changes; `...` removes a field."""
    envelope = {"version": "1", "orgId": 7, "title": "t", "state": "alerting", "status": "firing", "message": "m"}
    return changed({**envelope, "alerts": list(alerts)}, changes)


def one(**changes: Any) -> Signal:
    """The signal of a body with one changed alert."""
    return only(read(document(item(**changes))))


def said(**changes: Any) -> IngestAlertRequested:
    """The alert of a body with one changed alert."""
    return alert(one(**changes))


@pytest.mark.parametrize("version", ["1", "4", 8, None, ...])
def test_the_shape_decides_and_not_the_version(version: object) -> None:
    """A body is unified alerting's by its list of alerts, whatever it calls itself."""
    signal = only(read(document(item(), version=version)))

    assert alert(signal).source == ALERT_SOURCE_GRAFANA
    assert signal.key.subject == ("alert", "default", "grafana", "default", "00f1e2d3c4b5a697")


@pytest.mark.parametrize(
    ("own", "group", "state", "expected"),
    [
        ("firing", "resolved", "ok", ALERT_STATUS_FIRING),
        ("resolved", "firing", "alerting", ALERT_STATUS_RESOLVED),
        (..., "resolved", "alerting", ALERT_STATUS_RESOLVED),
        ("", ..., "Alerting", ALERT_STATUS_FIRING),
        (None, None, "ok", ALERT_STATUS_RESOLVED),
        ("Suppressed", "firing", "alerting", ALERT_STATUS_SILENCED),
    ],
)
def test_the_narrowest_word_for_the_state_decides(own: object, group: object, state: str, expected: int) -> None:
    """The alert's status, then the group's, then the group's `state`; all but the first are counted."""
    signal = only(read(document(item(status=own, endsAt="2026-01-02T03:03:00Z"), status=group, state=state)))

    assert alert(signal).status == expected
    assert (Repair.STATUS_MISSING in signal.repairs) == (not isinstance(own, str) or own == "")


def test_no_state_is_guessed() -> None:
    """A word that nobody knows costs the alert, and so does none at all."""
    reading = read(document(item(status="normal"), item(status=...), status=..., state=...))

    assert [reject.reason for reject in reading.rejects] == [ItemReason.UNKNOWN_STATUS, ItemReason.NO_STATUS]


@pytest.mark.parametrize(
    ("sent", "expected"),
    [
        ({"B": 2473545728, "minute": 0.5}, {"B": 2473545728.0, "minute": 0.5}),
        ({"a": None, "b": True, "c": "1", "d": [], "e": 10**400, "f": 3}, {"f": 3.0}),
        ({}, {}),
        (None, {}),
        (..., {}),
        ("B=1", {}),
    ],
)
def test_values_are_the_numbers_among_them(sent: object, expected: dict[str, float]) -> None:
    """A map, null or absent; what is no number is left out and costs nothing."""
    assert dict(said(values=sent).values) == expected


@pytest.mark.parametrize("number", ["1e999", "-1e999"])
def test_a_value_is_finite(number: str) -> None:
    """What no double can hold is left out."""
    body = '{"alerts": [{"status": "firing", "labels": {"a": "b"}, "values": {"A": ' + number + ', "B": 1}}]}'

    assert dict(alert(only(read(body.encode()))).values) == {"B": 1.0}


@pytest.mark.parametrize(
    ("dashboard", "panel", "annotation", "expected"),
    [("d", "p", "a", "d"), ("", "p", "a", "p"), (None, [], "a", "a"), (..., ..., ..., "")],
)
def test_the_dashboard_is_the_first_link_there_is(
    dashboard: object, panel: object, annotation: object, expected: str
) -> None:
    """Dashboard, panel, then the annotation of a rule's author."""
    annotations = changed({"summary": "s"}, {"dashboard_url": annotation})
    message = said(dashboardURL=dashboard, panelURL=panel, annotations=annotations)

    assert message.dashboard_url == expected


def test_what_the_contract_has_no_field_for_is_kept() -> None:
    """In annotations of its own, unless the rule's author used the name."""
    fields = {"ruleUID": "u", "panelURL": "p", "imageURL": "i", "valueString": "v"}
    message = said(**fields, annotations={"grafana.imageURL": "mine"})

    kept = {f"grafana.{name}": text for name, text in fields.items()}
    assert dict(message.annotations) == kept | {"grafana.orgId": "7", "grafana.imageURL": "mine"}


@pytest.mark.parametrize(("sent", "expected"), [(3, "3"), (..., "7"), (None, "7"), ("x", "x"), ([], "7")])
def test_the_organisation_is_the_alerts_own_or_the_envelopes(sent: object, expected: str) -> None:
    """Newer versions say it of each alert."""
    assert said(orgId=sent).annotations["grafana.orgId"] == expected


def test_ids_that_went_through_a_float_are_whole_again() -> None:
    """1.0 is organisation 1."""
    assert alert(only(read(b'{"alerts": [{"status": "firing", "labels": {"a": "b"}, "orgId": 1.0}]}'))).annotations[
        "grafana.orgId"
    ] == "1"  # fmt: skip


def test_the_test_button_is_one_alert_only_with_its_own_labels() -> None:
    """Its constant is the fingerprint of its labels; with other labels it would make one alert of different rules."""
    button = one(fingerprint=TEST_FINGERPRINT, labels=TEST_LABELS)
    first, second = (one(fingerprint=TEST_FINGERPRINT, labels={"alertname": name}) for name in ("A", "B"))

    assert fingerprint(TEST_LABELS) == TEST_FINGERPRINT
    assert (alert(button).fingerprint, Repair.FINGERPRINT_MISSING in button.repairs) == (TEST_FINGERPRINT, False)
    assert alert(first).fingerprint == fingerprint({"alertname": "A"}) != alert(second).fingerprint
    assert Repair.FINGERPRINT_MISSING in first.repairs


def test_any_other_fingerprint_is_kept_as_sent() -> None:
    """Grafana's covers labels that it does not send, so it never equals what the labels alone would give."""
    assert said(fingerprint="7d1c04f2a9b3e586").fingerprint == "7d1c04f2a9b3e586"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-01-02 03:00:00 +0000 UTC", "2026-01-02T03:00:00Z"),
        ("2026-01-02 04:00:00.112013015 +0100 CET m=+8560.285724134", "2026-01-02T03:00:00.112013015Z"),
        ("2026-01-02T03:00:00Z", "2026-01-02T03:00:00Z"),
    ],
)
def test_a_time_may_be_printed_as_go_prints_it(text: str, expected: str) -> None:
    """Which is what a payload template makes of it."""
    assert one(startsAt=text).began_at == parse(expected)


def test_the_zero_time_as_go_prints_it_is_none() -> None:
    """As in RFC 3339."""
    signal = one(startsAt="0001-01-01 00:00:00 +0000 UTC")

    assert (signal.began_at, signal.repairs) == (None, (Repair.START_MISSING,))


@pytest.mark.parametrize("text", ["2026-13-02 03:00:00 +0000 UTC", "2026-01-02 03:00:00 +0000", "yesterday"])
def test_an_unreadable_time_costs_the_alert(text: str) -> None:
    """No time is guessed."""
    assert read(document(item(startsAt=text))).rejects == [Reject(0, ItemReason.BAD_TIME, "alerts[0].startsAt")]


def test_grafanas_own_alerts_about_a_data_source_are_alerts() -> None:
    """They carry the rule's labels and its name, and are alerts in their own right."""
    labels = {"alertname": "DatasourceNoData", "rulename": "CheckoutSlow", "datasource_uid": "p", "ref_id": "A"}
    message = said(labels=labels, values=None)

    assert (message.name, message.labels["rulename"]) == ("DatasourceNoData", "CheckoutSlow")


def test_the_watchdog_is_a_health_check_of_grafana() -> None:
    """As in every room, named by the endpoint's labels."""
    found = check(one(labels={"alertname": "Watchdog"}))

    assert (found.resource_ref.type, found.resource_ref.id) == ("grafana", "default")


@pytest.mark.parametrize("body", [b"[]", b"null", b"{}", b'{"text": "own template"}', b'{"alerts": {}, "state": "ok"}'])
def test_a_body_of_neither_kind_is_the_wrong_shape(body: bytes) -> None:
    """A payload template of one's own can be any JSON."""
    with pytest.raises(WrongShape):
        read(body)


def rule(**changes: Any) -> dict[str, Any]:
    """A body of dashboard alerting with a few changes; `...` removes a field."""
    match = {"metric": "p99", "value": 97.25, "tags": {"instance": "checkout-0", "job": "shop"}}
    body = {"ruleId": 31, "ruleName": "Checkout slow", "orgId": 1, "state": "alerting", "evalMatches": [match]}
    return changed({**body, "title": "t", "ruleUrl": "u"}, changes)


def identity(**changes: Any) -> str:
    """The fingerprint of such a body."""
    return alert(only(read(rule(**changes)))).fingerprint


@pytest.mark.parametrize(
    ("word", "expected"),
    [
        ("alerting", ALERT_STATUS_FIRING),
        ("no_data", ALERT_STATUS_FIRING),
        ("ok", ALERT_STATUS_RESOLVED),
        ("OK", ALERT_STATUS_RESOLVED),
    ],
)
def test_a_legacy_state_is_mapped_and_its_word_kept(word: str, expected: int) -> None:
    """Missing data are trouble until somebody says otherwise, and the word tells which kind."""
    message = alert(only(read(rule(state=word))))

    assert (message.status, message.source, message.annotations["grafana.state"]) == (
        expected,
        ALERT_SOURCE_GRAFANA,
        word,
    )


@pytest.mark.parametrize("word", ["pending", "paused", "Paused"])
def test_a_legacy_rule_that_decided_nothing_is_ignored(word: str) -> None:
    """Counted, and no signal."""
    reading = read(rule(state=word))

    assert (list(reading.signals), list(reading.rejects), list(reading.ignored)) == ([], [], [0])


@pytest.mark.parametrize(
    ("changes", "reject"),
    [
        ({"state": "unknown"}, Reject(0, ItemReason.UNKNOWN_STATUS, "state")),
        ({"state": ...}, Reject(0, ItemReason.NO_STATUS, "state")),
        ({"state": ["ok"]}, Reject(0, ItemReason.NO_STATUS, "state")),
        ({"ruleId": None, "ruleName": ""}, Reject(0, ItemReason.NO_LABELS, "ruleName")),
    ],
)
def test_a_legacy_body_without_state_or_rule_is_refused(changes: dict[str, object], reject: Reject) -> None:
    """Neither is guessed."""
    assert read(rule(**changes)).rejects == [reject]


def test_a_legacy_rule_is_its_number_and_its_organisation() -> None:
    """Neither its name nor the series that matched: `ok` comes without them, and must end what they began."""
    assert identity() == identity(ruleName="Renamed", evalMatches=[], tags={"a": "b"}, state="ok", ruleId="31")
    assert len({identity(), identity(ruleId=32), identity(orgId=2)}) == 3


def test_a_legacy_rule_without_a_number_is_its_name() -> None:
    """As the test button sends it: number 0."""
    assert len({identity(ruleId=0, ruleName=name) for name in ("a", "b")}) == 2
    assert identity(ruleId=..., ruleName="a") != identity(ruleId=..., ruleName="b")


def test_a_legacy_alert_has_no_time() -> None:
    """The gateway's clock stands in, and is counted; the episode is timeless."""
    signal = only(read(rule(state="ok")))

    assert (signal.began_at, signal.occurred_at) == (None, RECEIVED_AT)
    assert {Repair.START_MISSING, Repair.END_MISSING} <= set(signal.repairs)


def test_legacy_labels_are_the_rules_tags_and_what_its_series_share() -> None:
    """The rule's name and tags win; what differs between the series belongs to none of them."""
    matches = [{"metric": "m", "value": 1, "tags": {"pod": pod, "job": "shop", "team": "x"}} for pod in ("a", "b")]
    message = alert(only(read(rule(evalMatches=matches, tags={"team": "shop", "alertname": "no"}))))

    assert dict(message.labels) == {"alertname": "Checkout slow", "job": "shop", "team": "shop"}


def test_legacy_series_are_values() -> None:
    """Of the same metric they are numbered; without a number they are left out."""
    sent = [("a", 1), ("a", 2.5), ("b", None), ("b", 10**400), ("a", 3)]
    matches = [{"metric": metric, "value": value, "tags": None} for metric, value in sent]

    assert dict(alert(only(read(rule(evalMatches=matches)))).values) == {"a": 1, "a #2": 2.5, "a #3": 3}


def test_a_list_of_alerts_makes_a_body_unified() -> None:
    """Whatever else it carries."""
    assert alert(only(read(document(item(), ruleId=1, ruleName="r")))).name == "QueueGrows"
