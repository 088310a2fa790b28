"""How a refusal and the body it came in lie in rows, and how a damaged one is recognised.

The checksum of an entry covers what never changes in it: where it came from, when, and in which body. Why it is refused
and how often it came may change.
"""

import json
import zlib
from hashlib import blake2b

from sre_ingest.quarantine import Refusal
from sre_ingest.sdk.delivery import Delivery

ENTRY = (int, str, str, str, str, str, str, str, int, int, int, int, bytes, str, int)
"""What is in the columns of an entry."""
COLUMNS = (
    "number, id, reason, place, path, source, instance, tenant, received_at, last_seen, count, item, body, origin, crc"
)
"""The same in SQL. Times are Unix nanoseconds; `body` is the digest of the body."""
BODY = (int, bytes, bytes)
"""What is in the columns of a body: its number, its digest and its bytes."""
WHOLE = -1
"""The `item` of an entry that is the body as a whole."""
_MAX_PLACE = 512

Cells = tuple[object, ...]


def row_of(delivery: Delivery, refusal: Refusal) -> Cells:
    """The columns of a new entry, but for its number."""
    endpoint, at = delivery.endpoint, delivery.received_at
    origin = {
        "headers": delivery.headers,
        "correlation_id": delivery.correlation_id,
        "traceparent": delivery.traceparent,
        "tracestate": delivery.tracestate,
    }
    item = WHOLE if refusal.index is None else refusal.index
    columns = (
        *(refusal.id, refusal.reason, place_of(refusal)),
        *(endpoint.path, endpoint.source, endpoint.instance, endpoint.tenant),
        *(at, at, refusal.times, item, body_digest(delivery.body), json.dumps(origin)),
    )
    return *columns, _checksum((0, *columns))


def place_of(refusal: Refusal) -> str:
    """The place as it is kept: bounded, and proper Unicode, so that no text costs what is committed with it."""
    return refusal.place[:_MAX_PLACE].encode(errors="replace").decode()


def body_digest(body: bytes) -> bytes:
    """Under which a body is kept, and by which it is known to be whole."""
    return blake2b(body, digest_size=16).digest()


def is_entry(row: Cells) -> bool:
    """Whether these columns are what was written."""
    return row[-1] == _checksum(row[:-1])


def is_body(row: Cells) -> bool:
    """Whether these columns are what was written."""
    return isinstance(row[2], bytes) and row[1] == body_digest(row[2])


def _checksum(row: Cells) -> int:
    """Of the columns of an entry, its number included and its checksum not."""
    _, name, _, _, path, source, instance, tenant, received_at, _, _, item, body, origin = row
    return zlib.crc32(repr((name, path, source, instance, tenant, received_at, item, body, origin)).encode())
