"""Forms in place of JSON: nothing of them is bent or guessed, and only a mapping that asks for them gets them."""

import json
from pathlib import Path
from typing import Any
from urllib.parse import quote, quote_plus, urlencode

import pytest

from adapters.generic.mapping import forms
from sre_ingest.sdk.adapter import MappingError
from sre_ingest.sdk.errors import NotJson
from tests.rooms.bodies import alert, only
from tests.rooms.mappings import read

BODY = {"rule": "Größe & Zahl + 7 %", "state": "bad"}
NO_FORMS = [b"", b"a=", b"a", b"a=1&a=2", b"\xff=1", b"a=%ff", b"%7Ba", b"&".join([b"a=1"] * 100)]


def name(folder: Path, body: bytes, **file: Any) -> str:
    """The name of the one alert that a mapping finds in a body."""
    return alert(only(read(folder, body, **file))).name


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


def test_a_field_that_the_mapping_names_holds_the_json(tmp_path: Path) -> None:
    """Other fields do not matter, and a JSON body is read all the same."""
    for body in (urlencode({"payload": json.dumps(BODY), "other": "x"}).encode(), json.dumps(BODY).encode()):
        assert name(tmp_path, body, form_field="payload") == BODY["rule"]
    for wrong in (b"other=x", b"payload=1&payload=2"):
        with pytest.raises(NotJson):
            name(tmp_path, wrong, form_field="payload")


def test_a_form_is_read_in_one_way(tmp_path: Path) -> None:
    """A field with JSON, or the fields: a file that asks for both is refused."""
    with pytest.raises(MappingError, match="not both"):
        name(tmp_path, b"{}", form_field="payload", form_fields=True)
