"""The contract's page and its AsyncAPI document follow from the descriptors."""

import json
import re
from typing import Any

import pytest
import yaml
from google.protobuf.descriptor_pb2 import FileDescriptorSet
from jsonschema import Draft7Validator

from sre_ingest.addressing import address
from sre_ingest.contract.catalogue import VARIANTS
from sre_ingest.sdk.samples import RECEIVED_AT
from tests.docs import asyncapi, contract_page
from tests.docs.tables import DOCS
from tests.goldens import ROOT, assert_golden
from tests.wire import valid

SCHEMA = ROOT / "build" / "asyncapi" / "node_modules" / "@asyncapi" / "specs" / "schemas" / "3.0.0.json"


def test_the_page_is_current(image: FileDescriptorSet) -> None:
    """Every topic, message, header, rule and rpc as the code and the comments have it."""
    assert_golden(DOCS / "contract.md", contract_page.render(image))


def test_the_asyncapi_document_is_current(image: FileDescriptorSet) -> None:
    """It is made from the same descriptors."""
    assert_golden(DOCS / "asyncapi.yaml", asyncapi.render(image))


def test_the_asyncapi_document_is_valid() -> None:
    """By the published JSON schema of AsyncAPI 3.0.0."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    errors = list(Draft7Validator(schema).iter_errors(document()))
    assert [f"{error.json_path}: {error.message[:200]}" for error in errors] == []


@pytest.mark.parametrize("broken", ["info", "operations"])
def test_a_wrong_asyncapi_document_would_be_noticed(broken: str) -> None:
    """The schema bites: what it requires is missed, and what it does not know is refused."""
    schema = json.loads(SCHEMA.read_text(encoding="utf-8"))
    wrong = document() | {broken: {"nonsense": 1}}
    assert not Draft7Validator(schema).is_valid(wrong)


def test_every_reference_leads_somewhere() -> None:
    """Inside the document, and from a payload to the file that describes it."""
    whole = document()
    for target in references(whole):
        found = whole
        for name in target.removeprefix("#/").split("/"):
            found = found[name]
    files = {message["payload"]["schema"] for message in whole["components"]["messages"].values()}
    assert [file for file in files if not (ROOT / file).is_file()] == []
    assert {message["name"] for message in whole["components"]["messages"].values()} == set(VARIANTS)


def test_the_asyncapi_document_points_at_nothing_of_the_page() -> None:
    """Its descriptions are shared with the page, and stand in another order there."""
    assert not re.search(r"\b(?:above|below)\b", (DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))


def test_the_headers_of_the_page_are_those_of_a_record() -> None:
    """In the same order, none missing, none beside them."""
    variant = next(one for one in valid.ALL if one.member == "ingest_alert_requested")
    envelope: Any = valid.envelope(variant)
    names = [name for name, _ in address(envelope, "key", RECEIVED_AT).headers]
    assert sorted(names) == sorted(contract_page.HEADERS)


def document() -> dict[str, Any]:
    """The committed document."""
    read: dict[str, Any] = yaml.safe_load((DOCS / "asyncapi.yaml").read_text(encoding="utf-8"))
    return read


def references(value: Any) -> list[str]:
    """Every `$ref` at any depth."""
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [target for inner in value.values() for target in references(inner)]
    return [target for inner in value for target in references(inner)] if isinstance(value, list) else []
