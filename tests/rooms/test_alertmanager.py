"""What the room for Alertmanager promises beyond its samples."""

import pytest

from ameide_core_proto.sre.core.v1.alert_pb2 import ALERT_SOURCE_PROMETHEUS
from ameide_core_proto.sre.core.v1.health_pb2 import HEALTH_CHECK_SOURCE_PROBE
from ameide_core_proto.sre.core.v1.sre_pb2 import (
    ALERT_STATUS_FIRING,
    ALERT_STATUS_RESOLVED,
    HEALTH_STATUS_HEALTHY,
    HEALTH_STATUS_UNHEALTHY,
    SEVERITY_HIGH,
    SEVERITY_MEDIUM,
)
from sre_ingest.sdk.delivery import Scope
from sre_ingest.sdk.errors import ItemReason, NotJson, WrongShape
from sre_ingest.sdk.fingerprints import fingerprint
from sre_ingest.sdk.samples import RECEIVED_AT
from sre_ingest.sdk.severity import SeverityTable
from sre_ingest.sdk.signal import TIMELESS, Reject, Repair
from sre_ingest.sdk.times import parse, timestamp
from tests.rooms.bodies import alert, check, document, item, one, only, read

START = parse("2026-01-02T03:00:00Z")
END = "2026-01-02T03:03:00Z"
NO_TIMES = ["0001-01-01T00:00:00Z", None, "", ...]


@pytest.mark.parametrize("word", ["firing", "FIRING", "Firing"])
def test_a_firing_alert_has_a_start_and_no_end(word: str) -> None:
    """The status is compared without regard to case; the observation's time is its start."""
    signal = one(status=word, endsAt=END)

    assert alert(signal).status == ALERT_STATUS_FIRING
    assert alert(signal).starts_at == timestamp(START)
    assert not alert(signal).HasField("ends_at")
    assert (signal.began_at, signal.occurred_at, signal.key.state) == (START, START, "firing")


def test_a_resolved_alert_has_both_times() -> None:
    """The observation's time is the end, and the episode is still named by the start."""
    signal = one(status="resolved", endsAt=END)

    assert alert(signal).status == ALERT_STATUS_RESOLVED
    assert alert(signal).ends_at == timestamp(parse(END))
    assert (signal.began_at, signal.occurred_at, signal.key.state) == (START, parse(END), "resolved")
    assert signal.key.episode == "2026-01-02T03:00:00Z"


@pytest.mark.parametrize("end", NO_TIMES)
def test_a_resolved_alert_without_end_ended_when_it_arrived(end: object) -> None:
    """A zero, null, empty or absent end is replaced by the time of receipt and counted."""
    signal = one(status="resolved", endsAt=end)

    assert alert(signal).ends_at == timestamp(RECEIVED_AT)
    assert signal.occurred_at == RECEIVED_AT
    assert signal.repairs == (Repair.END_MISSING,)


@pytest.mark.parametrize("start", NO_TIMES)
def test_an_alert_without_start_has_a_timeless_episode(start: object) -> None:
    """A zero, null, empty or absent start is replaced by the time of receipt, counted, and names no episode."""
    signal = one(startsAt=start)

    assert alert(signal).starts_at == timestamp(RECEIVED_AT)
    assert (signal.began_at, signal.occurred_at, signal.key.episode) == (None, RECEIVED_AT, TIMELESS)
    assert signal.repairs == (Repair.START_MISSING,)


@pytest.mark.parametrize("end", ["2026-01-02T02:00:00Z", "2027-01-01T00:00:00Z", "1970-01-01T00:00:00Z"])
def test_an_odd_end_is_kept_as_sent(end: str) -> None:
    """An end before the start or in the future is the sender's word; `received_at` stands beside it."""
    signal = one(status="resolved", endsAt=end)

    assert alert(signal).ends_at == timestamp(parse(end))
    assert signal.occurred_at == parse(end)
    assert alert(signal).received_at == timestamp(RECEIVED_AT)


@pytest.mark.parametrize("time", ["yesterday", "2026-02-30T00:00:00Z", "10000-01-01T00:00:00Z", 1767322800, True, {}])
def test_an_unreadable_time_costs_the_alert(time: object) -> None:
    """The reject names the field; an end is not even looked at while the alert fires."""
    reading = read(document(item(startsAt=time), item(status="resolved", endsAt=time), item(endsAt=time)))

    assert reading.rejects == [
        Reject(0, ItemReason.BAD_TIME, "alerts[0].startsAt"),
        Reject(1, ItemReason.BAD_TIME, "alerts[1].endsAt"),
    ]
    assert [signal.index for signal in reading.signals] == [2]


