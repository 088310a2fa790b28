"""The rules that an envelope can break, and how a breach is told."""

from dataclasses import dataclass
from typing import TypeAlias

from sre_ingest.sdk.words import Word


class Rule(Word):
    """One invariant of the contract that its descriptors alone do not enforce."""

    REQUIRED = "required", "A field that the contract requires is empty. Numbers and booleans may be 0 and false."
    NO_MEMBER = "no_member", "No member of the envelope's oneof is set, so it says nothing."
    AGGREGATE_TYPE = "aggregate_type", "The subject names another aggregate than the one its member is about."
    AGGREGATE_ID = "aggregate_id", "The subject's id is not the id in the payload."
    AGGREGATE_VERSION = "aggregate_version", "A fact's version is at least 1; an intent's is 0 or more, 0 expects none."
    SCHEMA_VERSION = "schema_version", "The schema version is not of the form v1.MINOR.PATCH."
    TENANT_ID = "tenant_id", "A tenant id with a colon makes record keys ambiguous."
    OTHER_TENANT = "other_tenant", "An aggregate inside the envelope names another tenant than the meta."
    TRACEPARENT = "traceparent", "The trace context is not valid by the W3C recommendation."
    TIME = "time", "A time lies outside the years 1 to 9999, or its nanoseconds are no fraction of a second."
    ALERT_END = "alert_end", "An alert has an end if, and only if, it is resolved."
    ALERT_STATUS = "alert_status", "An alert is taken in as firing, resolved or silenced; acknowledging comes later."
    WINDOW_TIMES = "window_times", "An SLI window ends after its start."
    WINDOW_COUNTS = "window_counts", "The counts of an SLI window are finite, and 0 <= good <= total."
    WINDOW_RATIO = "window_ratio", "The ratio of an SLI window lies between 0 and 1, and stands in place of the counts."
    FLEET_COUNTS = "fleet_counts", "The counts of a fleet are not negative, and its parts are no more than the whole."
    STEP_TIMEOUT = "step_timeout", "The timeout of a runbook's step is above 0 and at most 300 seconds."
    BOUNDS = "bounds", "A number, or a length of time, lies outside the bounds that its field states."
    ORDER = "order", "An end lies before its start."
    HEADER = "header", "A header or the record's key is absent, is there twice, or contradicts the envelope."


Breach: TypeAlias = tuple[Rule, str]
"""A rule that a message breaks, and the name of the field."""


@dataclass(frozen=True, slots=True)
class Violation:
    """One breach."""

    rule: Rule
    path: str
    """The field in the words of the contract, from the envelope down, such as `meta.tenant_id`, or the header."""

    def __str__(self) -> str:
        return f"{self.path}: {self.rule.meaning}"
