"""`serve` and `check-config`."""

from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import structlog
import typer

from sre_ingest import catalog, logs
from sre_ingest.app import create_app, endpoints
from sre_ingest.cli.options import Config
from sre_ingest.settings import Settings, SettingsError, load, read_secret
from sre_ingest.web import server

log = structlog.get_logger(__name__)


def serve(
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: http.host.")] = None,
    port: Annotated[int | None, typer.Option(help="Port to listen on, 0 for a free one; default: http.port.")] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Listen on any address although nobody has to show a token.")
    ] = False,
) -> None:
    """Run the gateway until SIGTERM or SIGINT.

    Without Kafka in the settings, intents go to the embedded log in `data_dir`; read them with `sre-ingest tail`.
    """
    settings = load(config)
    logs.configure(settings.log_level)
    address = host or settings.http.host
    if not insecure:
        _check_exposure(address, settings)
    app = create_app(settings)
    kafka = settings.kafka
    log.info(
        "starting",
        version=app.version,
        publishes_to=f"topic {kafka.topic}" if kafka.bootstrap_servers else f"embedded log in {settings.data_dir}",
        webhooks=[endpoint.path for endpoint, _ in endpoints(settings, catalog.installed())],
        bearer_token=settings.auth.bearer_token_file is not None,
    )
    server.run(
        app,
        host=address,
        port=settings.http.port if port is None else port,
        drain_timeout=settings.http.drain_timeout,
    )


def check_config(file: Annotated[Path, typer.Argument(help="YAML file of settings.")]) -> None:
    """Validate a file of settings together with the environment: exit code 0, or 2 with what to mend."""
    settings = load(file)
    ways = endpoints(settings, catalog.installed())
    for secret in (settings.auth.bearer_token_file, settings.kafka.sasl_password_file):
        read_secret(secret)
    for endpoint, adapter in ways:
        print(f"{endpoint.path}: {adapter.name}, instance {endpoint.instance}, tenant {endpoint.tenant}")
    print(f"{file}: valid")


def _check_exposure(host: str, settings: Settings) -> None:
    if settings.auth.bearer_token_file is None and not _is_loopback(host):
        raise SettingsError(
            f"{host} is reachable from other machines and nobody would have to show a token; set "
            "SRE_INGEST_AUTH__BEARER_TOKEN_FILE, listen on 127.0.0.1, or say --insecure"
        )


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
