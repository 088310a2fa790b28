"""From settings to where intents go: Kafka, with a spool before it if it is on, or the embedded log."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import structlog
from prometheus_client import CollectorRegistry

from sre_ingest.kafka import ERRORS, Connection, KafkaPublisher
from sre_ingest.metrics import KafkaMetrics, LogMetrics, SpoolMetrics
from sre_ingest.publishing import Publisher
from sre_ingest.sdk.times import Instant
from sre_ingest.settings import Settings, SettingsError, read_secret
from sre_ingest.store.database import Database
from sre_ingest.store.files import StoreError
from sre_ingest.store.log import LogPublisher
from sre_ingest.store.spool import StoreSpool
from sre_ingest.store.waiting import waiting

log = structlog.get_logger(__name__)

SPOOL_DEADLINE = 0.8
"""Seconds in which the disk has what Kafka did not take in time; with those of Kafka, a sender waits for two."""


@dataclass(frozen=True, slots=True)
class Outlet:
    """Where intents go, and the database that it brings."""

    publisher: Publisher
    database: Database | None
    """None if it needs no disk."""


def create(settings: Settings, registry: CollectorRegistry, clock: Callable[[], Instant]) -> Outlet:
    """Kafka where it is configured, otherwise the embedded log."""
    if settings.kafka.bootstrap_servers is None:
        metrics = LogMetrics(registry)
        database = Database(settings.data_dir, metrics)
        keep = settings.log.retention_bytes
        return Outlet(LogPublisher(database, metrics, clock=clock, retention_bytes=keep), database)
    if settings.spool.enabled:
        return _spooling(settings, registry, clock)
    _warn_of_what_waits(settings.data_dir)
    return Outlet(_kafka(settings, registry, None), None)


def deliverer(settings: Settings, registry: CollectorRegistry, clock: Callable[[], Instant]) -> Publisher:
    """Kafka behind the spool, whether or not settings have it on. SettingsError where no Kafka is configured."""
    return _spooling(settings, registry, clock).publisher


def _spooling(settings: Settings, registry: CollectorRegistry, clock: Callable[[], Instant]) -> Outlet:
    metrics = SpoolMetrics(registry)
    database = Database(settings.data_dir, metrics, deadline=SPOOL_DEADLINE)
    spool = StoreSpool(database, settings.data_dir, metrics, clock=clock, max_bytes=settings.spool.max_bytes)
    return Outlet(_kafka(settings, registry, spool), database)


def _kafka(settings: Settings, registry: CollectorRegistry, spool: StoreSpool | None) -> KafkaPublisher:
    return KafkaPublisher(
        connection(settings),
        topic=settings.kafka.topic,
        publish_timeout=settings.kafka.publish_timeout.total_seconds(),
        metrics=KafkaMetrics(registry, errors=ERRORS),
        spool=spool,
    )


def _warn_of_what_waits(data_dir: Path) -> None:
    try:
        left = waiting(data_dir).records
    except StoreError as error:
        log.warning("spool_unreadable", why=str(error))
        return
    if left:
        log.warning("spool_left_behind", records=left, remedy="set spool.enabled, or run sre-ingest spool drain")


def connection(settings: Settings) -> Connection:
    """How to reach Kafka. SettingsError when the password cannot be read or no brokers are configured."""
    kafka = settings.kafka
    if kafka.bootstrap_servers is None:
        raise SettingsError("no Kafka is configured; set SRE_INGEST_KAFKA__BOOTSTRAP_SERVERS")
    return Connection(
        bootstrap_servers=kafka.bootstrap_servers,
        security_protocol=kafka.security_protocol,
        sasl_mechanism=kafka.sasl_mechanism,
        sasl_username=kafka.sasl_username,
        sasl_password=read_secret(kafka.sasl_password_file),
        ssl_cafile=_path(kafka.ssl_cafile),
        ssl_certfile=_path(kafka.ssl_certfile),
        ssl_keyfile=_path(kafka.ssl_keyfile),
    )


def _path(file: Path | None) -> str | None:
    if file is not None and not file.is_file():
        raise SettingsError(f"{file} is not there; put the PEM file there, or correct the kafka.ssl_ setting")
    return None if file is None else str(file)
