"""Defects of ours: senders must not pay for them."""

import httpx
import structlog

from sre_ingest.app import create_app
from sre_ingest.settings import Settings
from tests.unit.web.conftest import TOKEN


async def test_a_defect_is_answered_503_and_its_message_is_not_logged(settings: Settings) -> None:
    """An exception nobody foresaw becomes "try again", with type and place in the log, never its words."""
    app = create_app(settings)

    @app.get("/defect")
    async def defect() -> None:
        raise KeyError("words of the body")

    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://gateway") as client:
        with structlog.testing.capture_logs() as logs:
            answer = await client.get("/defect", headers={"Authorization": f"Bearer {TOKEN}"})
    assert (answer.status_code, answer.json()["reason"]) == (503, "unforeseen")
    assert answer.headers["retry-after"] == "5"
    (entry,) = [entry for entry in logs if entry["event"] == "defect"]
    assert entry["error"] == "KeyError"
    assert entry["at"][-1].startswith("test_last_resort.py:")
    assert "words of the body" not in str(logs)


async def test_a_log_that_cannot_take_it_is_503(settings: Settings) -> None:
    """An application whose log is not open refuses with "try again", and is not ready."""
    app = create_app(settings)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://gateway") as client:
        headers = {"Authorization": f"Bearer {TOKEN}", "Content-Type": "application/json"}
        content = b'{"alerts": [{"status": "firing", "labels": {"alertname": "A"}}]}'
        answer = await client.post("/webhooks/alertmanager", content=content, headers=headers)
        ready = await client.get("/readyz")
    assert (answer.status_code, answer.json()["reason"]) == (503, "unavailable")
    assert ready.status_code == 503
    assert ready.json()["detail"]
