"""The webhooks: two calls and a return."""

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Any

from fastapi import APIRouter, Request, Response

from sre_ingest.pipeline import Pipeline
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Endpoint
from sre_ingest.web import answers, observation, schemas
from sre_ingest.web.admission import Admission

METHODS = ["POST", "PUT"]
"""Some senders PUT; it means the same here."""

Receive = Callable[[Request], Awaitable[Response]]

_RESPONSES: dict[int | str, dict[str, Any]] = {
    status: {"description": HTTPStatus(status).phrase} for status in answers.CODES
}


def router(ways: list[tuple[Endpoint, Adapter]], admission: Admission, pipeline: Pipeline) -> APIRouter:
    """A route for each way in."""
    routes = APIRouter()
    for endpoint, adapter in ways:
        receive = _receiver(endpoint, adapter, admission, pipeline)
        for method in METHODS:
            routes.add_api_route(
                endpoint.path,
                receive,
                methods=[method],
                response_model=None,
                name=f"{adapter.name} webhook",
                summary=f"Take a delivery of {adapter.name}",
                responses=_RESPONSES,
                openapi_extra=_body(adapter),
                include_in_schema=method == METHODS[0],
            )
    return routes


def _body(adapter: Adapter) -> dict[str, Any]:
    schema = schemas.reference(adapter.schemas[0]) if adapter.schemas else {"type": ["object", "array"]}
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _receiver(endpoint: Endpoint, adapter: Adapter, admission: Admission, pipeline: Pipeline) -> Receive:
    async def receive(request: Request) -> Response:
        delivery = await admission.admit(request, endpoint)
        observation.note(request, delivery)
        receipt = await pipeline.ingest(adapter, delivery)
        observation.account(request, receipt)
        return answers.receipt(receipt, delivery.correlation_id)

    return receive
