"""The newest rows of a table of records, read back at the start: by their headers, beside the writer."""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Sequence
from contextlib import closing
from pathlib import Path

from sre_ingest.publishing import Headers
from sre_ingest.sdk.times import Instant
from sre_ingest.store import files
from sre_ingest.store.rows import COLUMNS, record_of

_PORTION = 500


async def headers(data_dir: Path, table: str, since: Instant) -> AsyncIterator[Sequence[Headers]]:
    """The headers of the table's rows that were appended from `since` on, in order, some hundred at a time.

    What is damaged is left out, and so is what lies behind a page that cannot be read: a memory that is short costs a
    second id. The disk is read in threads.
    """
    after = -1
    while True:
        last, found = await asyncio.to_thread(_portion, data_dir, table, after, since)
        if last is None:
            return
        yield found
        after = last


def _portion(data_dir: Path, table: str, after: int, since: Instant) -> tuple[int | None, list[Headers]]:
    query = (
        f"SELECT {COLUMNS} FROM {table} "  # noqa: S608
        "WHERE number > ? AND appended_at >= ? ORDER BY number LIMIT ?"
    )
    try:
        with closing(files.connect_read_only(data_dir)) as connection:
            rows = connection.execute(query, (after, since, _PORTION)).fetchall()
    except (files.StoreError, sqlite3.Error):
        return None, []
    records = [record_of(row) for row in rows]
    return (rows[-1][0] if rows else None), [record.headers for record in records if record is not None]
