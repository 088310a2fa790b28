"""What the room for Prometheus and its kin promises beyond its samples."""

from typing import Any

import pytest

from adapters.prometheus import adapter
from ameide_core_proto.sre.core.v1.alert_pb2 import ALERT_SOURCE_PROMETHEUS
from ameide_core_proto.sre.core.v1.intents_pb2 import RecordSLIWindowRequested
from ameide_core_proto.sre.core.v1.sre_pb2 import (
    ALERT_STATUS_FIRING,
    ALERT_STATUS_RESOLVED,
    HEALTH_STATUS_HEALTHY,
    HEALTH_STATUS_UNHEALTHY,
)
from sre_ingest import catalog, endpoints
from sre_ingest.sdk.delivery import Scope
from sre_ingest.sdk.errors import ItemReason, NotJson, WrongShape
from sre_ingest.sdk.samples import RECEIVED_AT
from sre_ingest.sdk.signal import TIMELESS, Reading, Reject, Repair, Signal
from sre_ingest.sdk.times import GO_ZERO, SECOND, Instant, parse, rfc3339, timestamp
from sre_ingest.settings import Settings
from tests.rooms import bodies
from tests.rooms.bodies import alert, changed, check, only
from tests.rooms.bodies import read as read_at

START = parse("2026-01-02T03:00:00Z")
FUTURE, PAST = rfc3339(Instant(RECEIVED_AT + 1)), rfc3339(Instant(RECEIVED_AT - 1))
NO_TIMES = [rfc3339(GO_ZERO), None, "", ...]


def item(**changes: Any) -> dict[str, Any]:
    """A firing alert as Prometheus writes it, with a few changes; `...` removes a field."""
    fields = {
        "annotations": {"summary": "The queue grows"},
        "endsAt": "2026-01-02T03:08:00Z",
        "startsAt": "2026-01-02T03:00:00Z",
        "generatorURL": "https://prometheus.example.org/graph",
        "labels": {"alertname": "QueueGrows", "severity": "warning", "queue": "invoices"},
    }
    return changed(fields, changes)


def read(body: object, **endpoint: Any) -> Reading:
    """The reading of a body in this room."""
    return read_at(body, adapter, **endpoint)


def one(**changes: Any) -> Signal:
    """The signal of a body with one changed alert."""
    return only(read([item(**changes)]))


def test_its_senders_find_it_where_an_alertmanager_would_be() -> None:
    """They append the path themselves, and repeat themselves each minute, so its window is an hour."""
    ways = {endpoint.path: endpoint for endpoint, _ in endpoints.resolve(Settings(), catalog.installed())}

    assert (ways["/api/v2/alerts"].source, ways["/api/v2/alerts"].dedup_window) == ("prometheus", 3_600 * SECOND)
    assert "/webhooks/prometheus" not in ways


def test_an_end_in_the_future_is_firing() -> None:
    """Until then an Alertmanager would keep the alert; a nanosecond is future enough, and the end is not passed on."""
    signal = one(endsAt=FUTURE)

    assert alert(signal).status == ALERT_STATUS_FIRING
    assert alert(signal).starts_at == timestamp(START)
    assert not alert(signal).HasField("ends_at")
    assert (signal.began_at, signal.occurred_at, signal.key.state) == (START, START, "firing")
    assert signal.repairs == ()


@pytest.mark.parametrize("end", [rfc3339(RECEIVED_AT), PAST, "1970-01-01T00:00:00Z", "2026-01-02T05:04:05.678+02:00"])
def test_an_end_that_has_come_is_resolved(end: str) -> None:
    """Now is past already, as it is to Alertmanager. The end is the observation's time, the start names the episode."""
    signal = one(endsAt=end)

    assert alert(signal).status == ALERT_STATUS_RESOLVED
    assert alert(signal).ends_at == timestamp(parse(end))
    assert (signal.began_at, signal.occurred_at, signal.key.state) == (START, parse(end), "resolved")
    assert signal.key.episode == "2026-01-02T03:00:00Z"
    assert signal.repairs == ()


