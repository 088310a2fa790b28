"""The command line, as a process: what it prints, and how it ends."""

import asyncio
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from google.protobuf.json_format import MessageToDict

from sre_ingest import catalog
from sre_ingest.cli.contract import validate_files
from sre_ingest.cli.records import RecordError, judged
from sre_ingest.cli.send import _target
from sre_ingest.contract.catalogue import FACTS, INTENTS
from sre_ingest.contract.cloudevents import bind
from sre_ingest.publishing import Record
from sre_ingest.settings import SettingsError
from tests.goldens import ROOT
from tests.journey.sources import EmbeddedLog
from tests.parts.ports import free_port
from tests.wire import valid

PRESETS = ROOT / "adapters" / "generic" / "mappings"


def run(*arguments: str, cwd: Path, given: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    return run_python("-m", "sre_ingest", *arguments, cwd=cwd, given=given, **settings)


def run_python(*arguments: str, cwd: Path, given: str = "", **settings: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith("SRE_INGEST_")}
    environment |= {f"SRE_INGEST_{name}": value for name, value in settings.items()}
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=cwd,
        env=environment,
        input=given,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_help_lists_the_commands(tmp_path: Path) -> None:
    """`--help` names every command."""
    printed = run("--help", cwd=tmp_path)
    assert printed.returncode == 0
    for command in ("serve", "tail", "send", "topics", "adapters", "check-config", "contract"):
        assert command in printed.stdout


@pytest.mark.parametrize("host", ["0.0.0.0", "10.0.0.1", "::", "gateway.example.org"])  # noqa: S104
def test_an_open_address_without_a_token_is_refused(tmp_path: Path, host: str) -> None:
    """Anybody could write alerts: one sentence with the three remedies, exit code 2, nothing is bound."""
    ended = run("serve", "--host", host, "--port", "0", cwd=tmp_path)
    assert ended.returncode == 2
    for remedy in ("SRE_INGEST_AUTH__BEARER_TOKEN_FILE", "127.0.0.1", "--insecure"):
        assert remedy in ended.stderr
    assert ended.stderr.count("\n") == 1


def test_an_empty_token_file_is_refused(tmp_path: Path) -> None:
    """A token that everybody could show is none."""
    (tmp_path / "token").touch()
    ended = run("serve", "--host", "0.0.0.0", cwd=tmp_path, AUTH__BEARER_TOKEN_FILE="token")  # noqa: S104
    assert (ended.returncode, ended.stderr) == (2, "sre-ingest: token is empty; put the secret there\n")


def test_a_wrong_setting_ends_the_start(tmp_path: Path) -> None:
    """Exit code 2 and the sentence, no traceback."""
    ended = run("serve", cwd=tmp_path, DEDUP__WINDOW="soon")
    assert ended.returncode == 2
    assert ended.stderr.startswith("sre-ingest: dedup.window: write a duration")


def test_check_config_tells_what_would_be_served(tmp_path: Path) -> None:
    """A valid file is shown as its ways in; a wrong one ends with code 2."""
    file = tmp_path / "config.yaml"
    file.write_text("endpoints: [{path: /webhooks/eu, adapter: alertmanager, instance: eu}]\n")
    good = run("check-config", str(file), cwd=tmp_path)
    assert good.returncode == 0
    assert "/webhooks/eu: alertmanager, instance eu, tenant default" in good.stdout
    file.write_text("endpoints: [{path: /webhooks/eu, adapter: nobody}]\n")
    bad = run("check-config", str(file), cwd=tmp_path)
    assert (bad.returncode, bad.stderr) == (
        2,
        "sre-ingest: endpoints: /webhooks/eu names the adapter 'nobody'; "
        f"installed are {', '.join(catalog.installed())}\n",
    )


@pytest.mark.parametrize(
    ("settings", "told"),
    [
        ({}, "no file, and of the environment nothing: valid\n"),
        ({"TENANT": "acme"}, "no file, and of the environment SRE_INGEST_TENANT: valid\n"),
        ({"CONFIG": "config.yaml"}, "config.yaml: valid\n"),
    ],
)
def test_check_config_says_what_it_checked(tmp_path: Path, settings: dict[str, str], told: str) -> None:
    """Without a file: the file that the environment names, or the environment alone."""
    (tmp_path / "config.yaml").touch()
    ended = run("check-config", cwd=tmp_path, **settings)
    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.endswith(f"\n{told}")


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("http://127.0.0.1:1", "http://127.0.0.1:1/webhooks/plain"),
        ("https://example.org/", "https://example.org/webhooks/plain"),
        ("https://example.org/webhooks/eu/", "https://example.org/webhooks/eu/"),
        ("http://[::1]:8080", "http://[::1]:8080/webhooks/plain"),
    ],
)
def test_a_gateway_or_a_webhook_can_be_sent_to(url: str, target: str) -> None:
    """A URL without a path gets that of the source."""
    assert _target(url, "/webhooks/plain") == target


