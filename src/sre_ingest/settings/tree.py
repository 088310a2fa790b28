"""The tree of settings. Descriptions here are the documentation (`docs/settings.md` follows from them)."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ByteSize, ConfigDict, Field, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from sre_ingest.sdk.delivery import DEDUP_WINDOW, URL_PATH
from sre_ingest.sdk.durations import Duration

PREFIX = "SRE_INGEST_"

_PLACEHOLDER = re.compile(r"<[^>]*>|\$\{[^}]*\}|^\s*(?i:change[-_]?me|replace[-_]?me|todo|fixme)\s*$")


def _shaped(pattern: str, words: str) -> AfterValidator:
    """Text of a shape, which `words` tell whoever wrote another."""
    whole = re.compile(pattern, re.ASCII)

    def check(value: str) -> str:
        if not whole.fullmatch(value):
            raise ValueError(words)
        return value

    return AfterValidator(check)


_BROKER = r"(?:\[[0-9A-Fa-f:.]+\]|[^\s,:\[\]]+):\d{1,5}"
Brokers = Annotated[
    str,
    _shaped(
        rf"{_BROKER}(?:,\s*{_BROKER})*", "write host:port, and commas between several, as in kafka-1:9092,kafka-2:9092"
    ),
]
TopicName = Annotated[
    str, _shaped(r"[A-Za-z0-9._-]{1,249}", "write 1 to 249 letters, digits, dots, dashes and underscores")
]
UrlPath = Annotated[
    str,
    _shaped(
        URL_PATH,
        "begin it with a slash, end it without one, and write letters, digits, dots, dashes, underscores and tildes",
    ),
]
Noun = Annotated[
    str,
    _shaped(
        r"[A-Za-z0-9][A-Za-z0-9._-]{0,62}",
        "write 1 to 63 letters, digits, dots, dashes and underscores, with a letter or a digit first",
    ),
]
"""A name that becomes part of ids and keys, and so must not contain a colon."""


class Section(BaseModel):
    """A branch of the tree."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Http(Section):
    """The front door."""

    host: str = Field("127.0.0.1", description="Address to listen on.")
    port: int = Field(8080, ge=0, le=65_535, description="Port to listen on; 0 takes a free one, which the log names.")
    max_body_bytes: ByteSize = Field(
        ByteSize(16 * 2**20), ge=1, description="Largest body accepted; a larger one is answered 413."
    )
    drain_pause: Duration | None = Field(
        None,
        description="How long it goes on serving after SIGTERM, already not ready, so that balancers notice; without, "
        "it closes at once.",
    )
    drain_timeout: Duration = Field(
        timedelta(seconds=20), description="How long requests in flight may take after a signal to stop."
    )


class Auth(Section):
    """Who may deliver."""

    bearer_token_file: Path | None = Field(
        None, description="File that holds the token senders must show; without one only loopback is served."
    )