@pytest.mark.parametrize("end", NO_TIMES)
def test_an_alert_without_end_is_firing(end: object) -> None:
    """Some, such as vmalert, leave the end out, others write Go's zero: nothing is missing, nothing is counted."""
    signal = one(endsAt=end)

    assert (alert(signal).status, signal.key.state, signal.repairs) == (ALERT_STATUS_FIRING, "firing", ())


@pytest.mark.parametrize("start", NO_TIMES)
def test_an_alert_without_start_has_a_timeless_episode(start: object) -> None:
    """The time of receipt stands in for it, is counted, and names no episode: every resend has the same key."""
    signal = one(startsAt=start)

    assert alert(signal).starts_at == timestamp(RECEIVED_AT)
    assert (signal.began_at, signal.occurred_at, signal.key.episode) == (None, RECEIVED_AT, TIMELESS)
    assert signal.repairs == (Repair.START_MISSING,)


@pytest.mark.parametrize("time", ["yesterday", "2026-02-30T00:00:00Z", "10000-01-01T00:00:00Z", 1767322800, True, {}])
def test_an_unreadable_time_costs_the_alert(time: object) -> None:
    """The end as well: without it nobody knows whether the alert fires."""
    assert read([item(startsAt=time), item(endsAt=time)]).rejects == [
        Reject(0, ItemReason.BAD_TIME, "[0].startsAt"),
        Reject(1, ItemReason.BAD_TIME, "[1].endsAt"),
    ]


def test_the_fingerprint_is_the_one_an_alertmanager_in_between_would_have_sent() -> None:
    """Computed from the labels that have a value, whatever the body claims it is; that is no repair."""
    labels = {"alertname": "QueueGrows", "severity": "warning", "empty": ""}
    direct = alert(one(labels=labels, fingerprint="0000000000000001"))
    between = alert(bodies.one(labels=labels, fingerprint=...))

    assert direct.fingerprint == between.fingerprint
    assert direct.alert_id == f"prometheus:default:{direct.fingerprint}"
    assert dict(direct.labels) == labels


def test_what_is_said_of_an_alert_arrives() -> None:
    """Labels, annotations, links, resources and severity, as everywhere; there is no group, and no receiver."""
    labels = {"alertname": "A", "severity": "page", "namespace": "shop", "pod": "cart-0"}
    links = {"runbook_url": "https://r.example.org", "dashboard_url": "https://d.example.org"}
    message = alert(only(read([item(labels=labels, annotations=links)], scope=Scope(cluster="berlin-1"))))
    (resource,) = message.affected_resources

    assert (dict(message.labels), dict(message.annotations)) == (labels, links)
    assert (message.runbook_url, message.dashboard_url) == ("https://r.example.org", "https://d.example.org")
    assert (resource.type, resource.id, resource.cluster) == ("pod", "cart-0", "berlin-1")
    assert (message.source, message.source_severity) == (ALERT_SOURCE_PROMETHEUS, "page")
    assert message.generator_url == "https://prometheus.example.org/graph"
    assert [message.group_key, dict(message.group_labels), message.receiver, message.external_url] == ["", {}, "", ""]


@pytest.mark.parametrize(
    ("labels", "name", "repairs"),
    [
        ({"alertname": "own", "rulename": "rule"}, "own", ()),
        ({"alertname": "", "rulename": "rule"}, "rule", (Repair.NAME_MISSING,)),
        ({"job": "x"}, "(unnamed)", (Repair.NAME_MISSING,)),
    ],
)
def test_the_name_is_a_label(labels: dict[str, str], name: str, repairs: tuple[Repair, ...]) -> None:
    """Every other find than `alertname` is counted."""
    signal = one(labels={**labels, "severity": "info"})
    assert (alert(signal).name, signal.repairs) == (name, repairs)


@pytest.mark.parametrize(("word", "repairs"), [("info", ()), ("banana", (Repair.SEVERITY_UNMAPPED,))])
def test_an_unknown_severity_is_counted(word: str, repairs: tuple[Repair, ...]) -> None:
    """The word is kept."""
    signal = one(labels={"alertname": "A", "severity": word})
    assert (alert(signal).source_severity, signal.repairs) == (word, repairs)


