"""`tail`: what was published, decoded."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from enum import StrEnum
from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict
from google.protobuf.message import DecodeError

from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent
from ameide_core_proto.sre.core.v1.sre_pb2 import AlertStatus, HealthStatus, Severity
from sre_ingest import logs
from sre_ingest.cli.options import Config
from sre_ingest.cli.records import RecordError
from sre_ingest.cli.serve import destination
from sre_ingest.contract.validation import Violation, validate_record
from sre_ingest.publishing import Record
from sre_ingest.settings import Settings, load
from sre_ingest.store import reader as log_reader

Violations = tuple[Violation, ...] | None
"""None where nobody asked."""
Judge = Callable[[Record, SreDomainIntent], Violations]
Writer = Callable[[Record, SreDomainIntent, Violations], str]


class Output(StrEnum):
    """How a record is printed."""

    JSON = "json"
    TEXT = "text"


def tail(
    config: Config = None,
    from_beginning: Annotated[bool, typer.Option("--from-beginning", help="Start with the oldest record.")] = False,
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Wait for further records.")] = False,
    limit: Annotated[int | None, typer.Option(min=1, help="Stop after so many records.")] = None,
    output: Annotated[Output, typer.Option(help="One JSON object a line, or text for people.")] = Output.JSON,
    validate: Annotated[
        bool, typer.Option("--validate", help="Check each record against the contract; exit code 1 if one is invalid.")
    ] = False,
) -> None:
    """Print published intents, from Kafka when it is configured, otherwise from the embedded log.

    JSON is one object a line: key, headers, and the intent in proto3 JSON; with --validate also violations, each with
    its rule and path. Text has a line for each violation below its record. Without --from-beginning it waits for the
    records that come from now on. Those of a topic are in order within each partition. Exit code 2 at the first record
    that is no intent at all.
    """
    settings = load(config)
    logs.configure("WARNING", sys.stderr)
    # Nothing but new records is asked for, and nothing new is waited for: that would always print nothing.
    follow = follow or not from_beginning
    if sys.stderr.isatty():
        print(f"{'Waiting for new records in' if follow else 'Reading'} {destination(settings)}", file=sys.stderr)
    records = _records(settings, from_beginning=from_beginning, follow=follow)
    judge = _violations if validate else _nothing
    try:
        invalid = asyncio.run(_print(records, limit, _WRITERS[output], judge))
    except KeyboardInterrupt:
        raise SystemExit(130) from None
    if invalid:
        print(f"{invalid} of the records printed are invalid", file=sys.stderr)
        raise typer.Exit(1)


def _records(settings: Settings, *, from_beginning: bool, follow: bool) -> AsyncIterator[Record]:
    if settings.kafka.bootstrap_servers is None:
        return log_reader.read(settings.data_dir, from_beginning=from_beginning, follow=follow)
    # They bring the client of Kafka, which whoever reads the embedded log need not wait for.
    from sre_ingest.kafka import reader as topic_reader
    from sre_ingest.publishers import connection

    return topic_reader.read(connection(settings), settings.kafka.topic, from_beginning=from_beginning, follow=follow)


async def _print(records: AsyncIterator[Record], limit: int | None, write: Writer, judge: Judge) -> int:
    """Print each record; the number of invalid ones."""
    printed = invalid = 0
    async for record in records:
        intent = _decoded(record)
        violations = judge(record, intent)
        invalid += bool(violations)
        print(write(record, intent, violations), flush=True)
        printed += 1
        if printed == limit:
            break
    return invalid


def _decoded(record: Record) -> SreDomainIntent:
    try:
        return SreDomainIntent.FromString(record.value)
    except DecodeError:
        identity = dict(record.headers).get("ce_id", b"").decode("utf-8", "replace")
        raise RecordError(f"the value of record {identity!r} is no SreDomainIntent; somebody else wrote it") from None


def _violations(record: Record, intent: SreDomainIntent) -> Violations:
    return validate_record(record.key, record.headers, intent)


def _nothing(_: Record, __: SreDomainIntent) -> Violations:
    return None


def _json(record: Record, intent: SreDomainIntent, violations: Violations) -> str:
    document: dict[str, object] = {
        "key": record.key.decode("utf-8", "replace"),
        "headers": _headers(record),
        "intent": MessageToDict(intent),
    }
    if violations is not None:
        document["violations"] = [{"rule": one.rule, "path": one.path} for one in violations]
    return json.dumps(document, ensure_ascii=False, sort_keys=True)


def _text(record: Record, intent: SreDomainIntent, violations: Violations) -> str:
    headers = _headers(record)
    line = "  ".join((headers.get("ce_receivedtime", "-"), *_words(intent), headers.get("ce_id", "-")))
    return "\n".join([line, *(f"  {violation}" for violation in violations or ())])


_WRITERS = {Output.JSON: _json, Output.TEXT: _text}


def _headers(record: Record) -> dict[str, str]:
    return {name: value.decode("utf-8", "replace") for name, value in record.headers}


def _words(intent: SreDomainIntent) -> tuple[str, ...]:
    alert, health = intent.ingest_alert_requested, intent.record_health_check_requested.health_check
    match intent.WhichOneof("intent"):
        case "ingest_alert_requested":
            status = AlertStatus.Name(alert.status).removeprefix("ALERT_STATUS_")
            severity = Severity.Name(alert.severity).removeprefix("SEVERITY_")
            return status, severity, alert.name, alert.annotations.get("summary", "") or alert.alert_id
        case "record_health_check_requested":
            status = HealthStatus.Name(health.status).removeprefix("HEALTH_STATUS_")
            return status, health.check_name, f"{health.resource_ref.type}/{health.resource_ref.id}"
        case member:
            return str(member), f"{intent.subject.aggregate_type}/{intent.subject.aggregate_id}"