class Kafka(Section):
    """The road to Kafka."""

    bootstrap_servers: Brokers | None = Field(
        None,
        description="Brokers to begin with, as host:port,host:port; none: the embedded log is used.",
    )
    topic: TopicName = Field("sre.domain.intents.v1", description="Topic of the intents.")
    publish_timeout: Duration = Field(
        timedelta(seconds=1), description="How long a delivery waits for its acknowledgement."
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="How to talk to the brokers."
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = Field(
        None, description="SASL mechanism, required with SASL_PLAINTEXT and SASL_SSL."
    )
    sasl_username: str | None = Field(None, description="SASL user.")
    sasl_password_file: Path | None = Field(None, description="File that holds the SASL password.")
    ssl_cafile: Path | None = Field(
        None, description="PEM file of the authorities that sign the brokers' certificates."
    )
    ssl_certfile: Path | None = Field(None, description="PEM file of the client certificate, for mutual TLS.")
    ssl_keyfile: Path | None = Field(None, description="PEM file of the client certificate's key.")

    @model_validator(mode="after")
    def _sasl_is_complete(self) -> "Kafka":
        wanted = (self.sasl_mechanism, self.sasl_username, self.sasl_password_file)
        if self.security_protocol.startswith("SASL") and None in wanted:
            raise ValueError("SASL needs sasl_mechanism, sasl_username and sasl_password_file")
        return self


class Spool(Section):
    """What waits on the disk while Kafka cannot take it."""

    enabled: bool = Field(
        True, description="Whether to keep it; without, a delivery that Kafka does not take is answered 503."
    )
    max_bytes: ByteSize = Field(
        ByteSize(2**30), ge=1, description="Size above which nothing more is kept, and deliveries are answered 503."
    )


class Quarantine(Section):
    """What could not be understood."""

    enabled: bool = Field(
        True,
        description="Whether to keep it in `data_dir` until somebody decides; without, it is refused and forgotten.",
    )
    max_bytes: ByteSize = Field(
        ByteSize(256 * 2**20),
        ge=1,
        description="Size above which nothing more is kept, and what would have to be is answered 503.",
    )
    topic: TopicName | None = Field(
        None,
        description="Topic that gets a copy of what is new in it, best effort, such as sre.domain.intents.v1.dlq; "
        "none: no copies.",
    )


class Dedup(Section):
    """The memory of what was claimed."""

    window: Duration = Field(
        DEDUP_WINDOW,
        description="How long a repetition is a duplicate where neither an endpoint nor its adapter says otherwise.",
    )
    memory: Duration = Field(
        timedelta(hours=1),
        description="How much of the log is read back at the start; no shorter than the longest window.",
    )
    max_entries: int = Field(200_000, ge=1, description="Subjects remembered; the least recently seen is forgotten.")


class Log(Section):
    """The embedded log."""

    retention_bytes: ByteSize = Field(
        ByteSize(2**30), ge=1, description="Size above which the oldest records are pruned."
    )


class Watchdog(Section):
    """The alert that always fires while the alerting pipeline is healthy."""

    match: dict[str, str] = Field(
        {"alertname": "Watchdog"}, description="Labels it carries; empty: none is recognised."
    )


SeverityName = Literal["CRITICAL", "HIGH", "MEDIUM", "LOW"]


class Severity(Section):
    """What the senders' words for severity mean."""

    map: dict[str, SeverityName] = Field(
        {},
        description="Words beside or instead of the built-in ones, without regard to case. Built in: critical, page, "
        "p1 are CRITICAL; error, high, major, p2 HIGH; warning, medium, minor, p3 MEDIUM; info, low, none, p4, p5 LOW.",
    )
    default: SeverityName = Field(
        "MEDIUM", description="Severity of an alert whose word is unknown or missing; counted."
    )


class EndpointScope(Section):
    """Where the senders of an endpoint live."""

    cluster: str = Field("", description="Cluster of resources whose labels name none.")
    environment: str = Field("", description="Environment of resources whose labels name none.")


class Endpoint(Section):
    """One way in, beside or instead of an adapter's default one."""

    path: UrlPath = Field(description="Path of the URL.")
    adapter: str = Field(description="The adapter that reads what arrives here.")
    tenant: Noun | None = Field(None, description="Tenant of what arrives here; default: `tenant`.")
    instance: Noun | None = Field(None, description="Cluster of senders; default: `instance`.")
    dedup_window: Duration | None = Field(
        None,
        description="How long a repetition is a duplicate here; default: the adapter's own, else `dedup.window`.",
    )
    scope: EndpointScope = EndpointScope()
    options: dict[str, Any] = Field({}, description="The adapter's own options.")


class Settings(BaseSettings):
    """The whole tree."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX,
        env_nested_delimiter="__",
        frozen=True,
        extra="forbid",
        nested_model_default_partial_update=True,
    )

    tenant: Noun = Field("default", description="Tenant of everything that arrives.")
    instance: Noun = Field("default", description="Names the cluster of senders, never one member of a pair.")
    data_dir: Path = Field(Path("var"), description="Folder of the embedded log, the spool and the quarantine.")
    mappings_dir: Path | None = Field(
        None, description="Folder of mappings beside those that are bundled; what changes in it is read while it runs."
    )
    mappings_interval: Duration = Field(
        timedelta(seconds=10), description="How often that folder is looked at for changes."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field("INFO", description="Least level logged.")
    http: Http = Http()
    auth: Auth = Auth()
    kafka: Kafka = Kafka()
    spool: Spool = Spool()
    quarantine: Quarantine = Quarantine()
    dedup: Dedup = Dedup()
    log: Log = Log()
    watchdog: Watchdog = Watchdog()
    severity: Severity = Severity()
    endpoints: tuple[Endpoint, ...] = Field((), description="Further ways in.")

    @model_validator(mode="after")
    def _copies_have_a_broker(self) -> "Settings":
        if self.quarantine.topic and self.kafka.bootstrap_servers is None:
            raise ValueError("quarantine.topic needs kafka.bootstrap_servers")
        return self

    @model_validator(mode="after")
    def _no_placeholders(self) -> "Settings":
        for path, value in _strings(self.model_dump()):
            if _PLACEHOLDER.search(value):
                raise ValueError(f"{path} still holds a placeholder; put the real value there")
        return self


def _strings(branch: object, path: str = "") -> list[tuple[str, str]]:
    if isinstance(branch, dict):
        return [pair for name, value in branch.items() for pair in _strings(value, f"{path}.{name}".strip("."))]
    if isinstance(branch, list | tuple):
        return [pair for index, value in enumerate(branch) for pair in _strings(value, f"{path}[{index}]")]
    return [(path, str(branch))] if isinstance(branch, str | Path) else []
