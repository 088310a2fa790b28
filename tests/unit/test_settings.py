"""Settings: where they come from, and what a wrong one says."""

import os
import re
from datetime import timedelta
from pathlib import Path

import pytest

from sre_ingest import catalog, endpoints
from sre_ingest.settings import SettingsError, load, read_secret


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing of the developer's own environment."""
    for name in list(os.environ):
        if name.startswith("SRE_INGEST_"):
            monkeypatch.delenv(name)


def file(folder: Path, text: str) -> Path:
    written = folder / "sre-ingest.yaml"
    written.write_text(text)
    return written


def test_nothing_has_to_be_set() -> None:
    """The defaults serve loopback from the embedded log."""
    settings = load()
    assert (settings.http.host, settings.http.port) == ("127.0.0.1", 8080)
    assert settings.kafka.bootstrap_servers is None
    assert settings.dedup.window == timedelta(minutes=10)


def test_environment_over_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One value from each: the variable wins, and what it does not name stays as the file has it."""
    written = file(tmp_path, "kafka: {topic: from-file, publish_timeout: 500ms}\ninstance: from-file\n")
    monkeypatch.setenv("SRE_INGEST_KAFKA__TOPIC", "from-environment")
    settings = load(written)
    assert settings.kafka.topic == "from-environment"
    assert settings.kafka.publish_timeout == timedelta(milliseconds=500)
    assert settings.instance == "from-file"


def test_the_file_can_be_named_by_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SRE_INGEST_CONFIG names it where there is no --config."""
    monkeypatch.setenv("SRE_INGEST_CONFIG", str(file(tmp_path, "instance: eu\n")))
    assert load().instance == "eu"


@pytest.mark.parametrize(
    ("variable", "value", "words"),
    [
        ("DEDUP__WINDOW", "10 minutes", "dedup.window: write a duration as Prometheus does"),
        ("DEDUP__WINDOW", "0s", "dedup.window: write more than 0s"),
        ("DEDUP__WINDOW", "99999999999d", "dedup.window is longer than a century"),
        ("DEDUP__WINDWO", "1m", "dedup.windwo is no setting"),
        ("DEDUB__WINDOW", "1m", "SRE_INGEST_DEDUB__WINDOW is no setting"),
        ("TENANT", "a:b", "tenant: write 1 to 63 letters, digits"),
        ("KAFKA__TOPIC", "two words", "kafka.topic: write 1 to 249 letters, digits"),
        ("KAFKA__SASL_USERNAME", "<user>", "kafka.sasl_username still holds a placeholder"),
        ("ENDPOINTS", "/webhooks/b", "write lists and maps in the environment as JSON"),
        ("PORT", "tcp://10.0.0.1:80", "enableServiceLinks: false"),
        ("DATA_DIR", "${HOME}/data", "data_dir still holds a placeholder"),
        ("KAFKA__BOOTSTRAP_SERVERS", "broker", "kafka.bootstrap_servers: write host:port"),
        ("KAFKA__BOOTSTRAP_SERVERS", "broker:9092,", "kafka.bootstrap_servers: write host:port"),
        ("KAFKA__SASL_USERNAME", "changeme", "kafka.sasl_username still holds a placeholder"),
        ("KAFKA__SECURITY_PROTOCOL", "SASL_SSL", "SASL needs sasl_mechanism, sasl_username and sasl_password_file"),
        ("HTTP__PORT", "70000", "http.port: write 65535 or less"),
        ("SEVERITY__DEFAULT", "BANANA", "severity.default: write CRITICAL, HIGH, MEDIUM or LOW"),
        ("ENDPOINTS", '[{"path": "no-slash", "adapter": "alertmanager"}]', "endpoints[0].path: begin it with a slash"),
        ("ENDPOINTS", "{}", "endpoints must be a list"),
        ("ENDPOINTS", "[{}]", "endpoints[0].adapter is missing; add it (in SRE_INGEST_ENDPOINTS)"),
        ("ENDPOINTS", "x", "SRE_INGEST_ENDPOINTS: write lists and maps in the environment as JSON"),
        ("WATCHDOG__MATCH", "x", "SRE_INGEST_WATCHDOG__MATCH: write lists and maps"),
        ("WATCHDOG__MATCH", '{"a": 1}', "watchdog.match.a: write text"),
        ("LOG_LEVEL", "loud", "log_level: write DEBUG, INFO, WARNING or ERROR (in SRE_INGEST_LOG_LEVEL)"),
        ("HTTP__MAX_BODY_BYTES", "lots", "http.max_body_bytes: write a size with its unit"),
        ("HTTP__MAX_BODY_BYTES", "0", "http.max_body_bytes: write 1 or more"),
        ("HTTP__PORT", "http", "http.port: write a whole number"),
    ],
)
def test_a_wrong_setting_is_named_with_its_remedy(
    monkeypatch: pytest.MonkeyPatch, variable: str, value: str, words: str
) -> None:
    """The sentence says which setting and what to do."""
    monkeypatch.setenv(f"SRE_INGEST_{variable}", value)
    with pytest.raises(SettingsError) as error:
        load()
    assert words in str(error.value)
    assert_plain(str(error.value))


