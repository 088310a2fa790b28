"""What senders are told, status by status."""

import asyncio
import json
from typing import Any

import httpx
import pytest

from tests.journey.alerts import alert, group

WEBHOOK = "/webhooks/alertmanager"
JSON = {"Content-Type": "application/json"}


async def post(client: httpx.AsyncClient, content: bytes, **headers: str) -> httpx.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return await client.post(WEBHOOK, content=content, headers=JSON | named)


def body(*alerts: dict[str, Any]) -> bytes:
    return json.dumps(group(*alerts)).encode()


async def test_a_delivery_on_disk_is_answered_202_with_a_receipt(client: httpx.AsyncClient) -> None:
    """Without Kafka the embedded log takes it; the receipt accounts for every item."""
    answer = await post(client, body(alert()))
    receipt = answer.json()
    item = receipt["items"][0]
    assert answer.status_code == 202
    assert receipt == {
        "receipt_id": receipt["receipt_id"],
        "state": "spooled",
        "accepted": 1,
        "duplicates": 0,
        "quarantined": 0,
        "ignored": 0,
        "items": [{"index": 0, "outcome": "accepted", "message_id": item["message_id"]}],
    }


async def test_an_empty_group_is_nothing(client: httpx.AsyncClient) -> None:
    """No alerts, no records, no error."""
    answer = await post(client, body())
    assert (answer.status_code, answer.json()["state"]) == (200, "nothing")


@pytest.mark.parametrize(
    ("content", "headers", "status", "reason"),
    [
        (b"", {}, 400, "malformed_json"),
        (b"{", {}, 400, "malformed_json"),
        (b'{"alerts": [NaN]}', {}, 400, "malformed_json"),
        (b'{"alerts": [], "alerts": []}', {}, 400, "malformed_json"),
        (b'{"alerts": ["\\ud800"]}', {}, 400, "malformed_json"),
        (b"\xef\xbb\xbf{}", {}, 400, "malformed_json"),
        (b"[" * 1_000, {}, 400, "malformed_json"),
        (b'"\xff"', {}, 400, "malformed_json"),
        (b"[]", {}, 422, "schema"),
        (b"null", {}, 422, "schema"),
        (b"{}", {}, 422, "schema"),
        (b'{"alerts": {}}', {}, 422, "schema"),
        (b'{"alerts": [1, {}]}', {}, 422, "nothing_usable"),
        (b"{}", {"Content_Type": "text/plain"}, 415, "bad_content_type"),
        (b"{}", {"Content_Type": "application/json; charset=utf-16"}, 415, "bad_content_type"),
        (b"{}", {"Content_Encoding": "gzip"}, 415, "bad_encoding"),
        (b" " * 70_000, {}, 413, "body_too_large"),
        (b"{}", {"Authorization": "Bearer wrong"}, 401, "unauthenticated"),
        (b"{}", {"Authorization": "Basic front-door-token"}, 401, "unauthenticated"),
        (b"{}", {"Authorization": ""}, 401, "unauthenticated"),
        (b"{}", {"Authorization": "Bearer t\u00f6ken"}, 401, "unauthenticated"),
    ],
)
async def test_what_is_refused_says_why(
    client: httpx.AsyncClient, content: bytes, headers: dict[str, str], status: int, reason: str
) -> None:
    """Every refusal is a problem document with a reason from the closed list."""
    answer = await client.post(
        WEBHOOK,
        content=content,
        headers=[
            (name.replace("_", "-").encode(), value.encode())
            for name, value in (JSON | {k.replace("_", "-"): v for k, v in headers.items()}).items()
        ],
    )
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == status


async def test_a_body_without_a_content_length_is_bounded_too(client: httpx.AsyncClient) -> None:
    """A chunked body is counted as it comes."""

    async def chunks() -> Any:
        for _ in range(100):
            yield b" " * 1_024

    answer = await client.post(WEBHOOK, content=chunks(), headers=JSON)
    assert (answer.status_code, answer.json()["reason"]) == (413, "body_too_large")


async def test_credentials_are_asked_for_before_anything_else(client: httpx.AsyncClient) -> None:
    """Who has none learns nothing about types, sizes or shapes."""
    answer = await client.post(WEBHOOK, content=b"x" * 70_000, headers={"Authorization": "", "Content-Type": "x/y"})
    assert answer.status_code == 401
    assert answer.headers["www-authenticate"] == "Bearer"


async def test_a_trailing_slash_and_put_are_served(client: httpx.AsyncClient) -> None:
    """A redirect would become a GET without a body; some senders PUT."""
    for method, path in (("POST", WEBHOOK + "/"), ("PUT", WEBHOOK)):
        answer = await client.request(method, path, content=body(alert(path=path)), headers=JSON)
        assert answer.status_code == 202


