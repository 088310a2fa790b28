"""The composition root: from settings to everything. The only file that knows all the others."""

import os
import platform
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)
from pydantic import BaseModel, ValidationError

from ameide_core_proto.sre.core.v1.sre_pb2 import Severity
from sre_ingest import catalog
from sre_ingest.contract.version import SCHEMA_VERSION
from sre_ingest.dedup import Memory
from sre_ingest.kafka import ERRORS, Connection, KafkaPublisher
from sre_ingest.metrics import (
    OTHER,
    HttpMetrics,
    IntentMetrics,
    KafkaMetrics,
    LogMetrics,
    MemoryMetrics,
    ProcessMetrics,
)
from sre_ingest.pipeline import Pipeline
from sre_ingest.publishing import Publisher
from sre_ingest.receipts import ItemOutcome
from sre_ingest.sdk import severity
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Endpoint, Scope
from sre_ingest.sdk.errors import ItemReason
from sre_ingest.sdk.schemas import Schema
from sre_ingest.sdk.severity import SeverityTable
from sre_ingest.sdk.signal import Repair
from sre_ingest.sdk.times import Instant, nanoseconds
from sre_ingest.settings import Settings, SettingsError, read_secret
from sre_ingest.settings.tree import Endpoint as EndpointSettings
from sre_ingest.store.database import Database
from sre_ingest.store.log import LogPublisher
from sre_ingest.tracing import Entropy
from sre_ingest.web import answers, observation, operations, paths, problems, schemas, webhooks
from sre_ingest.web.admission import Admission, Clock
from sre_ingest.web.authentication import BearerToken

Way = tuple[Endpoint, Adapter]


def now() -> Instant:
    """The gateway's clock."""
    return Instant(time.time_ns())


def create_app(settings: Settings, *, clock: Clock = now, entropy: Entropy = os.urandom) -> FastAPI:
    """Build the gateway; nothing runs before the application does. SettingsError, CatalogError name what is wrong."""
    ways = endpoints(settings, catalog.installed())
    registry = CollectorRegistry()
    http, intents, process = create_metrics(registry, ways)
    publisher = create_publisher(settings, registry, clock)
    process.ready.set_function(lambda: publisher.ready() is None)
    credentials = BearerToken(read_secret(settings.auth.bearer_token_file))
    admission = Admission(credentials, settings.http.max_body_bytes, clock, entropy, http)
    pipeline = Pipeline(create_memory(settings, registry, clock), publisher)

    app = FastAPI(
        title="sre-ingest",
        version=version("sre-ingest"),
        description="The gateway: alerts come in by webhook, sealed intents go out on a topic.",
        lifespan=_lifespan(publisher),
        redirect_slashes=False,
    )
    app.state.webhooks = [endpoint.path for endpoint, _ in ways]
    app.include_router(webhooks.router(ways, admission, pipeline))
    app.include_router(operations.router(publisher.ready, registry))
    app.include_router(schemas.router(_schemas(ways)))
    schemas.document(app, _schemas(ways))
    problems.register(app)
    # The last one added is the outermost.
    app.add_middleware(problems.LastResort)
    app.add_middleware(observation.Observation, http=http, intents=intents, routes=_routes(ways))
    app.add_middleware(paths.TidyPaths)
    return app


def create_metrics(registry: CollectorRegistry, ways: list[Way]) -> tuple[HttpMetrics, IntentMetrics, ProcessMetrics]:
    """What is counted whatever is published to, with the words of the other modules in its labels."""
    disable_created_metrics()  # a second series for each counter that nobody asks for
    sources = sorted({endpoint.source for endpoint, _ in ways})
    http = HttpMetrics(
        registry,
        routes=[*dict.fromkeys(_routes(ways).values()), OTHER],
        methods=[*observation.METHODS, OTHER],
        codes=[*map(str, answers.CODES), OTHER],
        reasons=[*answers.REASONS, observation.DISCONNECTED],
        sources=sources,
    )
    intents = IntentMetrics(
        registry,
        sources=sources,
        states=(*observation.ALERT_STATES, OTHER),
        outcomes=list(ItemOutcome),
        reasons=list(ItemReason),
        repairs=list(Repair),
    )
    return http, intents, _process_metrics(registry)


def create_publisher(settings: Settings, registry: CollectorRegistry, clock: Clock) -> Publisher:
    """Kafka where it is configured, otherwise the embedded log."""
    if settings.kafka.bootstrap_servers is None:
        metrics = LogMetrics(registry)
        database = Database(settings.data_dir, metrics)
        return LogPublisher(database, metrics, clock=clock, retention_bytes=settings.log.retention_bytes)
    return KafkaPublisher(
        connection(settings),
        topic=settings.kafka.topic,
        publish_timeout=settings.kafka.publish_timeout.total_seconds(),
        metrics=KafkaMetrics(registry, errors=ERRORS),
    )


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


