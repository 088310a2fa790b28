"""What the cluster asks: alive, ready, and how it goes."""

from collections.abc import Callable

from fastapi import APIRouter, Request, Response
from fastapi.responses import JSONResponse, PlainTextResponse
from prometheus_client import CollectorRegistry
from prometheus_client.exposition import choose_encoder

PATHS = ("/healthz", "/readyz", "/metrics")


def router(readiness: Callable[[], str | None], registry: CollectorRegistry) -> APIRouter:
    """`/healthz` says the process lives, `/readyz` whether deliveries can be made durable now, `/metrics` everything
    else.
    """
    routes = APIRouter()

    @routes.get("/healthz", summary="Is the process alive? Independent of Kafka.")
    async def healthz() -> PlainTextResponse:
        return PlainTextResponse("ok\n")

    @routes.get("/readyz", summary="Can deliveries be made durable now? 503 with the reason while they cannot.")
    async def readyz() -> JSONResponse:
        trouble = readiness()
        if trouble is None:
            return JSONResponse({"status": "ready"})
        return JSONResponse({"status": "not ready", "detail": trouble}, status_code=503)

    @routes.get("/metrics", summary="Metrics in the format the scraper asks for.")
    async def exposition(request: Request) -> Response:
        encode, content_type = choose_encoder(request.headers.get("accept", ""))
        return Response(encode(registry), media_type=content_type)

    return routes
