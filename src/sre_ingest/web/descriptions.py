"""What the OpenAPI document says of a webhook: who sends there, and what."""

import re
from typing import Any

from sre_ingest.sdk.adapter import Adapter
from sre_ingest.web import schemas
from sre_ingest.web.ways import Ways

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


def title(path: str, ways: Ways) -> str:
    """Who sends to a path, or to the paths of a template."""
    way = ways.find(path)
    return "a mapped source" if way is None else way[1].name


def request(path: str, ways: Ways) -> dict[str, Any]:
    """The body and the parameters of a delivery, as members of an OpenAPI operation."""
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