def assert_plain(sentence: str) -> None:
    """On one line, in nobody's words but ours, without an expression that only programs read."""
    assert not re.search(r"\n|Input|should|valid|dictionary|instance|Source|unicode|datetime|\^\[", sentence)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "is not YAML: line 1, column 5; look there and just above"),
        ("a: {b: 1\nc: d", "is not YAML: line 2, column 2; look there and just above"),
        ("http:\n\tport: 1", "is not YAML: line 2, column 1: a tab; indent with spaces"),
        ("tenant: *all", r"is not YAML: line 1, column 9: a word that begins with \*; put it in quotes"),
        ("tenant: \x01", "a character that YAML does not allow; remove it"),
        ("tenant: 7", r"tenant: write text; .* \(in .*sre-ingest.yaml\)"),
        ("http:", "http must hold names and values"),
        ("endpoints: [{path: /a, adapter: 1}]", r"endpoints\[0\].adapter: write text"),
        ("- a", "must hold a mapping"),
        ("1: 2", "must hold a mapping"),
        ("nonsense: 1", "nonsense is no setting"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    """Not YAML, not a mapping, an unknown setting: each has its sentence."""
    with pytest.raises(SettingsError, match=words) as error:
        load(file(tmp_path, text))
    assert_plain(str(error.value))


def test_where_a_setting_is_written_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each mistake by its own place: a variable where one says it, else the file."""
    written = file(tmp_path, "tenant: a:b\ninstance: c:d\n")
    monkeypatch.setenv("SRE_INGEST_TENANT", "e:f")
    with pytest.raises(SettingsError) as error:
        load(written)
    tenant, instance = str(error.value).split("; ")
    assert tenant.endswith("(in SRE_INGEST_TENANT)")
    assert instance.endswith(f"(in {written})")


def test_a_file_that_is_no_text_is_named(tmp_path: Path) -> None:
    """A file in another encoding, and a folder."""
    (tmp_path / "utf-16").write_text("tenant: a", encoding="utf-16")
    with pytest.raises(SettingsError, match="utf-16 is not UTF-8; save it as UTF-8"):
        load(tmp_path / "utf-16")
    with pytest.raises(SettingsError, match=r"cannot be read \(Is a directory\)"):
        load(tmp_path)


def test_wrong_options_of_an_adapter_are_named(tmp_path: Path) -> None:
    """As settings are, with the path of the endpoint before them."""
    endpoint = "{path: /a, adapter: alertmanager, options: {probes: [{match: {}}], slow: 1}}"
    with pytest.raises(SettingsError) as error:
        endpoints.resolve(load(file(tmp_path, f"endpoints: [{endpoint}]")), catalog.installed())
    assert str(error.value) == (
        "endpoints: options of /a: probes[0].match is empty; write something there; "
        "slow is no setting; correct its name or remove it"
    )


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """A configuration that was asked for must be there."""
    with pytest.raises(SettingsError, match=r"nowhere\.yaml cannot be read"):
        load(tmp_path / "nowhere.yaml")


def test_a_secret_comes_from_a_file(tmp_path: Path) -> None:
    """White space around it is an editor's; an empty or missing file is an error."""
    secret = tmp_path / "secret"
    secret.write_text("  s3cret\n")
    assert read_secret(secret) == "s3cret"
    assert read_secret(None) is None
    secret.write_text("\n")
    for broken in (secret, tmp_path / "missing"):
        with pytest.raises(SettingsError, match="put the secret there"):
            read_secret(broken)
