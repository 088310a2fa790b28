"""Settings: where they come from, and what a wrong one says."""

import os
from datetime import timedelta
from pathlib import Path

import pytest

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
        ("DEDUP__WINDOW", "0s", "dedup.window"),
        ("DEDUP__WINDOW", "99999999999d", "dedup.window: is longer than a century"),
        ("DEDUP__WINDWO", "1m", "dedup.windwo is no setting"),
        ("DEDUB__WINDOW", "1m", "SRE_INGEST_DEDUB__WINDOW is no setting"),
        ("TENANT", "a:b", "tenant: String should match pattern"),
        ("KAFKA__TOPIC", "two words", "kafka.topic: String should match pattern"),
        ("KAFKA__SASL_USERNAME", "<user>", "kafka.sasl_username still holds a placeholder"),
        ("ENDPOINTS", "/webhooks/b", "write lists and maps in the environment as JSON"),
        ("PORT", "tcp://10.0.0.1:80", "enableServiceLinks: false"),
        ("DATA_DIR", "${HOME}/data", "data_dir still holds a placeholder"),
        ("KAFKA__BOOTSTRAP_SERVERS", "broker", "kafka.bootstrap_servers: String should match pattern"),
        ("KAFKA__BOOTSTRAP_SERVERS", "broker:9092,", "kafka.bootstrap_servers: String should match pattern"),
        ("KAFKA__SASL_USERNAME", "changeme", "kafka.sasl_username still holds a placeholder"),
        ("KAFKA__SECURITY_PROTOCOL", "SASL_SSL", "SASL needs sasl_mechanism, sasl_username and sasl_password_file"),
        ("HTTP__PORT", "70000", "http.port"),
        ("SEVERITY__DEFAULT", "BANANA", "severity.default"),
        ("ENDPOINTS", '[{"path": "no-slash", "adapter": "alertmanager"}]', "endpoints.0.path"),
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


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [", "is not YAML"),
        ("- a", "must hold a mapping"),
        ("1: 2", "must hold a mapping"),
        ("nonsense: 1", "nonsense is no setting"),
    ],
)
def test_a_wrong_file_is_named(tmp_path: Path, text: str, words: str) -> None:
    """Not YAML, not a mapping, an unknown setting: each has its sentence."""
    with pytest.raises(SettingsError, match=words):
        load(file(tmp_path, text))


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
