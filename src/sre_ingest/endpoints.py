"""From settings and adapters to the ways in."""

from collections.abc import Iterable, Mapping

from pydantic import BaseModel, ValidationError

from ameide_core_proto.sre.core.v1.sre_pb2 import Severity
from sre_ingest import catalog
from sre_ingest.sdk import severity
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Endpoint, Scope
from sre_ingest.sdk.schemas import Schema
from sre_ingest.sdk.severity import SeverityTable
from sre_ingest.sdk.times import nanoseconds
from sre_ingest.settings import Settings, SettingsError, sentences
from sre_ingest.settings.tree import Endpoint as EndpointSettings
from sre_ingest.web import operations, schemas
from sre_ingest.web.ways import Way


def resolve(settings: Settings, adapters: Mapping[str, Adapter]) -> list[Way]:
    """Every way in: one at the default path of each adapter, and the configured ones, which win over a default path."""
    configured = {way.path for way in settings.endpoints}
    defaults = [EndpointSettings(path=one.path, adapter=name) for name, one in adapters.items()]
    ways = [*(way for way in defaults if way.path not in configured), *settings.endpoints]
    found = [(_endpoint(way, settings, adapters), adapters[way.adapter]) for way in ways]
    _check_paths(ways, {"/docs", "/openapi.json", "/redoc", *own_paths(found)})
    return found


def _check_paths(ways: list[EndpointSettings], own: set[str]) -> None:
    paths = [way.path for way in ways]
    if twice := next((path for path in paths if paths.count(path) > 1), None):
        names = " and ".join(way.adapter for way in ways if way.path == twice)
        raise SettingsError(f"endpoints: {twice} is the path of two of them ({names}); give each its own")
    if taken := sorted(own & set(paths)):
        raise SettingsError(f"endpoints: {', '.join(taken)} is the gateway's own; choose another path")


def _endpoint(way: EndpointSettings, settings: Settings, adapters: Mapping[str, Adapter]) -> Endpoint:
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
        told = sentences.of_validation(error, lambda _: "")
        raise SettingsError(f"endpoints: options of {way.path}: {told}") from None


def _severities(settings: Settings) -> SeverityTable:
    configured = {word.strip().lower(): _severity(name) for word, name in settings.severity.map.items()}
    return SeverityTable({**severity.DEFAULT.words, **configured}, _severity(settings.severity.default))


def _severity(name: str) -> Severity.ValueType:
    return Severity.Value(f"SEVERITY_{name}")


def own_paths(ways: Iterable[Way]) -> list[str]:
    """The paths that no way in may have: what the gateway serves beside them."""
    return [*operations.PATHS, *schemas.paths(published(ways))]


def published(ways: Iterable[Way]) -> list[Schema]:
    """What the adapters publish, each once. CatalogError if two call different schemas by one name."""
    found = {schema: None for _, adapter in ways for schema in adapter.schemas}
    names = [schema.name for schema in found]
    if twice := next((name for name in names if names.count(name) > 1), None):
        raise catalog.CatalogError(f"two adapters bring a schema {twice!r}; remove one of them")
    return list(found)
