"""Forms in place of JSON: nothing of them is bent or guessed, and only a mapping that asks for them gets them."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest
import yaml

from adapters.generic.mapping import compilation, forms
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import MappingError
from sre_ingest.sdk.errors import NotJson
from tests.rooms.bodies import alert, only

BODY = {"rule": "Größe & Zahl + 7 %", "state": "bad"}
NO_FORMS = [b"", b"a=", b"a", b"a=1&a=2", b"\xff=1", b"a=%ff", b"%7Ba", b"&".join([b"a=1"] * 100)]


def name(folder: Path, body: bytes, **file: Any) -> str:
    """The name of the one alert that a mapping finds in a body."""
    about = {"tool": "Tool", "source": "invented", "seen": "2026-01-01"}
    mapped = {"title": "rule", "status": {"value": "state", "lookup": {"bad": "firing"}}}
    shapes = [{"name": "only", "when": "rule", "alert": mapped}]
    path = folder / "tool.yaml"
    path.write_text(yaml.safe_dump({"about": about, "shapes": shapes, **file}), encoding="utf-8")
    adapter = compilation.adapter(path)
    return alert(only(adapter.read(samples.delivery(adapter, body)))).name


def test_fields_are_texts() -> None:
    """Decoded, and none where the form has an empty one."""
    assert forms.fields(urlencode({**BODY, "empty": "", "number": 7}).encode()) == {**BODY, "number": "7"}
    assert forms.fields("a=Größe".encode()) == {"a": "Größe"}


@pytest.mark.parametrize("encode", [quote, quote_plus])
def test_encoded_json_is_json(encode: Any) -> None:
    """As PRTG sends it under the name of a form."""
    assert forms.fields(encode(json.dumps({"a": [1, "b c"]})).encode()) == {"a": [1, "b c"]}
    assert forms.fields(encode("[1]").lower().encode()) == [1]


@pytest.mark.parametrize("wrong", NO_FORMS)
def test_what_is_no_form_is_refused(wrong: bytes) -> None:
    """Also a form in which a field comes twice: which one is meant, nobody knows."""
    with pytest.raises(NotJson):
        forms.fields(wrong)
    with pytest.raises(NotJson):
        forms.field(wrong, "a")


def test_only_a_mapping_that_asks_for_forms_reads_them(tmp_path: Path) -> None:
    """JSON is read in any case."""
    for body in (urlencode(BODY).encode(), json.dumps(BODY).encode()):
        assert name(tmp_path, body, form_fields=True) == BODY["rule"]
    with pytest.raises(NotJson):
        name(tmp_path, urlencode(BODY).encode())


def test_a_form_is_read_in_one_way(tmp_path: Path) -> None:
    """A field with JSON, or the fields: a file that asks for both is refused."""
    with pytest.raises(MappingError, match="not both"):
        name(tmp_path, b"{}", form_field="payload", form_fields=True)
