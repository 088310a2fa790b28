"""docs/contract.md, made from the contract's image: its comments, its options and its numbers. No text of a .proto file
is copied; the sentences are those of the comments.
"""

from collections.abc import Mapping

from google.protobuf.descriptor_pb2 import FileDescriptorSet, MethodDescriptorProto

from ameide_core_proto.common.v1 import mcp_pb2
from ameide_core_proto.sre.core.v1.sre_pb2 import SreMessageMeta
from sre_ingest.addressing import EMITTED
from sre_ingest.contract import comments
from sre_ingest.contract.catalogue import FACTS, INTENTS, PROCESS_FACTS, STREAMS, VARIANTS, Stream, Variant
from sre_ingest.contract.validation import Rule
from sre_ingest.contract.version import SCHEMA_VERSION
from tests.docs.tables import page, table
from tests.wire import contract

Comments = Mapping[str, str]

_WRITERS = {
    INTENTS.name: "whoever asks for a change; `sre-ingest` for three of them",
    FACTS.name: "the domain, after it stored the change",
    PROCESS_FACTS.name: "workflows, about themselves",
}
_HEADINGS = {INTENTS.name: "Intents", FACTS.name: "Facts", PROCESS_FACTS.name: "Process facts"}
HEADERS = {
    "content-type": ("`application/protobuf`", "always"),
    "ce_specversion": ("`1.0`", "always"),
    "ce_dataschema": ("`buf://ameide/ameide-core/` and the full name of the envelope", "always"),
    "ce_envelopetype": ("the option `type` of the envelope: which schema the value has", "always"),
    "ce_id": ("`meta.message_id`", "always"),
    "ce_source": ("`urn:ameide:`, then `integration`, `domain` or `process`, a colon, `meta.producer`", "always"),
    "ce_type": (
        "the type of the variant, such as `io.ameide.sre.intent.ingest_alert_requested.v1`: what to filter by",
        "always",
    ),
    "ce_subject": ("aggregate type and id, or workflow type and id, with a slash between", "always"),
    "ce_time": ("`meta.occurred_at`, RFC 3339 in UTC", "always"),
    "ce_tenantid": ("`meta.tenant_id`", "always"),
    "ce_correlationid": ("`meta.correlation_id`", "always"),
    "ce_causationid": ("`meta.causation_id`", "unless it is empty"),
    "ce_traceparent": ("`meta.traceparent`", "always"),
    "ce_tracestate": ("`meta.tracestate`", "unless it is empty"),
    "ce_partitionkey": ("the record's key", "always"),
    "ce_schemaversion": ("`meta.schema_version`", "always"),
    "ce_dedupkey": ("the natural key, see [identity](identity.md)", "from the gateway"),
    "ce_receivedtime": ("when the gateway admitted the signal, RFC 3339 in UTC", "from the gateway"),
    "traceparent": ("trace context of this hop, for the instrumentation of clients", "from the gateway"),
    "tracestate": ("the vendors' part of it", "from the gateway, unless it is empty"),
}
"""Every header: its value, and when it is there."""

_HEADERS = """\
A record is a CloudEvent in Kafka's binary mode. Its headers repeat the meta and never contradict it, so that a record
can be routed without its value being read; all of the meta but the actor can be rebuilt from them.
"""
_RULES = """\
What the descriptors alone do not say. `sre_ingest.contract.validation.validate` holds an envelope against them, and so
do `sre-ingest contract validate` and `sre-ingest tail --validate`.
"""
_EVOLUTION = f"""\
The version of the pack is `{SCHEMA_VERSION}`, and every envelope carries it. The major version is that of the packages,
topics and type names, all `v1`.

- A minor version adds: fields, members, values, rpcs. A patch version changes words and options only. Either comes with
  a new line in `proto/schema.lock`; a change of the descriptors without one fails the check.
- Numbers and names that were released are never used again, and nothing that was released is removed or retyped:
  `buf breaking` compares every change with the released image, file by file.
- A consumer reads every `v1.x.y`, also written without its `v`. Fields and members that it does not know come from a
  later minor version: it passes over the former, and sets an envelope aside whose only member is one of the latter. An
  envelope of another major version is set aside whole.
- What cannot be done by adding becomes `v2`: new packages, new topics, new type names, and a time in which both are
  written.

The decisions behind this: [names of types](decisions/0006-two-names-for-a-type.md),
[its version](decisions/0007-the-version-of-the-contract.md), [traces](decisions/0008-a-trace-for-every-envelope.md),
[metadata and headers](decisions/0009-metadata-converges-in-headers.md).
"""