@pytest.mark.parametrize(
    "url", ["gateway:8080", "ftp://gateway", "http://", "http://gateway:port", "http://[", "http://g:0"]
)
def test_what_is_no_url_is_told(url: str) -> None:
    """With one that is."""
    with pytest.raises(SettingsError, match=r"write it as in http://127\.0\.0\.1:8080/webhooks/plain"):
        _target(url, "/webhooks/plain")


def test_a_gateway_that_is_away_is_told(tmp_path: Path) -> None:
    """One sentence with both remedies; so is a port that nobody can know."""
    ended = run("send", "alertmanager", "firing", "--url", f"http://127.0.0.1:{free_port()}", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.endswith(
        "/webhooks/alertmanager cannot be reached (Connection refused); start the gateway with sre-ingest serve, or "
        "name another with --url\n"
    )
    unknown = run("send", "alertmanager", "firing", cwd=tmp_path, HTTP__PORT="0")
    assert unknown.stderr.startswith("sre-ingest: http.port is 0")


def test_an_address_in_use_is_one_sentence(tmp_path: Path) -> None:
    """Exit code 2 and the names of the settings that choose another."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        ended = run("serve", "--port", str(taken.getsockname()[1]), cwd=tmp_path)
    assert ended.returncode == 2
    assert "SRE_INGEST_HTTP__PORT" in ended.stderr
    assert "Traceback" not in ended.stdout + ended.stderr


def test_an_endpoint_cannot_take_a_path_of_our_own(tmp_path: Path) -> None:
    """Deliveries at /metrics would be a trap."""
    file = tmp_path / "config.yaml"
    file.write_text("endpoints: [{path: /metrics, adapter: alertmanager}]\n")
    assert "/metrics is the gateway's own" in run("check-config", str(file), cwd=tmp_path).stderr


def test_the_version_is_printed(tmp_path: Path) -> None:
    """The version of the installed distribution, alone on a line."""
    assert run("--version", cwd=tmp_path).stdout == f"{version('sre-ingest')}\n"


LATE = """\
import sys
from sre_ingest.__main__ import main
try:
    main()
finally:
    print(sorted({"fastapi", "aiokafka"} & sys.modules.keys()), file=sys.stderr)
"""


@pytest.mark.parametrize(
    "command", ["--version", "--help", "tail --help", "serve --help", "tail --from-beginning", "adapters list"]
)
def test_only_what_serves_waits_for_framework_and_client(tmp_path: Path, command: str) -> None:
    """They take most of the time that a command needs to start, so whoever needs neither imports neither."""
    store(tmp_path / "data", record(lambda _: None))
    ended = run_python("-c", LATE, *command.split(), cwd=tmp_path, DATA_DIR="data")
    assert (ended.returncode, ended.stderr) == (0, "[]\n")


def test_adapters_are_listed(tmp_path: Path) -> None:
    """Name, default path, kinds of records and distribution, one a line; a path is not always made from the name."""
    listed = run("adapters", "list", cwd=tmp_path).stdout.splitlines()
    ours = f"sre-ingest {version('sre-ingest')}"
    assert f"alertmanager\t/webhooks/alertmanager\talert,health_check\t{ours}" in listed
    assert f"prometheus\t/api/v2/alerts\talert,health_check\t{ours}" in listed
    assert f"generic\t/webhooks/generic\talert,health_check,sli_window\t{ours}" in listed


def test_ones_own_mappings_are_listed_with_their_files(tmp_path: Path) -> None:
    """Those in mappings_dir, with what their samples become; one without samples says so."""
    (tmp_path / "own").mkdir()
    for name in ("acme", "bare"):
        shutil.copy(PRESETS / "pagerduty.yaml", tmp_path / "own" / f"{name}.yaml")
    shutil.copytree(PRESETS / "pagerduty", tmp_path / "own" / "acme")
    listed = run("adapters", "list", cwd=tmp_path, MAPPINGS_DIR="own").stdout.splitlines()
    assert "acme\t/webhooks/generic/acme\talert\town/acme.yaml" in listed
    assert "bare\t/webhooks/generic/bare\t-\town/bare.yaml" in listed


def test_tail_without_a_log_says_so(tmp_path: Path) -> None:
    """Where nothing was ever written there is one sentence, not a traceback."""
    ended = run("tail", "--from-beginning", cwd=tmp_path)
    assert ended.returncode == 2
    assert ended.stderr.startswith("sre-ingest: ")
    assert "Traceback" not in ended.stderr


def test_topics_ensure_without_kafka_says_so(tmp_path: Path) -> None:
    """The remedy is the name of the setting."""
    ended = run("topics", "ensure", cwd=tmp_path)
    assert ended.returncode == 2
    assert "SRE_INGEST_KAFKA__BOOTSTRAP_SERVERS" in ended.stderr


def test_records_are_checked_against_the_contract(tmp_path: Path) -> None:
    """Envelopes as bytes and records as lines: each is called valid, or told its breach with field and rule."""
    envelope = valid.envelope(valid.ALL[0])
    key, headers = bind(envelope)
    line = {"key": key.decode(), "headers": {name: value.decode() for name, value in headers}}
    good = line | {"intent": MessageToDict(envelope)}
    envelope.meta.tenant_id = ""
    bad = line | {"intent": MessageToDict(envelope)}
    (tmp_path / "bytes").write_bytes(envelope.SerializeToString())
    (tmp_path / "lines").write_text(f"{json.dumps(good)}\n{json.dumps(bad)}\n", encoding="utf-8")

    ended = run("contract", "validate", "bytes", "lines", cwd=tmp_path)

    assert (ended.returncode, ended.stderr) == (1, "")
    assert [line.split(": ")[:2] for line in ended.stdout.splitlines()] == [
        ["bytes", "meta.tenant_id"],
        ["lines:1", "valid"],
        ["lines:2", "meta.tenant_id"],
        ["lines:2", "ce_partitionkey"],
        ["lines:2", "ce_tenantid"],
        ["lines:2", "key"],
    ]
    assert ended.stdout.splitlines()[0].endswith("[required]")


def test_standard_input_is_checked_where_no_file_is_named(tmp_path: Path) -> None:
    """So that `sre-ingest tail` can be piped; lines without anything are passed over, facts are known by their type."""
    variant = next(one for one in valid.ALL if one.stream is FACTS)
    envelope = valid.envelope(variant)
    fact = json.dumps({"headers": {"ce_type": variant.type}, "fact": MessageToDict(envelope)})
    ended = run("contract", "validate", cwd=tmp_path, given=f"{fact}\n\n{fact}\n")
    assert ended.returncode == 1
    assert {line.partition(": ")[0] for line in ended.stdout.splitlines()} == {"-:1", "-:3"}
    assert all(line.endswith("[header]") for line in ended.stdout.splitlines())
    fact = json.dumps({"fact": MessageToDict(envelope)})
    ended = run("contract", "validate", "--stream", FACTS.name, "-", cwd=tmp_path, given=fact)
    assert (ended.returncode, ended.stdout) == (0, "-:1: valid\n")


NO_FILES = [b"", b"\n", b"\xff", b"[]", b'[{"intent": {}}]', b'{\n "intent": {}\n}\n', b'{\n "a": 1}\n{}', None]


@pytest.mark.parametrize("content", NO_FILES, ids=lambda content: repr(content)[:60])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, content: bytes | None) -> None:
    """Whatever it is: never a verdict, never a defect."""
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    with pytest.raises(RecordError, match="file"):
        validate_files([tmp_path / "file"])


NO_RECORDS = [
    b"{nonsense", b"{}", b'{"fact": {}}', b'{"intent": 1}', b'{"intent": {"meta": 1}}', b'{"headers": 1}',
    b'{"intent": {}, "headers": {"ce_id": 1}}', b'{"intent": {}, "headers": {"ce_id": "\\ud800"}}', b"{\"a\":" * 9_999,
    b'{"intent": {}, "headers": {"a": "b"}, "key": "\\ud800"}',
]  # fmt: skip


@pytest.mark.parametrize("line", NO_RECORDS, ids=lambda line: repr(line)[:60])
def test_a_line_that_is_no_record_is_told_and_the_rest_judged(tmp_path: Path, line: bytes) -> None:
    """One fault with its line, whatever it is; never a defect."""
    good = json.dumps({"intent": MessageToDict(valid.envelope(valid.ALL[0]))}).encode()
    (tmp_path / "file").write_bytes(b"\n".join((good, line, b"7", good)))
    found = [(one.place.rpartition(":")[2], len(one.faults)) for one in judged(tmp_path / "file", INTENTS)]
    assert found == [("1", 0), ("2", 1), ("3", 1), ("4", 0)]


@pytest.mark.parametrize(
    ("content", "told"),
    [
        (None, "sre-ingest: file cannot be read (No such file or directory)\n"),
        (b"[]", "sre-ingest: file holds a list; write one object a line, as jq -c '.[]' does\n"),
        (b"{\n}", "sre-ingest: file holds a record on several lines; write one object a line, as jq -c does\n"),
    ],
)
def test_what_is_no_file_of_records_is_told(tmp_path: Path, content: bytes | None, told: str) -> None:
    """Exit code 2 and one sentence that names the file and the remedy."""
    if content is not None:
        (tmp_path / "file").write_bytes(content)
    ended = run("contract", "validate", "file", cwd=tmp_path)
    assert (ended.returncode, ended.stdout, ended.stderr) == (2, "", told)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        (b"{nonsense", "-:1: no JSON; write one object a line, as jq -c does\n"),
        (b'{"fact": {}}', "-:1: no 'intent' in it, which a record with a SreDomainIntent has; "
         "name another envelope with --stream\n"),
    ],
)  # fmt: skip
def test_what_is_no_record_is_told(tmp_path: Path, line: bytes, told: str) -> None:
    """Exit code 1, the line, and the remedy."""
    ended = run("contract", "validate", cwd=tmp_path, given=line.decode())
    assert (ended.returncode, ended.stdout, ended.stderr) == (1, told, "")


def test_a_wrong_header_is_told_with_both_values(tmp_path: Path) -> None:
    """What stands there and what is expected; a header that is absent, or should be, is called none."""
    envelope = valid.envelope(valid.ALL[0])
    envelope.meta.causation_id = ""
    key, bound = bind(envelope)
    headers = {name: value.decode() for name, value in bound} | {"ce_tenantid": "other", "ce_causationid": "c"}
    del headers["ce_id"]
    line = {"key": "k", "headers": headers, "intent": MessageToDict(envelope)}
    (tmp_path / "file").write_text(json.dumps(line), encoding="utf-8")
    [one] = judged(tmp_path / "file", INTENTS)
    assert one.faults == (
        "ce_causationid: 'c', where none is expected [header]",
        f"ce_id: none, where '{envelope.meta.message_id}' is expected [header]",
        f"ce_tenantid: 'other', where '{envelope.meta.tenant_id}' is expected [header]",
        f"key: 'k', where '{key.decode()}' is expected [header]",
    )


def store(folder: Path, *records: Record) -> None:
    """Put records into the embedded log of a folder, as a gateway does."""
    asyncio.run(EmbeddedLog(folder).append(records))


def record(change: Callable[[Any], object]) -> Record:
    """The record of a valid intent whose value was changed afterwards."""
    envelope: Any = valid.envelope(valid.ALL[0])
    key, headers = bind(envelope)
    change(envelope)
    return Record(key, headers, envelope.SerializeToString())


def test_tail_tells_which_records_are_invalid(tmp_path: Path) -> None:
    """With --validate each line has its violations, and the end says by its exit code whether there were any."""
    good, bad = record(lambda _: None), record(lambda envelope: envelope.meta.ClearField("producer"))
    tail = ("tail", "--from-beginning", "--validate")
    store(tmp_path / "data", good, bad)
    ended = run(*tail, cwd=tmp_path, DATA_DIR="data")
    assert (ended.returncode, ended.stderr) == (1, "1 of the records printed are invalid\n")
    assert [json.loads(line)["violations"] for line in ended.stdout.splitlines()] == [
        [],
        [{"rule": "required", "path": "meta.producer"}, {"rule": "header", "path": "ce_source"}],
    ]
    text = run(*tail, "--output", "text", cwd=tmp_path, DATA_DIR="data").stdout.splitlines()
    assert [line.partition(":")[0] for line in text[2:]] == ["  meta.producer", "  ce_source"]


def test_tail_ends_at_what_is_no_intent(tmp_path: Path) -> None:
    """With one sentence, after what came before it."""
    poison = Record(b"key", (("ce_id", b"42"),), b"\xff")
    store(tmp_path / "data", record(lambda _: None), poison)
    ended = run("tail", "--from-beginning", cwd=tmp_path, DATA_DIR="data")
    assert (ended.returncode, len(ended.stdout.splitlines())) == (2, 1)
    assert ended.stderr == "sre-ingest: the value of record '42' is no SreDomainIntent; somebody else wrote it\n"


def test_a_mapping_is_tried_on_a_body(tmp_path: Path) -> None:
    """It prints what the sample's golden holds; with --explain first what each expression finds."""
    preset, sample = PRESETS / "pagerduty.yaml", PRESETS / "pagerduty" / "v3-resolved.json"
    golden = sample.with_name("v3-resolved.expected.json").read_text(encoding="utf-8")
    plain = run("map", str(preset), str(sample), cwd=tmp_path)
    assert (plain.returncode, plain.stdout) == (0, golden)
    explained = run("map", str(preset), str(sample), "--explain", cwd=tmp_path).stdout
    assert explained.endswith(golden)
    assert "shape 'V3 webhook': fits: event.event_type && event.data.type == 'incident'\n" in explained
    assert "  status.value: status -> resolved\n" in explained


@pytest.mark.parametrize(
    ("mapping", "payload", "code", "told"),
    [
        ("pagerduty.yaml", "uptimerobot/up.json", 1, "known to send. [schema]; --explain shows"),
        ("pagerduty.yaml", "pagerduty/missing.json", 2, "cannot be read (No such file or directory)"),
        ("missing.yaml", "pagerduty/v3-resolved.json", 2, "missing.yaml: cannot be read"),
    ],
)
def test_a_mapping_that_does_not_fit_is_told(tmp_path: Path, mapping: str, payload: str, code: int, told: str) -> None:
    """Exit code 1 when the body is refused, 2 when a file cannot be used; one sentence either way."""
    ended = run("map", str(PRESETS / mapping), str(PRESETS / payload), cwd=tmp_path)
    assert ended.returncode == code
    assert told in ended.stdout + ended.stderr
    assert (ended.stdout + ended.stderr).count("\n") == 1


def test_a_record_that_is_refused_is_told_beside_what_is_printed(tmp_path: Path) -> None:
    """With the way to see why, for whoever has not seen it."""
    preset, sample = PRESETS / "slo.yaml", PRESETS / "slo" / "keptn-impossible.json"
    plain, explained = (run("map", str(preset), str(sample), *more, cwd=tmp_path) for more in ((), ("--explain",)))
    told = f"{sample}: 1 refused"
    assert (plain.returncode, plain.stderr) == (1, f"{told}; --explain shows what the mapping finds in it\n")
    assert (explained.returncode, explained.stderr) == (1, f"{told}\n")
