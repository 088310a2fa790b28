"""Which adapter a path leads to."""

from dataclasses import replace

import httpx

from sre_ingest import catalog
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.signal import Reading
from sre_ingest.web.ways import Ways
from tests.unit.deliveries import ENDPOINT


def _nothing(_: Delivery) -> Reading:
    return Reading(())


def test_a_path_leads_to_its_own_adapter_alone() -> None:
    """A segment more is another path, unless the senders of that adapter are known to append one."""
    plain, appending = Adapter("plain", _nothing), Adapter("appending", _nothing, appends_id=True)
    ways = Ways((replace(ENDPOINT, path=one.path), one) for one in (plain, appending))
    assert ways.find("/webhooks/plain/7") is None
    assert ways.find("/webhooks/appending/7") == ways.find("/webhooks/appending")
    assert ways.find("/webhooks/appending/7/8") is None
    assert ways.route("/webhooks/appending/7") == "/webhooks/appending"


def test_adapters_of_one_kind_share_a_route_and_keep_their_sources() -> None:
    """A route for their default paths; an endpoint at another path has its own."""
    one, other = (Adapter(name, _nothing, path=f"/mapped/{name}", route="/mapped/{name}") for name in "ba")
    ends = [(path, adapter) for adapter in (one, other) for path in (adapter.path, f"/own/{adapter.name}")]
    ways = Ways((replace(ENDPOINT, path=path, source=adapter.name), adapter) for path, adapter in ends)
    assert ways.routes == ["/mapped/{name}", "/own/b", "/own/a"]
    assert ways.sources == ["a", "b"]


async def test_a_sender_that_appends_an_id_is_served(client: httpx.AsyncClient) -> None:
    """As if it had not; the same of another sender is an unknown path."""
    body = (catalog.samples(catalog.installed()["vmware-vrealize"]) / "active.json").read_bytes()
    headers = {"Content-Type": "application/json"}
    given = await client.post("/webhooks/generic/vmware-vrealize/9c0d2b1e", content=body, headers=headers)
    other = await client.post("/webhooks/generic/datadog/9c0d2b1e", content=body, headers=headers)
    assert (given.status_code, other.status_code) == (202, 404)