def render(image: FileDescriptorSet) -> str:
    """The whole page."""
    told = sentences(image)
    parts = [
        page(
            "Contract",
            "Three topics, three envelopes, sixty messages. This page follows from the descriptors in `proto/`; the",
            "same as an AsyncAPI document is [asyncapi.yaml](asyncapi.yaml). How to read a topic is on",
            "[its own page](consuming.md); how the pack is built, in [proto](../proto/README.md).",
        ).rstrip(),
        "## Topics",
        _streams(told),
        *(text for stream in STREAMS for text in (f"## {_HEADINGS[stream.name]}", _variants(stream, told))),
        "## Meta\n\nThe first field of every envelope.",
        _meta(told),
        "## Headers\n\n" + _HEADERS,
        table(("header", "value", "when"), [(f"`{name}`", *rest) for name, rest in HEADERS.items()]),
        "## Rules\n\n" + _RULES,
        table(("rule", "what it says"), [(f"`{rule}`", rule.meaning) for rule in Rule]),
        "## Queries\n\nServices that read, for consumers of the platform. The gateway serves none of them.",
        _queries(image, told),
        "## Evolution",
        _EVOLUTION,
    ]
    return "\n\n".join(part.rstrip("\n") for part in parts) + "\n"


def sentences(image: FileDescriptorSet) -> Comments:
    """Every comment by the name that it has inside its package."""
    return {name.partition(".v1.")[2]: text for name, text in comments.read(image).items()}


def first_sentence(text: str) -> str:
    """The first sentence of a comment, which says what a thing is."""
    return text.partition(". ")[0].rstrip(".") + "."


def _streams(told: Comments) -> str:
    rows = [
        (
            f"`{stream.name}`",
            f"`{stream.envelope.DESCRIPTOR.name}`",
            first_sentence(told[stream.envelope.DESCRIPTOR.name]),
            _WRITERS[stream.name],
            ":".join(f"`{path}`" for path in stream.option.partition_key_fields),
            f"`{stream.option.type}`",
            f"`{stream.option.schema_subject}`",
        )
        for stream in STREAMS
    ]
    return table(("topic", "envelope", "what it is", "written by", "key", "envelope type", "schema subject"), rows)


def _variants(stream: Stream, told: Comments) -> str:
    return table(
        ("number", "message", "about", "`ce_type`", "what it says"),
        [
            (
                str(one.number),
                f"`{message(one)}`" + (" (the gateway's)" if one.member in EMITTED else ""),
                one.aggregate or "a workflow",
                f"`{one.type}`",
                first_sentence(told[message(one)]),
            )
            for one in VARIANTS.values()
            if one.stream is stream
        ],
    )


def message(variant: Variant) -> str:
    """The name of the message that a variant holds."""
    found = variant.stream.envelope.DESCRIPTOR.fields_by_name[variant.member].message_type
    assert found is not None
    return found.name


def _meta(told: Comments) -> str:
    fields = sorted(SreMessageMeta.DESCRIPTOR.fields, key=lambda field: field.number)
    return table(
        ("number", "field", "required", "what it is"),
        [
            (
                str(field.number),
                f"`{field.name}`",
                "yes" if contract.behaviour(field) == "REQUIRED" else "no",
                told[f"SreMessageMeta.{field.name}"],
            )
            for field in fields
        ],
    )


def _queries(image: FileDescriptorSet, told: Comments) -> str:
    return table(
        ("service", "rpc", "what it reads", "MCP tool"),
        [
            (f"`{name.partition('.')[0]}`", f"`{method.name}`", told[name], _tool(method))
            for name, method in contract.rpcs(image)
        ],
    )


def _tool(method: MethodDescriptorProto) -> str:
    name = method.options.Extensions[mcp_pb2.mcp_expose].tool_name
    return f"`{name}`" if name else "-"
