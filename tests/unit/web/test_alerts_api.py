"""What a Prometheus that takes us for its Alertmanager is told at /api/v2/alerts."""

from typing import Any

import httpx
import pytest

ALERTS = "/api/v2/alerts"
ALERT = {"labels": {"alertname": "TabletsLost", "severity": "critical"}, "startsAt": "2026-01-02T03:00:00Z"}
READ_BACK = ALERT | {"status": {"state": "active", "silencedBy": [], "inhibitedBy": []}, "receivers": [{"name": "a"}]}


@pytest.mark.parametrize("path", [ALERTS, f"/{ALERTS}", f"{ALERTS}/"])
async def test_an_array_of_alerts_is_taken(client: httpx.AsyncClient, path: str) -> None:
    """With the slashes of a careless path prefix as well; sent again it is a duplicate, and a 2xx."""
    first, again = [await client.post(f"http://gateway{path}", json=[ALERT]) for _ in range(2)]
    assert (first.status_code, first.json()["accepted"]) == (202, 1)
    assert (again.is_success, again.json()["duplicates"]) == (True, 1)


async def test_a_batch_of_nothing_is_nothing(client: httpx.AsyncClient) -> None:
    """No alerts, no records, no error."""
    answer = await client.post(ALERTS, json=[])
    assert (answer.status_code, answer.json()["state"]) == (200, "nothing")


async def test_one_bad_alert_does_not_cost_the_batch(client: httpx.AsyncClient) -> None:
    """The receipt names it by its place in the array."""
    answer = await client.post(ALERTS, json=[READ_BACK, ALERT])
    bad = {"index": 0, "outcome": "quarantined", "reason": "gettable_alert", "path": "[0].status"}
    item = answer.json()["items"][0]
    assert item.pop("quarantine_id")
    assert (answer.status_code, answer.json()["accepted"], item) == (202, 1, bad)


@pytest.mark.parametrize(
    ("body", "reason"), [([READ_BACK], "gettable_alert"), ({"alerts": [ALERT]}, "schema"), ("alert", "schema")]
)
async def test_what_is_no_batch_is_refused(client: httpx.AsyncClient, body: Any, reason: str) -> None:
    """An answer of Alertmanager, its webhook, a text: the problem document says why."""
    answer = await client.post(ALERTS, json=body, headers={"Content-Type": "application/json"})
    assert answer.status_code == 422
    assert reason in answer.text