@pytest.mark.parametrize("status", [..., None, ""])
def test_the_envelope_lends_its_status(status: object) -> None:
    """An alert without a status of its own has the envelope's, and that is counted."""
    signal = only(read(document(item(status=status, endsAt=END), status="Resolved")))

    assert alert(signal).status == ALERT_STATUS_RESOLVED
    assert signal.repairs == (Repair.STATUS_MISSING,)


def test_an_alert_needs_no_envelope_status() -> None:
    """What the envelope says is not looked at when the alert speaks for itself."""
    assert alert(only(read(document(item(), status=...)))).status == ALERT_STATUS_FIRING
    assert alert(only(read(document(item(), status="odd")))).status == ALERT_STATUS_FIRING


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"status": ...}, ItemReason.NO_STATUS),
        ({"status": "pending"}, ItemReason.UNKNOWN_STATUS),
        ({"status": {"state": "active"}}, ItemReason.BAD_FIELD),
    ],
)
def test_no_status_is_guessed(changes: dict[str, object], reason: ItemReason) -> None:
    """Without a known word from either the alert is refused, never taken for firing."""
    reading = read(document(item(**changes), status=...))

    assert reading.signals == []
    assert reading.rejects == [Reject(0, reason, "alerts[0].status")]


@pytest.mark.parametrize("labels", [{}, None, ..., {"alertname": None}, {"alertname": ""}])
def test_an_alert_without_labels_is_refused(labels: object) -> None:
    """To Prometheus a label without a value is no label."""
    assert read(document(item(labels=labels))).rejects == [Reject(0, ItemReason.NO_LABELS, "alerts[0].labels")]


def test_labels_and_annotations_arrive_as_sent() -> None:
    """Strings are not touched, empty ones included; null is no value; anything else is its JSON text."""
    values = {"s": " a ", "empty": "", "n": 3, "b": True, "o": {"z": 1, "a": [None]}, "null": None}
    signal = one(labels=values, annotations=values)
    expected = {"s": " a ", "empty": "", "n": "3", "b": "true", "o": '{"a":[null],"z":1}'}

    assert dict(alert(signal).labels) == expected
    assert dict(alert(signal).annotations) == expected


@pytest.mark.parametrize("sent", ["8F1f", " ", "gmp-alert-1", "57c6d9296de2ad39"])
def test_a_fingerprint_is_kept_as_sent(sent: str) -> None:
    """Any text that is not empty is somebody's fingerprint."""
    signal = one(fingerprint=sent)

    assert alert(signal).fingerprint == sent
    assert alert(signal).alert_id == f"alertmanager:default:{sent}"
    assert signal.key.subject == ("alert", "default", "alertmanager", "default", sent)


@pytest.mark.parametrize("sent", ["", None, ...])
def test_a_missing_fingerprint_is_computed_from_the_labels(sent: object) -> None:
    """As Alertmanager would have computed it, so that a sender's upgrade changes no identity."""
    signal = one(fingerprint=sent)

    assert alert(signal).fingerprint == fingerprint(dict(alert(signal).labels))
    assert signal.repairs == (Repair.FINGERPRINT_MISSING,)


def test_severity_follows_the_endpoints_table() -> None:
    """The word decides without regard to case, and is kept as the sender wrote it."""
    table = SeverityTable(words={"warning": SEVERITY_HIGH}, default=SEVERITY_MEDIUM)
    labels = {"alertname": "QueueGrows", "severity": "Warning"}
    message = alert(only(read(document(item(labels=labels)), severity=table)))

    assert (message.severity, message.source_severity) == (SEVERITY_HIGH, "Warning")


@pytest.mark.parametrize("labels", [{"alertname": "A", "severity": "banana"}, {"alertname": "A"}])
def test_an_unknown_severity_is_the_default_and_counted(labels: dict[str, str]) -> None:
    """The word is kept, the default is named by the endpoint, and absent counts as unknown."""
    signal = one(labels=labels)

    assert alert(signal).severity == SEVERITY_MEDIUM
    assert alert(signal).source_severity == labels.get("severity", "")
    assert signal.repairs == (Repair.SEVERITY_UNMAPPED,)


