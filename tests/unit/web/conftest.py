"""The application itself, without a socket, on an embedded log of its own."""

from collections.abc import AsyncIterator
from pathlib import Path

import httpx
import pytest

from sre_ingest.app import create_app
from sre_ingest.settings import Settings
from sre_ingest.settings.tree import Auth, Http

TOKEN = "front-door-token"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """An embedded log, a token, and bodies of 64 KiB at most."""
    token = tmp_path / "token"
    token.write_text(f"{TOKEN}\n")
    return Settings(data_dir=tmp_path / "data", auth=Auth(bearer_token_file=token), http=Http(max_body_bytes=64 * 1024))


@pytest.fixture
async def client(settings: Settings) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the running application that shows the token."""
    app = create_app(settings)
    transport = httpx.ASGITransport(app, raise_app_exceptions=True)
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://gateway", headers=headers) as client,
    ):
        yield client
