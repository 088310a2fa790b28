"""What the gateway has put aside, told by its own commands and read back from the bytes that it kept."""

import asyncio
import json
from collections.abc import Mapping
from pathlib import Path

from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent
from sre_ingest.store import entries
from tests.parts.gateway import Gateway


async def words(gateway: Gateway, data: Path) -> list[str]:
    """The word of every item that `sre-ingest quarantine list` shows, from the raw record or the raw body.

    ValueError if one is listed and cannot be read.
    """
    listed = await asyncio.to_thread(gateway.command, "quarantine", "list", "--json")
    return [_word(data, json.loads(line)) for line in listed.splitlines()]


def _word(data: Path, listed: Mapping[str, str]) -> str:
    kept = entries.body(data, listed["id"])
    if kept is None:
        raise ValueError(f"{listed['id']} cannot be read")
    if entries.record(data, listed["id"]):
        return SreDomainIntent.FromString(kept).ingest_alert_requested.annotations["word"]
    word: str = json.loads(kept)["alerts"][int(listed["item"])]["annotations"]["word"]
    return word
