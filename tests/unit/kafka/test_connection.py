"""From our settings to the client's."""

import ssl
from pathlib import Path

import pytest

from sre_ingest.kafka import Connection


def test_the_plain_one_needs_addresses_only() -> None:
    """Several servers are separated by commas; nothing is encrypted unless asked for."""
    arguments = Connection("one:9092, two:9092").arguments()
    assert arguments["bootstrap_servers"] == ["one:9092", "two:9092"]
    assert (arguments["security_protocol"], arguments["ssl_context"]) == ("PLAINTEXT", None)


def test_credentials_reach_the_client_and_no_log() -> None:
    """The password is handed over, and does not show when the value is printed."""
    connection = Connection(
        "one:9092", "SASL_PLAINTEXT", sasl_mechanism="SCRAM-SHA-512", sasl_username="me", sasl_password="hunter2"
    )
    arguments = connection.arguments()
    assert arguments["sasl_mechanism"] == "SCRAM-SHA-512"
    assert (arguments["sasl_plain_username"], arguments["sasl_plain_password"]) == ("me", "hunter2")
    assert arguments["ssl_context"] is None
    assert "hunter2" not in repr(connection)


@pytest.mark.parametrize("protocol", ["SSL", "SASL_SSL"])
def test_encryption_verifies_the_broker(protocol: str) -> None:
    """Certificate and name are checked; there is no setting that turns it off."""
    context = Connection("one:9092", protocol).arguments()["ssl_context"]
    assert isinstance(context, ssl.SSLContext)
    assert (context.verify_mode, context.check_hostname) == (ssl.CERT_REQUIRED, True)


def test_a_missing_certificate_is_an_error(tmp_path: Path) -> None:
    """A file that is not there is never skipped."""
    with pytest.raises(OSError, match="No such file"):
        Connection("one:9092", "SSL", ssl_cafile=str(tmp_path / "none.pem")).arguments()
