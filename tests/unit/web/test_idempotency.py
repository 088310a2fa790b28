"""Idempotency keys over HTTP."""

from typing import Any

import httpx
import pytest

from tests.journey.alerts import alert, group
from tests.rooms.generic import ALERT, CHECK, WINDOW

PATH = "/webhooks/generic"
KEY = "Idempotency-Key"


async def items(client: httpx.AsyncClient, body: Any, key: str | None = None) -> list[dict[str, Any]]:
    """The items of the receipt."""
    answer = await client.post(PATH, json=body, headers={} if key is None else {KEY: key})
    assert answer.status_code in (200, 202), answer.text
    found: list[dict[str, Any]] = answer.json()["items"]
    return found


@pytest.mark.parametrize("record", [ALERT, CHECK, WINDOW], ids=["alert", "health check", "SLI window"])
async def test_a_key_is_taken_once_from_field_or_header(client: httpx.AsyncClient, record: dict[str, Any]) -> None:
    """Quoted or bare, in header, field or both, alone or in a list of one: one observation, one id."""
    [first] = await items(client, {**record, "idempotency_key": "k-1"})
    again = [
        *await items(client, record, "k-1"),
        *await items(client, [record], '"k-1"'),
        *await items(client, {**record, "idempotency_key": "k-1"}, "k-1"),
    ]
    [other] = await items(client, record, "k-2")

    assert first["outcome"] == other["outcome"] == "accepted"
    assert again == [{**first, "outcome": "duplicate"}] * 3
    assert first["message_id"] != other["message_id"]


async def test_other_content_under_a_key_is_a_duplicate_that_is_counted(client: httpx.AsyncClient) -> None:
    """The receipt names it `conflicting`, and the books balance; order and kind are no content."""
    keyed = {"kind": "alert", **ALERT, "idempotency_key": "k"}
    [first] = await items(client, keyed)
    [same] = await items(client, dict(reversed(ALERT.items())), "k")
    [other] = await items(client, {**keyed, "status": "resolved", "starts_at": "2026-01-02T04:00:00Z"})
    text = (await client.get("/metrics")).text

    assert same == {**first, "outcome": "duplicate"}
    assert other == {**first, "outcome": "duplicate", "reason": "conflicting"}
    for sample in (
        'sre_ingest_intents_conflicting_total{source="generic"} 1.0',
        'sre_ingest_intents_total{outcome="accepted",source="generic"} 1.0',
        'sre_ingest_intents_total{outcome="duplicate",source="generic"} 2.0',
        'sre_ingest_alerts_received_total{source="generic",status="firing"} 2.0',
        'sre_ingest_alerts_received_total{source="generic",status="resolved"} 1.0',
    ):
        assert sample in text
    assert 'reason="conflicting"' not in text


async def test_two_of_one_body_can_contradict_each_other(client: httpx.AsyncClient) -> None:
    """The first of them is taken."""
    keyed = {**CHECK, "idempotency_key": "k"}
    found = await items(client, [keyed, keyed, {**keyed, "status": "unhealthy"}])

    assert [(item["outcome"], item.get("reason")) for item in found] == [
        ("accepted", None),
        ("duplicate", None),
        ("duplicate", "conflicting"),
    ]


@pytest.mark.parametrize(
    ("body", "key"),
    [
        ([ALERT, CHECK], "k"),
        ({"alerts": [ALERT], "sli_windows": [WINDOW]}, "k"),
        ([], "k"),
        ({**ALERT, "idempotency_key": "other"}, "k"),
        (ALERT, "two words"),
        (ALERT, ""),
        (ALERT, "k" * 256),
    ],
)
async def test_a_header_that_cannot_hold_is_refused(client: httpx.AsyncClient, body: Any, key: str) -> None:
    """422 with a reason of its own, and nothing is published."""
    answer = await client.post(PATH, json=body, headers={KEY: key})

    assert (answer.status_code, answer.json()["reason"]) == (422, "bad_idempotency_key")
    assert (await client.post(PATH, json=ALERT)).json()["accepted"] == 1


async def test_two_headers_are_refused(client: httpx.AsyncClient) -> None:
    """Whichever were taken, the other might have been meant."""
    answer = await client.post(PATH, json=ALERT, headers=[(KEY, "a"), (KEY, "b")])
    assert (answer.status_code, answer.json()["reason"]) == (422, "bad_idempotency_key")


async def test_other_rooms_pass_the_header_over(client: httpx.AsyncClient) -> None:
    """Their senders do not name what they say, and whatever a proxy adds must not cost an alert."""
    body = group(alert(), alert(instance="db-2"))
    first, second = [
        (await client.post("/webhooks/alertmanager", json=body, headers={KEY: key})).json() for key in ("a b", "c")
    ]
    assert (first["accepted"], second["duplicates"]) == (2, 2)
