"""The composition root: from settings to everything. The only file that knows all the others."""

import asyncio
import os
import platform
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from importlib.metadata import version

import structlog
from fastapi import FastAPI
from prometheus_client import (
    CollectorRegistry,
    GCCollector,
    PlatformCollector,
    ProcessCollector,
    disable_created_metrics,
)

from sre_ingest import catalog, endpoints, publishers, wards
from sre_ingest.contract.version import SCHEMA_VERSION
from sre_ingest.metrics import (
    OTHER,
    HttpMetrics,
    IntentMetrics,
    LedgerMetrics,
    ProcessMetrics,
    ReloadMetrics,
)
from sre_ingest.pipeline import Pipeline
from sre_ingest.publishing import Publisher
from sre_ingest.receipts import ItemOutcome
from sre_ingest.reloading import Reload, Stamp, Take, stamp
from sre_ingest.remembering import Remembering
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.errors import ItemReason
from sre_ingest.sdk.signal import Repair
from sre_ingest.sdk.times import Instant
from sre_ingest.settings import Settings, read_secret
from sre_ingest.tracing import Entropy
from sre_ingest.wards import Ward
from sre_ingest.web import answers, observation, operations, paths, problems, schemas, webhooks
from sre_ingest.web.admission import Admission, Clock
from sre_ingest.web.authentication import BearerToken
from sre_ingest.web.draining import Drain
from sre_ingest.web.ways import Ways

log = structlog.get_logger(__name__)

Work = Callable[[], Coroutine[object, object, None]]
"""What runs beside the requests, from the start to the end."""


def now() -> Instant:
    """The gateway's clock."""
    return Instant(time.time_ns())


def create_app(settings: Settings, *, clock: Clock = now, entropy: Entropy = os.urandom) -> FastAPI:
    """Build the gateway; nothing runs before the application does. SettingsError, CatalogError name what is wrong."""
    before = stamp(settings.mappings_dir)
    ways = Ways(endpoints.resolve(settings, catalog.installed(settings.mappings_dir)))
    templates = _templates(settings, ways)
    own = endpoints.own_paths(ways)
    registry = CollectorRegistry()
    http, intents, process = create_metrics(registry, ways, routes=[*ways.routes, *templates, *own])
    outlet = publishers.create(settings, registry, clock)
    publisher, ward = outlet.publisher, wards.create(settings, registry, outlet.database)
    remembering = Remembering(settings, registry, clock)
    drain = Drain(lambda: publisher.ready() or remembering.ready())
    process.draining.set_function(lambda: drain.begun)
    process.ready.set_function(lambda: drain.ready() is None)
    credentials = BearerToken(read_secret(settings.auth.bearer_token_file))
    admission = Admission(credentials, settings.http.max_body_bytes, clock, entropy, http)
    pipeline = Pipeline(remembering.memory, publisher, ward.quarantine)
    ledger = LedgerMetrics(registry)
    ledger.intents.set_function(pipeline.ledger.imbalance)
    ward.attend(ways, pipeline)
    take = _exchanging(settings, ways, know=[http.know, intents.know])
    reload = create_reload(settings, take, before=before, registry=registry, clock=clock)

    app = _frame(
        _lifespan(publisher, ward, [partial(remembering.run, pipeline.publish), *([reload.run] if reload else [])])
    )
    app.state.webhooks = ways.routes
    app.state.drain = drain
    app.include_router(webhooks.router(ways, templates, admission, pipeline))
    app.include_router(operations.router(drain.ready, registry))
    _describe(app, ways)
    # The last one added is the outermost.
    app.add_middleware(problems.LastResort)
    app.add_middleware(observation.Observation, http=http, intents=intents, ledger=ledger, route=_route(ways, own))
    app.add_middleware(paths.TidyPaths)
    return app


def _describe(app: FastAPI, ways: Ways) -> None:
    published = endpoints.published(ways)
    app.include_router(schemas.router(published))
    schemas.document(app, published)
    problems.register(app)


def _frame(lifespan: Callable[[FastAPI], AbstractAsyncContextManager[None]]) -> FastAPI:
    return FastAPI(
        title="sre-ingest",
        version=version("sre-ingest"),
        description="The gateway: alerts come in by webhook, sealed intents go out on a topic.",
        lifespan=lifespan,
        redirect_slashes=False,
    )


def create_metrics(
    registry: CollectorRegistry, ways: Ways, *, routes: list[str]
) -> tuple[HttpMetrics, IntentMetrics, ProcessMetrics]:
    """What is counted whatever is published to, with the words of the other modules in its labels."""
    disable_created_metrics()  # a second series for each counter that nobody asks for
    http = HttpMetrics(
        registry,
        routes=[*dict.fromkeys(routes), OTHER],
        methods=[*observation.METHODS, OTHER],
        codes=[*map(str, answers.CODES), OTHER],
        reasons=[*answers.REASONS, observation.DISCONNECTED],
        sources=ways.sources,
    )
    intents = IntentMetrics(
        registry,
        sources=ways.sources,
        states=(*observation.ALERT_STATES, OTHER),
        outcomes=list(ItemOutcome),
        reasons=list(ItemReason),
        repairs=list(Repair),
    )
    return http, intents, _process_metrics(registry)


def create_reload(
    settings: Settings, take: Take, *, before: Stamp, registry: CollectorRegistry, clock: Clock
) -> Reload | None:
    """What reads the mappings again when they change; None if no folder of them is set."""
    if settings.mappings_dir is None:
        return None
    return Reload(
        settings.mappings_dir,
        take,
        seen=before,
        interval=settings.mappings_interval,
        clock=clock,
        metrics=ReloadMetrics(registry),
    )


def _exchanging(settings: Settings, ways: Ways, *, know: list[Callable[[Iterable[str]], None]]) -> Take:
    def take(adapters: Mapping[str, Adapter]) -> None:
        ways.exchange(endpoints.resolve(settings, adapters))
        for register in know:
            register(ways.sources)

    return take


def _templates(settings: Settings, ways: Ways) -> list[str]:
    ours = {adapter.route for _, adapter in ways if adapter.route}
    return sorted(ours if settings.mappings_dir is None else ours | {catalog.mapper().route})


def _route(ways: Ways, own: list[str]) -> Callable[[str], str]:
    """What metrics call each path."""
    return lambda path: ways.route(path) or (path if path in own else OTHER)


def _lifespan(
    publisher: Publisher, ward: Ward, work: Sequence[Work]
) -> Callable[[FastAPI], AbstractAsyncContextManager[None]]:
    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        await publisher.start()
        try:
            async with ward, _running(work):
                yield
        finally:
            await publisher.stop()

    return lifespan


@asynccontextmanager
async def _running(work: Sequence[Work]) -> AsyncIterator[None]:
    tasks = [asyncio.create_task(run()) for run in work]
    for task in tasks:
        task.add_done_callback(_tell)
    try:
        yield
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _tell(task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()) is not None:
        log.error("background_task_failed", error=type(error).__name__)


def _process_metrics(registry: CollectorRegistry) -> ProcessMetrics:
    for collector in (ProcessCollector, PlatformCollector, GCCollector):
        collector(registry=registry)
    metrics = ProcessMetrics(registry)
    build = (version("sre-ingest"), platform.python_version(), version("aiokafka"), SCHEMA_VERSION)
    metrics.build.labels(*build).set(1)
    return metrics