async def test_other_paths_and_methods(client: httpx.AsyncClient) -> None:
    """An unknown source is 404, with what lists those that are known; a GET on a webhook is 405."""
    for path in ("/webhooks/nobody", "/webhooks/generic/nobody", "/webhooks/generic/pingdom/nobody"):
        unknown = await client.post(path, content=b"{}", headers=JSON)
        assert (unknown.status_code, unknown.json()["reason"]) == (404, "unknown_endpoint")
        assert "sre-ingest adapters list" in unknown.json()["detail"]
        assert "nobody" not in unknown.text
    read = await client.get(WEBHOOK)
    assert (read.status_code, read.json()["reason"], read.headers["allow"]) == (405, "wrong_method", "POST")


async def test_answers_never_echo_the_body(client: httpx.AsyncClient) -> None:
    """Alertmanager logs what it is answered; what it sent may be secret."""
    for content in (b'{"secret-word": 1, "secret-word": 2}', b'{"secret-word', b'{"alerts": ["secret-word"]}'):
        assert "secret-word" not in (await post(client, content)).text


async def test_the_correlation_id_is_the_senders_if_it_can_be(client: httpx.AsyncClient) -> None:
    """A well-formed x-request-id comes back; anything else is replaced."""
    kept = await post(client, b"{", x_request_id="request-4711")
    assert kept.json()["correlation_id"] == "request-4711"
    for bad in ("short", "with space 1", "x" * 129):
        replaced = await post(client, b"{", x_request_id=bad)
        assert replaced.json()["correlation_id"] != bad


async def test_alive_and_ready(client: httpx.AsyncClient) -> None:
    """Both answer 200 without a token while the log is open, the second as soon as it was read back."""
    assert (await client.get("/healthz", headers={"Authorization": ""})).status_code == 200
    async with asyncio.timeout(20):
        while (await client.get("/readyz", headers={"Authorization": ""})).status_code != 200:
            await asyncio.sleep(0.01)


async def test_every_delivery_is_in_the_books(client: httpx.AsyncClient) -> None:
    """Received = accepted + duplicate + quarantined + ignored, and every refusal has its counter."""
    good = alert()
    await post(client, body(good, good, good | {"labels": {}}))
    await post(client, b"{")
    text = (await client.get("/metrics")).text
    for sample in (
        'sre_ingest_intents_total{outcome="accepted",source="alertmanager"} 1.0',
        'sre_ingest_intents_total{outcome="duplicate",source="alertmanager"} 1.0',
        'sre_ingest_intents_total{outcome="quarantined",source="alertmanager"} 1.0',
        'sre_ingest_alerts_invalid_total{reason="no_labels",source="alertmanager"} 1.0',
        'sre_ingest_alerts_received_total{source="alertmanager",status="firing"} 2.0',
        'sre_ingest_http_rejected_total{reason="malformed_json"} 1.0',
        'sre_ingest_http_requests_total{code="202",method="POST",route="/webhooks/alertmanager"} 1.0',
        "sre_ingest_log_appended_records_total 1.0",
    ):
        assert sample in text


async def test_the_interface_is_documented(client: httpx.AsyncClient) -> None:
    """/openapi.json names the webhook once, with the statuses it answers."""
    document = (await client.get("/openapi.json")).json()
    assert WEBHOOK in document["paths"]
    assert WEBHOOK + "/" not in document["paths"]
    assert {"200", "202", "400", "401", "413", "415", "422", "503"} <= set(
        document["paths"][WEBHOOK]["post"]["responses"]
    )


async def test_presets_share_one_route_in_the_metrics(client: httpx.AsyncClient) -> None:
    """However many of them there are, the label has one value for all."""
    await client.post("/webhooks/generic/pingdom", content=b"{}", headers=JSON)
    told = (await client.get("/metrics")).text
    assert 'code="422",method="POST",route="/webhooks/generic/{mapping}"} 1.0' in told
    assert 'route="/webhooks/generic/pingdom"' not in told


async def test_a_preset_takes_the_content_types_of_its_tool(client: httpx.AsyncClient) -> None:
    """SNS says text/plain; what another tool says is refused there, and text/plain elsewhere."""
    for path, kind, status in (
        ("/webhooks/generic/aws-sns-cloudwatch", "text/plain; charset=UTF-8", 422),
        ("/webhooks/generic/aws-sns-cloudwatch", "text/plain; charset=utf-16", 415),
        ("/webhooks/generic/aws-sns-cloudwatch", "text/html", 415),
        ("/webhooks/generic/pingdom", "text/plain", 415),
        (WEBHOOK, "text/plain", 415),
    ):
        answer = await client.post(path, content=b"{}", headers={"Content-Type": kind})
        assert answer.status_code == status, (path, kind)
