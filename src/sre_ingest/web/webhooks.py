"""The webhooks: two calls and a return."""

from collections.abc import Awaitable, Callable

from fastapi import APIRouter, Request, Response

from sre_ingest.pipeline import Pipeline
from sre_ingest.sdk.errors import UnknownEndpoint
from sre_ingest.web import answers, descriptions, documents, observation
from sre_ingest.web.admission import Admission
from sre_ingest.web.ways import Ways

METHODS = ["POST", "PUT"]
"""Some senders PUT; it means the same here."""
UNKNOWN = "No adapter listens at this path; /openapi.json and `sre-ingest adapters list` name those that do."

Receive = Callable[[Request], Awaitable[Response]]


def router(ways: Ways, templates: list[str], admission: Admission, pipeline: Pipeline) -> APIRouter:
    """A route for each way in and for each template, whose paths may be given to ways later."""
    routes = APIRouter()
    receive = _receiver(ways, admission, pipeline)
    for path in [path for path in ways.routes if path not in templates] + templates:
        title = descriptions.title(path, ways)
        routes.add_api_route(path + "/{appended}", receive, methods=METHODS, include_in_schema=False)
        for method in METHODS:
            routes.add_api_route(
                path,
                receive,
                methods=[method],
                response_model=None,
                name=f"{title} webhook",
                summary=f"Take a delivery of {title}",
                responses=documents.responses(),
                openapi_extra=descriptions.request(path, ways),
                include_in_schema=method == METHODS[0],
            )
    return routes


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