@pytest.mark.parametrize(
    ("labels", "group", "common", "name"),
    [
        ({"alertname": "own"}, {"alertname": "group's"}, {"alertname": "common"}, "own"),
        ({"rulename": "rule"}, {"alertname": "group's"}, {"alertname": "common"}, "group's"),
        ({"rulename": "rule"}, {}, {"alertname": "common"}, "common"),
        ({"rulename": "rule"}, {}, {}, "rule"),
        ({"job": "x"}, {}, {}, "(unnamed)"),
    ],
)
def test_the_name_is_looked_for_where_senders_leave_it(
    labels: dict[str, str], group: dict[str, str], common: dict[str, str], name: str
) -> None:
    """The alert's own label first; every other find is counted."""
    signal = only(read(document(item(labels={**labels, "severity": "info"}), groupLabels=group, commonLabels=common)))

    assert alert(signal).name == name
    assert signal.repairs == (() if name == "own" else (Repair.NAME_MISSING,))


def test_every_alert_carries_its_group() -> None:
    """Group key, group labels, receiver (quoted as sent) and address are those of the envelope."""
    group = {"groupKey": '{}:{a="b"}', "groupLabels": {"a": "b"}, "externalURL": "https://am.example.org"}
    reading = read(document(item(), item(fingerprint="2"), receiver="web\\.hook", **group))

    for signal in reading.signals:
        message = alert(signal)
        assert (message.group_key, dict(message.group_labels)) == ('{}:{a="b"}', {"a": "b"})
        assert (message.receiver, message.external_url) == ("web\\.hook", "https://am.example.org")
        assert message.source == ALERT_SOURCE_PROMETHEUS


@pytest.mark.parametrize(
    "long", [{"groupKey": "k" * 8_193}, {"receiver": "r" * 8_193}, {"groupLabels": {"a": "b" * 8_193}}]
)
def test_no_field_of_the_envelope_is_multiplied_without_bound(long: dict[str, object]) -> None:
    """What is too long to be copied into every alert is left out, and costs no alert."""
    (signal,) = read(document(item(), **long)).signals
    assert signal.message.ByteSize() < 1_000


@pytest.mark.parametrize(
    ("key", "expected"), [(15, "15"), (1.50, "1.5"), (2**70, str(2**70)), (None, ""), (..., ""), (True, ""), ([], "")]
)
def test_a_group_key_may_be_a_number_or_missing(key: object, expected: str) -> None:
    """Old senders wrote a number: its digits are the key."""
    assert alert(only(read(document(item(), groupKey=key)))).group_key == expected


@pytest.mark.parametrize(
    ("sent", "expected"),
    [(3, 3), (0, 0), (3.0, 3), (-1, 0), (2.5, 0), ("3", 0), (True, 0), (None, 0), (..., 0), ([], 0), (2**64, 0)],
)
def test_truncated_alerts_are_told(sent: object, expected: int) -> None:
    """What is no count counts as none, and costs no alert."""
    reading = read(document(item(), truncatedAlerts=sent))

    assert reading.truncated == expected
    assert len(reading.signals) == 1


def test_a_huge_truncated_float_is_no_count() -> None:
    """1e999 is no infinity to us."""
    assert read(b'{"alerts": [], "truncatedAlerts": 1e999}').truncated == 0


def test_links_come_from_annotations() -> None:
    """`runbook_url` and `dashboard_url` are the names that rule authors use."""
    links = {"runbook_url": "https://r.example.org", "dashboard_url": "https://d.example.org"}
    message = alert(one(annotations=links))

    assert (message.runbook_url, message.dashboard_url) == ("https://r.example.org", "https://d.example.org")
    assert dict(message.annotations) == links


def test_resources_come_from_labels_and_the_scope() -> None:
    """The scope fills what the labels leave out."""
    labels = {"alertname": "A", "namespace": "shop", "pod": "cart-0", "environment": "staging"}
    (resource,) = alert(
        only(read(document(item(labels=labels)), scope=Scope(cluster="berlin-1", environment="production")))
    ).affected_resources

    assert (resource.type, resource.id, resource.namespace) == ("pod", "cart-0", "shop")
    assert (resource.cluster, resource.environment) == ("berlin-1", "staging")


