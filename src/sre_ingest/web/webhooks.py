"""The webhooks: two calls and a return."""

import re
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import APIRouter, Request, Response

from sre_ingest.pipeline import Pipeline
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.errors import UnknownEndpoint
from sre_ingest.web import answers, documents, observation, schemas
from sre_ingest.web.admission import Admission
from sre_ingest.web.ways import Ways, route

METHODS = ["POST", "PUT"]
"""Some senders PUT; it means the same here."""
UNKNOWN = "No adapter listens at this path; /openapi.json lists those that do."

Receive = Callable[[Request], Awaitable[Response]]

_IDEMPOTENCY_KEY = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The sender's own name for what it says: the same key for the same subject is a duplicate. Only "
    "where the body is one record; in a body of several, each record has a key of its own.",
    "schema": {"type": "string", "minLength": 1},
    "examples": {
        "quoted": {"summary": "a string of RFC 8941", "value": '"backup 2026-01-02"'},
        "bare": {"summary": "without spaces, commas, semicolons and backslashes", "value": "backup-2026-01-02"},
    },
}
_VARIABLE = re.compile(r"\{(\w+)\}")


def router(ways: Ways, templates: list[str], admission: Admission, pipeline: Pipeline) -> APIRouter:
    """A route for each way in and for each template, whose paths may be given to ways later."""
    routes = APIRouter()
    receive = _receiver(ways, admission, pipeline)
    for path in [path for path in routed(ways) if path not in templates] + templates:
        routes.add_api_route(path + "/{appended}", receive, methods=METHODS, include_in_schema=False)
        for method in METHODS:
            routes.add_api_route(
                path,
                receive,
                methods=[method],
                response_model=None,
                name=f"{_title(path, ways)} webhook",
                summary=f"Take a delivery of {_title(path, ways)}",
                responses=documents.responses(),
                openapi_extra=_request(path, ways),
                include_in_schema=method == METHODS[0],
            )
    return routes


def routed(ways: Ways) -> list[str]:
    """The routes of all ways, each once."""
    return list(dict.fromkeys(route(way) for way in ways))


def _title(path: str, ways: Ways) -> str:
    way = ways.find(path)
    return "a mapped source" if way is None else way[1].name


def _request(path: str, ways: Ways) -> dict[str, Any]:
    way = ways.find(path)
    adapter = None if way is None else way[1]
    parameters = [_parameter(name, path, ways) for name in _VARIABLE.findall(path)]
    if adapter and adapter.reads_idempotency_key:
        parameters.append(_IDEMPOTENCY_KEY)
    return {"requestBody": _body(adapter)} | ({"parameters": parameters} if parameters else {})


def _parameter(name: str, template: str, ways: Ways) -> dict[str, Any]:
    known = sorted(adapter.name for _, adapter in ways if adapter.route == template)
    said = "Which mapping reads it: one of the operator's own, or " + ", ".join(known) + "."
    return {"name": name, "in": "path", "required": True, "schema": {"type": "string"}, "description": said}


def _body(adapter: Adapter | None) -> dict[str, Any]:
    described = adapter is not None and adapter.schemas
    schema = schemas.reference(described[0]) if described else {"type": ["object", "array"]}
    return {"required": True, "content": {"application/json": {"schema": schema}}}


def _receiver(ways: Ways, admission: Admission, pipeline: Pipeline) -> Receive:
    async def receive(request: Request) -> Response:
        way = ways.find(request.scope["path"])
        if way is None:
            raise UnknownEndpoint(UNKNOWN)
        endpoint, adapter = way
        delivery = await admission.admit(request, endpoint)
        observation.note(request, delivery)
        receipt = await pipeline.ingest(adapter, delivery)
        observation.account(request, receipt)
        return answers.receipt(receipt, delivery.correlation_id)

    return receive