@pytest.mark.parametrize(
    ("end", "health", "state"),
    [(FUTURE, HEALTH_STATUS_HEALTHY, "healthy"), (PAST, HEALTH_STATUS_UNHEALTHY, "unhealthy")],
)
def test_the_watchdog_is_a_health_check_of_prometheus(end: str, health: int, state: str) -> None:
    """It shows that rules are evaluated and get through; no Alertmanager had a part in it."""
    signal = only(read([item(labels={"alertname": "Watchdog", "cluster": "b"}, endsAt=end)], instance="site-a"))
    found = check(signal)

    assert (found.status, signal.key.state, signal.key.episode) == (health, state, TIMELESS)
    assert (found.resource_ref.type, found.resource_ref.id, found.resource_ref.cluster) == ("prometheus", "site-a", "b")
    assert (found.check_name, found.message) == ("Watchdog", "The queue grows")
    assert (signal.occurred_at, signal.repairs) == (RECEIVED_AT, ())


def test_rules_make_windows_and_checks_of_alerts_here_as_well() -> None:
    """The same options as in the room of Alertmanager; the future end of a firing alert is not taken for its time."""
    assert adapter.options is not None
    rules = adapter.options.model_validate(
        {
            "slo": [{"label": "slo", "good": "good", "total": "total", "window": "5m"}],
            "probes": [{"match": {"job": "blackbox"}}],
        }
    )
    counted = item(labels={"alertname": "Window", "slo": "shop"}, annotations={"good": "9", "total": "10"})
    probed = item(labels={"alertname": "ProbeFailed", "job": "blackbox", "instance": "https://shop.example.org"})
    measurement, probe = read([counted, probed], options=rules).signals

    assert isinstance(measurement.message, RecordSLIWindowRequested)
    told = measurement.message.window
    assert (measurement.message.slo_id, told.source, told.good_count, told.total_count) == ("shop", "prometheus", 9, 10)
    assert told.window_end == timestamp(START)
    assert (check(probe).status, check(probe).checked_at) == (HEALTH_STATUS_UNHEALTHY, timestamp(START))


@pytest.mark.parametrize("status", [{}, {"state": "active"}, {"state": "suppressed", "silencedBy": ["1"]}])
def test_what_get_answers_is_refused_by_its_name(status: object) -> None:
    """It was read from an Alertmanager and not sent to one: a silenced alert would fire here."""
    assert read([item(status=status)]).rejects == [Reject(0, ItemReason.GETTABLE_ALERT, "[0].status")]


@pytest.mark.parametrize("status", ["firing", "resolved", "", None, 7, []])
def test_any_other_status_is_passed_over(status: object) -> None:
    """An unknown field: the end alone decides, as it does in Alertmanager."""
    assert one(status=status, endsAt=FUTURE).key.state == "firing"
    assert one(status=status, endsAt=PAST).key.state == "resolved"


def test_a_bad_alert_costs_only_itself() -> None:
    """Indexes are those of the body, so a receipt can point at the right one."""
    reading = read([item(), None, item(labels={"a": ""}), item(annotations=[]), item(generatorURL=1), item()])

    assert [signal.index for signal in reading.signals] == [0, 5]
    assert reading.rejects == [
        Reject(1, ItemReason.NOT_AN_OBJECT, "[1]"),
        Reject(2, ItemReason.NO_LABELS, "[2].labels"),
        Reject(3, ItemReason.BAD_FIELD, "[3].annotations"),
        Reject(4, ItemReason.BAD_FIELD, "[4].generatorURL"),
    ]


@pytest.mark.parametrize("body", [b"{}", b"null", b"7", b'"alerts"', b'{"alerts": []}', b"true"])
def test_a_body_that_is_no_array_is_the_wrong_shape(body: bytes) -> None:
    """Alertmanager's own webhook among them, which goes to another path."""
    with pytest.raises(WrongShape):
        read(body)


@pytest.mark.parametrize("body", [b"", b"[", b"[NaN]", b'[{"a": 1, "a": 2}]', b"\xef\xbb\xbf[]", b'["\\ud83d"]'])
def test_a_body_that_is_no_strict_json_is_refused_as_a_whole(body: bytes) -> None:
    """Half characters among them: protobuf cannot carry them."""
    with pytest.raises(NotJson):
        read(body)