@pytest.mark.parametrize(
    ("status", "health", "state"),
    [("firing", HEALTH_STATUS_HEALTHY, "healthy"), ("resolved", HEALTH_STATUS_UNHEALTHY, "unhealthy")],
)
def test_the_watchdog_is_a_health_check_of_the_pipeline(status: str, health: int, state: str) -> None:
    """It is healthy while the watchdog fires. Nobody says when it was checked, so the gateway's clock stands in."""
    labels = {"alertname": "Watchdog", "cluster": "berlin-1"}
    signal = only(read(document(item(status=status, labels=labels)), instance="site-a"))
    found = check(signal)

    assert found.status == health
    assert (found.resource_ref.type, found.resource_ref.id) == ("alertmanager", "site-a")
    assert found.resource_ref.cluster == "berlin-1"
    assert (found.source, found.check_name, found.message) == (HEALTH_CHECK_SOURCE_PROBE, "Watchdog", "The queue grows")
    assert dict(found.labels) == labels
    assert found.checked_at == timestamp(RECEIVED_AT)
    assert (signal.began_at, signal.occurred_at, signal.key.episode, signal.key.state) == (
        None,
        RECEIVED_AT,
        TIMELESS,
        state,
    )


def test_a_watchdog_is_recognised_by_all_its_labels() -> None:
    """Every configured pair has to match, and without configuration there is none."""
    labels = {"alertname": "DeadMansSwitch", "severity": "none"}
    body = document(item(labels=labels))

    assert check(only(read(body, watchdog={"alertname": "DeadMansSwitch", "severity": "none"})))
    assert alert(only(read(body, watchdog={"alertname": "DeadMansSwitch", "severity": "page"})))
    assert alert(only(read(body, watchdog={"alertname": "DeadMansSwitch", "team": ""})))
    assert alert(only(read(body, watchdog={})))


def test_both_states_of_the_watchdog_are_one_check() -> None:
    """All observations of the check share an id, so they stay in order."""
    labels = {"alertname": "Watchdog"}
    ids = {check(one(labels=labels, status=status)).healthcheck_id for status in ("firing", "resolved")}

    assert len(ids) == 1


def test_a_bad_alert_costs_only_itself() -> None:
    """Indexes are those of the body, so a receipt can point at the right one."""
    reading = read(document(item(), 7, item(annotations=[]), item(generatorURL=1), item(fingerprint=[]), item()))

    assert [signal.index for signal in reading.signals] == [0, 5]
    assert reading.rejects == [
        Reject(1, ItemReason.NOT_AN_OBJECT, "alerts[1]"),
        Reject(2, ItemReason.BAD_FIELD, "alerts[2].annotations"),
        Reject(3, ItemReason.BAD_FIELD, "alerts[3].generatorURL"),
        Reject(4, ItemReason.BAD_FIELD, "alerts[4].fingerprint"),
    ]


@pytest.mark.parametrize("body", [b"[]", b"null", b"7", b'"alerts"', b"{}", b'{"alerts": null}', b'{"alerts": {}}'])
def test_a_body_without_a_list_of_alerts_is_the_wrong_shape(body: bytes) -> None:
    """JSON, but nobody's webhook."""
    with pytest.raises(WrongShape):
        read(body)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"alerts": [], "alerts": []}',
        b'{"alerts": [NaN]}',
        b'\xef\xbb\xbf{"alerts": []}',
        b'{"alerts": [{"labels": {"a": "\\ud83d"}}]}',
        b'{"alerts": [{"labels": {"\\udc00": "a"}}]}',
        b'{"alerts": [{"labels": {"a": "\xed\xa0\x80"}}]}',
        b'{"alerts": ' + b"[" * 1000 + b"]" * 1000 + b"}",
    ],
)
def test_a_body_that_is_no_strict_json_is_refused_as_a_whole(body: bytes) -> None:
    """Half characters among them: protobuf cannot carry them, so they must not get past the parser."""
    with pytest.raises(NotJson):
        read(body)


def test_all_other_characters_reach_the_wire() -> None:
    """Nothing that strict JSON lets through makes protobuf fail: NUL, non-characters and pairs of surrogates."""
    body = document(item(labels={"alertname": "\x00\x7f\uffff\ue000", "\U0001f680": "\U0010ffff", "severity": "\x85"}))
    message = alert(only(read(body)))

    assert type(message).FromString(message.SerializeToString()) == message


def test_long_numbers_and_deep_values_become_text() -> None:
    """The longest integer and the deepest nesting that the parser admits."""
    digits = "9" * 4300
    deep = "[" * 150 + "]" * 150
    labels = '{"n": ' + digits + ', "d": ' + deep + "}"
    body = '{"alerts": [{"status": "firing", "labels": ' + labels + '}], "groupKey": ' + digits + "}"
    message = alert(only(read(body.encode())))

    assert dict(message.labels) == {"n": digits, "d": deep}
    assert message.group_key == digits
