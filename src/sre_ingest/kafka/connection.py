"""How the cluster is reached: one value for the producer, the administrator and the reader alike."""

import ssl
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Connection:
    """Addresses and credentials. Files are paths to PEM; the password never shows in a repr."""

    bootstrap_servers: str
    """`host:port`, several separated by commas."""
    security_protocol: str = "PLAINTEXT"
    """PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."""
    sasl_mechanism: str | None = None
    """PLAIN (also when None), SCRAM-SHA-256 or SCRAM-SHA-512."""
    sasl_username: str | None = None
    sasl_password: str | None = field(default=None, repr=False)
    ssl_cafile: str | None = None
    """Whom to trust; None: what the system trusts."""
    ssl_certfile: str | None = None
    """Our own certificate, when the cluster asks for one; its key is in the same file unless `ssl_keyfile` is given."""
    ssl_keyfile: str | None = None

    def arguments(self) -> dict[str, object]:
        """The keyword arguments that every aiokafka client takes; OSError (ssl.SSLError is one) when a file is bad."""
        return {
            "bootstrap_servers": [server.strip() for server in self.bootstrap_servers.split(",")],
            "client_id": "sre-ingest",
            "security_protocol": self.security_protocol,
            "ssl_context": self._ssl_context(),
            "sasl_mechanism": self.sasl_mechanism or "PLAIN",
            "sasl_plain_username": self.sasl_username,
            "sasl_plain_password": self.sasl_password,
        }

    def _ssl_context(self) -> ssl.SSLContext | None:
        if not self.security_protocol.endswith("SSL"):
            return None
        context = ssl.create_default_context(cafile=self.ssl_cafile)
        if self.ssl_certfile is not None:
            context.load_cert_chain(self.ssl_certfile, self.ssl_keyfile)
        return context
