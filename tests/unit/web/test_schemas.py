"""The schemas of what is accepted, as senders find them."""

from dataclasses import replace
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from adapters.generic import adapter
from sre_ingest import catalog, endpoints
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.schemas import Schema
from sre_ingest.settings import Settings, SettingsError
from sre_ingest.settings.tree import Endpoint
from tests.rooms.generic import ALERT, CHECK, WINDOW

NAME = "generic.v1.schema.json"
GOOD: list[Any] = [ALERT, CHECK, WINDOW, [ALERT, WINDOW], {"alerts": [ALERT], "health_checks": [CHECK]}]
BAD: list[Any] = [{}, {**ALERT, "name": 1}, [{**CHECK, "resource": {}}], {"alerts": ALERT}, {**WINDOW, "sli_value": 2}]


async def test_a_schema_is_published_as_it_lies_in_its_room(client: httpx.AsyncClient) -> None:
    """Listed, byte for byte, without a token, and good for validating with any library."""
    listed = (await client.get("/schemas", headers={"Authorization": ""})).json()
    answer = await client.get(f"/schemas/{NAME}", headers={"Authorization": ""})

    assert listed == {"schemas": [{"name": NAME, "url": f"/schemas/{NAME}"}]}
    assert answer.content == (catalog.folder(adapter) / NAME).read_bytes()
    assert answer.headers["content-type"] == "application/schema+json"
    assert_tells(Draft202012Validator(answer.json()))


async def test_the_openapi_document_describes_the_body(client: httpx.AsyncClient) -> None:
    """The same schema, its definitions among the components; a room without one takes any object or array."""
    document = (await client.get("/openapi.json")).json()
    generic, alertmanager = (
        document["paths"][f"/webhooks/{name}"]["post"]["requestBody"]["content"]["application/json"]["schema"]
        for name in ("generic", "alertmanager")
    )

    assert generic == {"$ref": "#/components/schemas/generic.v1"}
    assert "$id" not in document["components"]["schemas"]["generic.v1"]
    assert alertmanager == {"type": ["object", "array"]}
    assert_tells(Draft202012Validator({**document, **generic}))


def assert_tells(validator: Any) -> None:
    """It takes what is good and refuses what is bad."""
    assert [validator.is_valid(body) for body in (*GOOD, *BAD)] == [True] * len(GOOD) + [False] * len(BAD)


async def test_the_openapi_document_describes_the_answers(client: httpx.AsyncClient) -> None:
    """Receipts and problems are what it says, and every word of a receipt is explained there."""
    document = (await client.get("/openapi.json")).json()
    bodies: list[Any] = [ALERT, [ALERT, {}], [], [{}], 7]
    answers = [await client.post("/webhooks/generic", json=body) for body in bodies]
    for answer in answers:
        told = document["paths"]["/webhooks/generic"]["post"]["responses"][str(answer.status_code)]["content"]
        schema = told[answer.headers["content-type"]]["schema"]
        closed = {**document, **document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]}
        if answer.json().get("reason") != "nothing_usable":
            closed["additionalProperties"] = False
        Draft202012Validator(closed).validate(answer.json())
    assert [answer.status_code for answer in answers] == [202, 202, 200, 422, 422]
    state = document["components"]["schemas"]["Receipt"]["properties"]["state"]
    assert [word for word in state["enum"] if f"`{word}`: " not in state["description"]] == []
    assert state["enum"] == ["published", "spooled", "nothing"]


async def test_only_where_it_is_read_is_an_idempotency_key_described(client: httpx.AsyncClient) -> None:
    """An optional header of the generic webhook, for bodies of one record."""
    document = (await client.get("/openapi.json")).json()
    ways = {path: way["post"] for path, way in document["paths"].items() if "post" in way}
    headers = {path: [one for one in way.get("parameters", []) if one["in"] == "header"] for path, way in ways.items()}
    [parameter] = headers.pop("/webhooks/generic")
    assert (parameter["name"], parameter["required"]) == ("Idempotency-Key", False)
    assert "one record" in parameter["description"]
    assert all(others == [] for others in headers.values())


async def test_mapped_sources_are_described_once(client: httpx.AsyncClient) -> None:
    """As one path whose variable says which there are."""
    document = (await client.get("/openapi.json")).json()
    [parameter] = document["paths"]["/webhooks/generic/{mapping}"]["post"]["parameters"]
    assert (parameter["name"], parameter["in"], parameter["required"]) == ("mapping", "path", True)
    assert "datadog" in parameter["description"]
    assert "/webhooks/generic/datadog" not in document["paths"]


async def test_an_unknown_schema_is_a_problem(client: httpx.AsyncClient) -> None:
    """As any other path that is not there."""
    answer = await client.get("/schemas/generic.v9.schema.json")
    assert (answer.status_code, answer.json()["reason"]) == (404, "unknown_endpoint")


async def test_requests_for_schemas_are_counted_by_their_path(client: httpx.AsyncClient) -> None:
    """The paths are known from the start, so they are no strangers to the metrics."""
    await client.get(f"/schemas/{NAME}")
    text = (await client.get("/metrics")).text
    assert f'sre_ingest_http_requests_total{{code="200",method="GET",route="/schemas/{NAME}"}} 1.0' in text


@pytest.mark.parametrize("path", ["/schemas", f"/schemas/{NAME}"])
def test_no_endpoint_may_take_their_paths(path: str) -> None:
    """The start ends with the sentence."""
    settings = Settings(endpoints=(Endpoint(path=path, adapter="generic"),))
    with pytest.raises(SettingsError, match="gateway's own"):
        endpoints.resolve(settings, {"generic": adapter})


def test_two_adapters_may_not_give_one_name_to_two_schemas() -> None:
    """Which of them a sender would get would be chance; the same one twice is one."""
    twin = replace(adapter, name="twin", path="/webhooks/twin")
    other = replace(twin, schemas=(Schema(NAME, b"{}"),))

    assert endpoints.resolve(Settings(), {"generic": adapter, "twin": twin})
    with pytest.raises(catalog.CatalogError, match=NAME):
        endpoints.resolve(Settings(), {"generic": adapter, "twin": other})


@pytest.mark.parametrize("name", ["generic.schema.json", "generic.v1.json", "a/b.v1.schema.json", "A.v1.schema.json"])
def test_a_schema_says_its_version(name: str) -> None:
    """Otherwise nobody could bring a second one."""
    with pytest.raises(ValueError, match="no name of a schema"):
        Adapter("toy", adapter.read, schemas=(Schema(name, b"{}"),))
