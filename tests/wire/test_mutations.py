"""A change of anything that was published is seen, wherever it is made."""

from pathlib import Path

import pytest

from tests.wire import comments, goldens, workspace
from tests.wire.test_compatibility import schema

SRE = "core/v1/sre.proto"
REQUIRED = " [(google.api.field_behavior) = REQUIRED]"

MUTATIONS = [
    # What the table of fields guards.
    (SRE, "string tenant_id = 50", "string tenant_id = 51", "fields"),
    (SRE, "SreActor actor = 52", "SreActor actor = 51", "fields"),
    (SRE, "string traceparent = 20", "string trace_parent = 20", "fields"),
    (SRE, "int64 aggregate_version = 3", "int32 aggregate_version = 3", "fields"),
    (SRE, f"string schema_version = 6{REQUIRED}", "string schema_version = 6", "fields"),
    (SRE, "string causation_id = 3", f"string causation_id = 3{REQUIRED}", "fields"),
    ("v1/alert.proto", "ingest_count = 21 [(google.api.field_behavior) = OUTPUT_ONLY]", "ingest_count = 21", "fields"),
    ("v1/intents.proto", "ingest_alert_requested = 20", "ingest_alert_requested = 23", "fields"),
    ("v1/intents.proto", "repeated string alert_ids = 7;", "string alert_ids = 7;", "fields"),
    ("v1/facts.proto", "slo_updated = 43", "slo_updated = 44", "fields"),
    ("v1/facts.proto", "SLOUpdated slo_updated", "SLOUpdated s_l_o_updated", "fields"),
    ("v1/facts.proto", "oneof fact {", "oneof happened {", "fields"),
    ("v1/process_facts.proto", "int64 seq = 7;", "optional int64 seq = 7;", "fields"),
    ("v1/process_facts.proto", "remediation_applied = 14", "remediation_applied = 19", "fields"),
    ("v1/pagination.proto", "int64 total_size = 2", "int64 total_rows = 2", "fields"),
    ("v1/slo.proto", "double good_count = 3", "int64 good_count = 3", "fields"),
    # What the table of enums guards.
    (SRE, "SEVERITY_LOW = 4", "SEVERITY_LOW = 5", "enums"),
    (SRE, "ALERT_STATUS_SILENCED", "ALERT_STATUS_MUTED", "enums"),
    ("v1/process_facts.proto", "RISK_TIER_HIGH = 3", "RISK_TIER_HIGH = 4", "enums"),
    ("v1/mcp.proto", "MCP_TOOL_KIND_COMMAND = 2", "MCP_TOOL_KIND_COMMAND = 3", "enums"),
    # What the table of rpcs guards.
    ("v1/query.proto", "rpc GetService(", "rpc ReadService(", "methods"),
    ("v1/query.proto", "service SreSLOQueryService {", "service StrongSLOQueryService {", "methods"),
    ("v1/query.proto", "rpc ListSLOs(ListSLOsRequest)", "rpc ListSLOs(ListServicesRequest)", "methods"),
    # What the table of options guards.
    ("v1/intents.proto", "ameide.sre.domain.intent.v1", "ameide.sre.domain.intents.v1", "options"),
    ("v1/facts.proto", '"subject.aggregate_id"', '"subject.aggregate_type"', "options"),
    ("v1/process_facts.proto", '"sre.process.facts.v1"', '"sre.process.facts.v2"', "options"),
    ("v1/query.proto", '"sre.searchPatterns"', '"sre.findPatterns"', "options"),
    ("v1/query.proto", "sre://slo/{slo_id}", "sre://objective/{slo_id}", "options"),
    # What the reader of comments guards.
    (SRE, "  // Kind of knowledge that was found.\n", "", "comments"),
    ("v1/query.proto", "  // Gets one runbook as its owner keeps it now.\n", "", "comments"),
    ("v1/facts.proto", "// The run with its outcome.", "// todo", "comments"),
]


@pytest.mark.parametrize(("proto", "old", "new", "guard"), MUTATIONS)
def test_a_mutation_is_seen(tree: Path, proto: str, old: str, new: str, guard: str) -> None:
    """The guard in question raises the alarm, and so does the lock, comments excepted."""
    workspace.replace(tree, proto, old, new)
    mutated = workspace.build(tree)
    alarms = goldens.changed(mutated) | ({"comments"} if comments.missing(mutated) else set())
    assert guard in alarms
    locked = schema.fingerprint(mutated.SerializeToString()) == schema.versions()[schema.current()]
    assert locked == (guard == "comments")


def test_without_a_mutation_nothing_is_seen(tree: Path) -> None:
    """A copy as it is raises no alarm, so the alarms above come from the mutations."""
    image = workspace.build(tree)
    assert goldens.changed(image) == set()
    assert comments.missing(image) == []
    assert schema.fingerprint(image.SerializeToString()) == schema.versions()[schema.current()]
