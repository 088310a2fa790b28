"""docs/asyncapi.yaml, made from the contract's image: topics, messages, headers and keys for tools that read AsyncAPI
3.0.
"""

from collections.abc import Mapping
from typing import Any

import yaml
from google.protobuf.descriptor_pb2 import FileDescriptorSet

from sre_ingest.addressing import EMITTED
from sre_ingest.contract.catalogue import INTENTS, STREAMS, VARIANTS, Stream, Variant
from sre_ingest.contract.cloudevents import CONTENT_TYPE
from sre_ingest.contract.version import SCHEMA_VERSION
from tests.docs.contract_page import HEADERS, first_sentence, message, sentences
from tests.wire import contract

Document = dict[str, Any]
Comments = Mapping[str, str]

_KAFKA = "0.5.0"
"""Version of the Kafka binding that the document is written in."""


def render(image: FileDescriptorSet) -> str:
    """The whole document; a comment on its first line says what it is made from."""
    told = sentences(image)
    document = {
        "asyncapi": "3.0.0",
        "info": {
            "title": "sre-ingest",
            "version": SCHEMA_VERSION.removeprefix("v"),
            "description": "Topics of the SRE contract. The gateway writes the intents; see contract.md.",
        },
        "defaultContentType": CONTENT_TYPE,
        "channels": {_channel(stream): _topic(stream, told) for stream in STREAMS},
        "operations": {"publishIntents": _operation()},
        "components": {
            "messages": {message(one): _described(one, told) for one in VARIANTS.values()},
            "schemas": {"headers": _headers()},
        },
    }
    text = yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)
    return f"# Made from proto/: `make goldens` writes it anew.\n{text}"


def _channel(stream: Stream) -> str:
    return stream.envelope.DESCRIPTOR.name


def _topic(stream: Stream, told: Comments) -> Document:
    messages = [message(one) for one in VARIANTS.values() if one.stream is stream]
    return {
        "address": stream.name,
        "title": _channel(stream),
        "description": told[_channel(stream)],
        "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
        "bindings": {"kafka": {"topic": stream.name, "bindingVersion": _KAFKA}},
    }


def _operation() -> Document:
    channel = f"#/channels/{_channel(INTENTS)}"
    names = [message(one) for one in VARIANTS.values() if one.stream is INTENTS and one.member in EMITTED]
    return {
        "action": "send",
        "channel": {"$ref": channel},
        "summary": "The gateway writes three of the intents, and nothing else.",
        "messages": [{"$ref": f"{channel}/messages/{name}"} for name in names],
    }


def _described(variant: Variant, told: Comments) -> Document:
    name, envelope = message(variant), variant.stream.envelope.DESCRIPTOR
    paths = " and ".join(variant.stream.option.partition_key_fields)
    return {
        "name": variant.type,
        "title": name,
        "summary": first_sentence(told[name]),
        "contentType": CONTENT_TYPE,
        "headers": {"$ref": "#/components/schemas/headers"},
        "payload": {
            "schemaFormat": "application/vnd.google.protobuf;version=3",
            "schema": f"{contract.MODULE_ROOT.relative_to(contract.ROOT)}/{envelope.file.name}",
        },
        "bindings": {
            "kafka": {"key": {"type": "string", "description": f"{paths}, joined by a colon"}, "bindingVersion": _KAFKA}
        },
        "tags": [{"name": variant.aggregate or "workflow"}],
    }


def _headers() -> Document:
    return {
        "type": "object",
        "required": [name for name, (_, when) in HEADERS.items() if when == "always"],
        "properties": {
            name: {"type": "string", "description": value.replace("`", "")} for name, (value, _) in HEADERS.items()
        },
    }