def create_memory(settings: Settings, registry: CollectorRegistry, clock: Clock) -> Memory:
    """The memory of this process; only of the embedded log can it say that nobody else writes to it."""
    return Memory(
        max_entries=settings.dedup.max_entries,
        since=clock(),
        followed=settings.kafka.bootstrap_servers is None,
        metrics=MemoryMetrics(registry),
    )


def endpoints(settings: Settings, adapters: dict[str, Adapter]) -> list[Way]:
    """Every way in: one at the default path of each adapter, and the configured ones, which win over a default path."""
    configured = {way.path for way in settings.endpoints}
    defaults = [EndpointSettings(path=one.path, adapter=name) for name, one in adapters.items()]
    ways = [*(way for way in defaults if way.path not in configured), *settings.endpoints]
    found = [(_endpoint(way, settings, adapters), adapters[way.adapter]) for way in ways]
    _check_paths(ways, {"/docs", "/openapi.json", "/redoc", *_own_paths(found)})
    return found


def _check_paths(ways: list[EndpointSettings], own: set[str]) -> None:
    paths = [way.path for way in ways]
    if twice := next((path for path in paths if paths.count(path) > 1), None):
        names = " and ".join(way.adapter for way in ways if way.path == twice)
        raise SettingsError(f"endpoints: {twice} is the path of two of them ({names}); give each its own")
    if taken := sorted(own & set(paths)):
        raise SettingsError(f"endpoints: {', '.join(taken)} is the gateway's own; choose another path")


def _endpoint(way: EndpointSettings, settings: Settings, adapters: dict[str, Adapter]) -> Endpoint:
    adapter = adapters.get(way.adapter)
    if adapter is None:
        raise SettingsError(
            f"endpoints: {way.path} names the adapter {way.adapter!r}; installed are {', '.join(adapters)}"
        )
    return Endpoint(
        path=way.path,
        source=adapter.name,
        instance=way.instance or settings.instance,
        tenant=way.tenant or settings.tenant,
        severity=_severities(settings),
        scope=Scope(way.scope.cluster, way.scope.environment),
        watchdog=settings.watchdog.match,
        options=_options(way, adapter),
        content_types=adapter.content_types,
        dedup_window=nanoseconds(way.dedup_window or adapter.dedup_window or settings.dedup.window),
    )


def _options(way: EndpointSettings, adapter: Adapter) -> BaseModel | None:
    if adapter.options is None:
        if way.options:
            raise SettingsError(f"endpoints: the adapter {adapter.name!r} of {way.path} has no options; remove them")
        return None
    try:
        return adapter.options.model_validate(way.options)
    except ValidationError as error:
        raise SettingsError(f"endpoints: options of {way.path}: {error}") from None


def _severities(settings: Settings) -> SeverityTable:
    configured = {word.strip().lower(): _severity(name) for word, name in settings.severity.map.items()}
    return SeverityTable({**severity.DEFAULT.words, **configured}, _severity(settings.severity.default))


def _severity(name: str) -> Severity.ValueType:
    return Severity.Value(f"SEVERITY_{name}")


def _lifespan(publisher: Publisher) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await publisher.start()
        try:
            yield
        finally:
            await publisher.stop()

    return lifespan


def _routes(ways: list[Way]) -> dict[str, str]:
    """What metrics call each path."""
    shared = {adapter.path: adapter.route or adapter.path for _, adapter in ways}
    paths = [endpoint.path for endpoint, _ in ways] + _own_paths(ways)
    return {path: shared.get(path, path) for path in paths}


def _own_paths(ways: list[Way]) -> list[str]:
    return [*operations.PATHS, *schemas.paths(_schemas(ways))]


def _schemas(ways: list[Way]) -> list[Schema]:
    """What the adapters publish, each once. CatalogError if two call different schemas by one name."""
    found = {schema: None for _, adapter in ways for schema in adapter.schemas}
    names = [schema.name for schema in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise catalog.CatalogError(f"two adapters bring a schema {twice!r}; remove one of them")
    return list(found)


def _process_metrics(registry: CollectorRegistry) -> ProcessMetrics:
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    metrics = ProcessMetrics(registry)
    build = (version("sre-ingest"), platform.python_version(), version("aiokafka"), SCHEMA_VERSION)
    metrics.build.labels(*build).set(1)
    return metrics
