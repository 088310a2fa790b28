"""`tail`: what was published, decoded."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Annotated

import typer
from google.protobuf.json_format import MessageToDict

from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent
from sre_ingest import logs
from sre_ingest.app import connection
from sre_ingest.cli.options import Config
from sre_ingest.kafka import reader as topic_reader
from sre_ingest.publishing import Record
from sre_ingest.settings import Settings, load
from sre_ingest.store import reader as log_reader


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
) -> None:
    """Print published intents, from Kafka when it is configured, otherwise from the embedded log.

    JSON is one object a line: key, headers, and the intent in proto3 JSON. Without --from-beginning only records that
    come after the start are printed, which wants --follow.
    """
    settings = load(config)
    logs.configure("WARNING", sys.stderr)
    # Nothing but new records is asked for, and nothing new is waited for: that would always print nothing.
    follow = follow or not from_beginning
    try:
        asyncio.run(_print(_records(settings, from_beginning=from_beginning, follow=follow), limit, output))
    except KeyboardInterrupt:
        raise SystemExit(130) from None


def _records(settings: Settings, *, from_beginning: bool, follow: bool) -> AsyncIterator[Record]:
    if settings.kafka.bootstrap_servers is None:
        return log_reader.read(settings.data_dir, from_beginning=from_beginning, follow=follow)
    return topic_reader.read(connection(settings), settings.kafka.topic, from_beginning=from_beginning, follow=follow)


async def _print(records: AsyncIterator[Record], limit: int | None, output: Output) -> None:
    printed = 0
    async for record in records:
        print(_line(record, output), flush=True)
        printed += 1
        if printed == limit:
            return


def _line(record: Record, output: Output) -> str:
    headers = {name: value.decode("utf-8", "replace") for name, value in record.headers}
    intent = SreDomainIntent.FromString(record.value)
    if output is Output.TEXT:
        words = (headers.get(name, "-") for name in ("ce_time", "ce_id", "ce_subject", "ce_dedupkey"))
        return "  ".join((*words, intent.WhichOneof("intent") or "-"))
    document = {"key": record.key.decode("utf-8", "replace"), "headers": headers, "intent": MessageToDict(intent)}
    return json.dumps(document, ensure_ascii=False, sort_keys=True)
