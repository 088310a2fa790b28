"""`serve` and `check-config`."""

import os
import sys
from ipaddress import ip_address
from pathlib import Path
from typing import Annotated

import structlog
import typer

from sre_ingest import catalog, logs
from sre_ingest.cli.options import Config
from sre_ingest.settings import Settings, SettingsError, load, read_secret
from sre_ingest.settings.loading import CONFIG_VARIABLE
from sre_ingest.settings.tree import PREFIX

log = structlog.get_logger(__name__)


def serve(
    config: Config = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on; default: http.host.")] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65_535, help="Port to listen on, 0 for a free one; default: http.port.")
    ] = None,
    insecure: Annotated[
        bool, typer.Option("--insecure", help="Listen on any address although nobody has to show a token.")
    ] = False,
) -> None:
    """Run the gateway until SIGTERM or SIGINT.

    Without Kafka in the settings, intents go to the embedded log in `data_dir`; read them with `sre-ingest tail`.
    """
    settings = load(config)
    logs.configure(settings.log_level, sys.stdout)
    address = host or settings.http.host
    if not insecure:
        _check_exposure(address, settings)
    # The web framework and the client of Kafka take most of the time that a command needs to start.
    from sre_ingest.app import create_app
    from sre_ingest.web import server

    app = create_app(settings)
    log.info(
        "starting",
        version=app.version,
        publishes_to=destination(settings),
        webhooks=app.state.webhooks,
        bearer_token=settings.auth.bearer_token_file is not None,
    )
    server.run(
        app,
        host=address,
        port=settings.http.port if port is None else port,
        pause=settings.http.drain_pause,
        drain_timeout=settings.http.drain_timeout,
    )


def check_config(
    file: Annotated[Path | None, typer.Argument(help="YAML file of settings; default: $SRE_INGEST_CONFIG.")] = None,
) -> None:
    """Validate a file of settings together with the environment: exit code 0, or 2 with what to mend.

    Without a file it is the environment alone. What was checked is in the last line.
    """
    from sre_ingest import endpoints
    from sre_ingest.publishers import connection

    settings = load(file)
    ways = endpoints.resolve(settings, catalog.installed(settings.mappings_dir))
    read_secret(settings.auth.bearer_token_file)
    if settings.kafka.bootstrap_servers is not None:
        connection(settings)
    for endpoint, adapter in ways:
        print(f"{endpoint.path}: {adapter.name}, instance {endpoint.instance}, tenant {endpoint.tenant}")
    print(f"{_checked(file)}: valid")


def _checked(file: Path | None) -> str:
    """What settings come from, in words."""
    if found := file or os.environ.get(CONFIG_VARIABLE):
        return str(found)
    variables = sorted(name for name in os.environ if name.startswith(PREFIX))
    return f"no file, and of the environment {', '.join(variables) or 'nothing'}"


def destination(settings: Settings) -> str:
    """Where intents go, in words."""
    if settings.kafka.bootstrap_servers is None:
        return f"the embedded log in {settings.data_dir.absolute()}"
    return f"the topic {settings.kafka.topic} on {settings.kafka.bootstrap_servers}"


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
