"""The ways in: one for each adapter, and what the configuration makes of them."""

from datetime import timedelta

import pytest

from sre_ingest.endpoints import resolve
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Delivery
from sre_ingest.sdk.signal import Reading
from sre_ingest.sdk.times import SECOND
from sre_ingest.settings import Settings, SettingsError
from sre_ingest.settings.tree import Dedup
from sre_ingest.settings.tree import Endpoint as EndpointSettings

HOUR, MINUTE = timedelta(hours=1), timedelta(minutes=1)


def nothing(_: Delivery) -> Reading:
    return Reading(())


PLAIN = Adapter("plain", nothing)
OWN = Adapter("own", nothing, path="/api/own", dedup_window=HOUR)
BOTH = {"plain": PLAIN, "own": OWN}


def ways(settings: Settings, adapters: dict[str, Adapter] = BOTH) -> list[tuple[str, str]]:
    """Path and adapter of every way in."""
    return [(endpoint.path, adapter.name) for endpoint, adapter in resolve(settings, adapters)]


def windows(settings: Settings) -> dict[str, int]:
    """Path and dedup window, in seconds, of every way in."""
    return {endpoint.path: endpoint.dedup_window // SECOND for endpoint, _ in resolve(settings, BOTH)}


def test_an_adapter_listens_at_a_path_made_from_its_name_or_at_one_of_its_own() -> None:
    """Some senders can post to one path only."""
    assert ways(Settings()) == [("/webhooks/plain", "plain"), ("/api/own", "own")]


def test_a_configured_endpoint_wins_over_a_default_path() -> None:
    """Of the same adapter or of another; every other default path stays."""
    taken = Settings(endpoints=(EndpointSettings(path="/api/own", adapter="plain", instance="eu"),))
    assert ways(taken) == [("/webhooks/plain", "plain"), ("/api/own", "plain")]


def test_two_adapters_at_one_path_end_the_start_until_the_configuration_chooses() -> None:
    """Nobody's deliveries go to the other by chance."""
    rival = {**BOTH, "rival": Adapter("rival", nothing, path="/api/own")}
    with pytest.raises(SettingsError, match=r"/api/own is the path of two of them \(own and rival\)"):
        ways(Settings(), rival)
    chosen = Settings(endpoints=(EndpointSettings(path="/api/own", adapter="rival"),))
    assert ways(chosen, rival) == [("/webhooks/plain", "plain"), ("/api/own", "rival")]


def test_a_path_is_configured_once() -> None:
    """The sentence names it."""
    twice = EndpointSettings(path="/a", adapter="plain")
    with pytest.raises(SettingsError, match="/a is the path of two of them"):
        ways(Settings(endpoints=(twice, twice)))


def test_an_adapter_cannot_take_a_path_of_our_own() -> None:
    """Nor can it by default what no configuration may give it."""
    with pytest.raises(SettingsError, match="/metrics is the gateway's own"):
        ways(Settings(), {"rude": Adapter("rude", nothing, path="/metrics")})


def test_the_dedup_window_is_the_endpoints_the_adapters_or_everybodys() -> None:
    """In this order, so that an operator has the last word."""
    configured = (
        EndpointSettings(path="/a", adapter="own", dedup_window=MINUTE),
        EndpointSettings(path="/b", adapter="own"),
        EndpointSettings(path="/c", adapter="plain", dedup_window=MINUTE),
        EndpointSettings(path="/d", adapter="plain"),
    )
    given = Settings(dedup=Dedup(window=timedelta(milliseconds=2_500) * 2), endpoints=configured)
    assert windows(given) == {"/webhooks/plain": 5, "/api/own": 3_600, "/a": 60, "/b": 3_600, "/c": 60, "/d": 5}
    assert windows(Settings())["/webhooks/plain"] == 600


@pytest.mark.parametrize("path", ["api", "/api/", "/", "/a b", "/a?b", "/{a}"])
def test_an_adapter_with_an_impossible_path_cannot_be_made(path: str) -> None:
    """Its author learns it, not its senders."""
    with pytest.raises(ValueError, match="no path of an endpoint"):
        Adapter("odd", nothing, path=path)


@pytest.mark.parametrize("window", [timedelta(), -MINUTE])
def test_a_window_is_longer_than_nothing(window: timedelta) -> None:
    """Nothing would ever be a repetition, and no window could be counted."""
    with pytest.raises(ValueError, match="longer than nothing"):
        Adapter("odd", nothing, dedup_window=window)
