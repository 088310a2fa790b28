"""The schemas of what is accepted: published as they are, and as parts of the OpenAPI document."""

import json
from collections.abc import Sequence
from typing import Any

from fastapi import APIRouter, FastAPI, Response
from fastapi.responses import JSONResponse

from sre_ingest.sdk.schemas import Schema
from sre_ingest.web import documents

PATH = "/schemas"
_DEFINITIONS = "#/$defs/"
_COMPONENTS = "#/components/schemas/"


def paths(schemas: Sequence[Schema]) -> list[str]:
    """Where the schemas are, and the list of them; nothing if there are none."""
    return [PATH, *(_path(schema) for schema in schemas)] if schemas else []


def router(schemas: Sequence[Schema]) -> APIRouter:
    """A route for each schema, and one that lists them."""
    routes = APIRouter()
    listed = {"schemas": [{"name": schema.name, "url": _path(schema)} for schema in schemas]}

    @routes.get(PATH, summary="The JSON schemas of what is accepted")
    async def index() -> JSONResponse:
        return JSONResponse(listed)

    for schema in schemas:
        answer = Response(schema.text, media_type="application/schema+json")
        routes.add_api_route(_path(schema), _giving(answer), name=schema.name, summary=f"JSON schema {schema.stem}")
    return routes


def reference(schema: Schema) -> dict[str, str]:
    """How the OpenAPI document refers to a schema."""
    return {"$ref": _COMPONENTS + schema.stem}


def document(app: FastAPI, schemas: Sequence[Schema]) -> None:
    """Let the application's OpenAPI document hold the schemas among its components, each definition one of its own, and
    those of the answers.
    """
    given = app.openapi

    def openapi() -> dict[str, Any]:
        complete = given()
        complete.setdefault("components", {}).setdefault("schemas", {}).update(_components(schemas) | documents.SCHEMAS)
        return complete

    # The way that FastAPI documents for extending it.
    app.openapi = openapi  # type: ignore[method-assign]


def _components(schemas: Sequence[Schema]) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for schema in schemas:
        text = schema.text.decode().replace(f'"{_DEFINITIONS}', f'"{_COMPONENTS}{schema.stem}.')
        whole = json.loads(text)
        definitions = whole.pop("$defs", {})
        parts[schema.stem] = {name: value for name, value in whole.items() if name not in ("$schema", "$id")}
        parts |= {f"{schema.stem}.{name}": value for name, value in definitions.items()}
    return parts


def _path(schema: Schema) -> str:
    return f"{PATH}/{schema.name}"


def _giving(answer: Response) -> Any:
    async def give() -> Response:
        return answer

    return give
