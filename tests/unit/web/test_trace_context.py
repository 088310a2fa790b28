"""A sender's trace context at the door: continued, replaced and counted, and never a reason to refuse an alert."""

import json
from pathlib import Path

import httpx
import pytest

from ameide_core_proto.sre.core.v1.intents_pb2 import SreDomainIntent
from sre_ingest.settings import Settings
from sre_ingest.store import reader
from tests.journey.alerts import alert, group

TRACE = "4bf92f3577b34da6a3ce929d0e0e4736"
VALID = f"00-{TRACE}-00f067aa0ba902b7-01"


async def deliver(client: httpx.AsyncClient, **headers: str) -> httpx.Response:
    """Deliver one alert with these headers."""
    sent = {"Content-Type": "application/json"} | headers
    return await client.post("/webhooks/alertmanager", content=json.dumps(group(alert())), headers=sent)


async def published(data_dir: Path) -> tuple[str, str]:
    """The trace context of the one intent in the log."""
    (record,) = [one async for one in reader.read(data_dir, from_beginning=True, follow=False)]
    meta = SreDomainIntent.FromString(record.value).meta
    return meta.traceparent, meta.tracestate


@pytest.mark.parametrize(
    ("traceparent", "origin"),
    [
        (VALID, "inbound"),
        (None, "generated"),
        ("", "invalid"),
        ("garbage", "invalid"),
        (VALID.upper(), "invalid"),
        (f"ff{VALID[2:]}", "invalid"),
        (VALID.replace(TRACE, "0" * 32), "invalid"),
        (VALID * 100, "invalid"),
    ],
)
async def test_no_trace_context_costs_an_alert(
    client: httpx.AsyncClient, settings: Settings, traceparent: str | None, origin: str
) -> None:
    """Whatever the header is, the alert is taken, the origin of its trace counted, and garbage is not passed on."""
    headers = {} if traceparent is None else {"traceparent": traceparent}
    answer = await deliver(client, **headers, tracestate="a=1")
    assert answer.status_code == 202
    assert f'sre_ingest_trace_context_total{{origin="{origin}"}} 1.0' in (await client.get("/metrics")).text
    trace, state = await published(settings.data_dir)
    assert (TRACE in trace, state) == ((True, "a=1") if origin == "inbound" else (False, ""))
