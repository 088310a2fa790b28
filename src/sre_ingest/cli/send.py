"""`send`: a bundled sample, delivered as its sender would."""

import urllib.error
import urllib.request
from http.client import HTTPException
from pathlib import Path
from typing import Annotated
from urllib.parse import urlsplit, urlunsplit

import typer

from sre_ingest import catalog
from sre_ingest.cli.options import Config
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.settings import Settings, SettingsError, load, read_secret


def send(
    source: Annotated[str, typer.Argument(help="Name of the adapter, such as alertmanager.")],
    sample: Annotated[str | None, typer.Argument(help="Name of the sample; without one they are listed.")] = None,
    config: Config = None,
    url: Annotated[
        str | None,
        typer.Option(help="The gateway, or with a path the webhook, to deliver to; default: this machine's gateway."),
    ] = None,
) -> None:
    """Deliver one of a source's sample bodies and print the answer: exit code 1 unless it is a 2xx.

    The token is read from the file that auth.bearer_token_file names, as the gateway does.
    """
    settings = load(config)
    adapter = _adapter(source, settings)
    bodies = {one.name: one.body for one in samples.find(catalog.samples(adapter))}
    if sample is None:
        print("\n".join(bodies))
        return
    if sample not in bodies:
        raise SettingsError(f"{source} has no sample {sample!r}; sre-ingest send {source} lists them")
    target = _target(url or _here(settings), adapter.path)
    status, answer = _post(target, bodies[sample], read_secret(settings.auth.bearer_token_file))
    print(f"{status} {answer}")
    if status >= 300:
        raise typer.Exit(1)


def _adapter(source: str, settings: Settings) -> Adapter:
    adapters = catalog.installed(settings.mappings_dir)
    if source not in adapters:
        raise SettingsError(f"no adapter {source!r} is installed; installed are {', '.join(adapters)}")
    return adapters[source]


def _here(settings: Settings) -> str:
    host, port = settings.http.host, settings.http.port
    if port == 0:
        raise SettingsError("http.port is 0, so any port may be the gateway's; name the one that it logged with --url")
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def _target(url: str, path: str) -> str:
    """The URL itself, with the path of the adapter's webhook where it has none. SettingsError if it is no URL."""
    try:
        parts = urlsplit(url)
        known = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0
    except ValueError:
        known = False
    if not known:
        raise SettingsError(f"{url} is no URL of a gateway or a webhook; write it as in http://127.0.0.1:8080{path}")
    return url if parts.path.strip("/") else urlunsplit(parts._replace(path=path))


def _post(url: str, body: Path, token: str | None) -> tuple[int, str]:
    headers = {"Content-Type": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    request = urllib.request.Request(url, body.read_bytes(), headers)  # noqa: S310
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()
    except (OSError, HTTPException) as error:
        why = getattr(error, "reason", error)
        raise SettingsError(
            f"{url} cannot be reached ({getattr(why, 'strerror', None) or why}); start the gateway with sre-ingest "
            "serve, or name another with --url"
        ) from None
