"""Bodies that come as a form (application/x-www-form-urlencoded)."""

from urllib.parse import parse_qs, unquote_to_bytes

from sre_ingest.sdk import json
from sre_ingest.sdk.errors import NotJson
from sre_ingest.sdk.json import Value

_MAX_FIELDS = 64
_ENCODED_JSON = (b"%7B", b"%5B")


def field(body: bytes, name: str) -> Value:
    """The JSON that one field of a form holds. NotJson if there is no form, not that field, or no JSON in it."""
    values = _parsed(body).get(name, [])
    if len(values) != 1:
        raise NotJson(f"The body is neither JSON nor a form with one field {name!r}.")
    return json.parse(values[0].encode())


def fields(body: bytes) -> Value:
    """The fields of a form, each a text; empty ones are left out. NotJson if there are none, or one comes twice.

    PRTG sends JSON that is percent-encoded as a whole under the name of a form: that is read as the JSON it is.
    """
    if body[:3].upper() in _ENCODED_JSON:
        return json.parse(unquote_to_bytes(body.replace(b"+", b" ")))
    found = _parsed(body)
    if not found or any(len(values) != 1 for values in found.values()):
        raise NotJson("The form has no field, or one more than once.")
    return {name: value for name, (value,) in found.items()}


def _parsed(body: bytes) -> dict[str, list[str]]:
    try:
        return parse_qs(body.decode(), strict_parsing=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise NotJson("The body is neither JSON nor a form.") from None
