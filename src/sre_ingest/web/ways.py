"""The ways in: which endpoint a path is, and which adapter reads what arrives there."""

from collections.abc import Iterable, Iterator

from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.delivery import Endpoint

Way = tuple[Endpoint, Adapter]


class Ways:
    """Every way in by its path. They are exchanged as a whole while the gateway runs: a delivery that is being taken
    stays with the way that it came by.
    """

    def __init__(self, ways: Iterable[Way]) -> None:
        self.exchange(ways)

    def exchange(self, ways: Iterable[Way]) -> None:
        """Let these take the place of all others."""
        self._ways = {way[0].path: way for way in ways}

    def __iter__(self) -> Iterator[Way]:
        return iter(self._ways.values())

    @property
    def routes(self) -> list[str]:
        """What metrics and the OpenAPI document call the ways, each once."""
        return list(dict.fromkeys(map(_route, self)))

    @property
    def sources(self) -> list[str]:
        """The sources of all ways, each once."""
        return sorted({endpoint.source for endpoint, _ in self})

    def find(self, path: str) -> Way | None:
        """The way that has this path, or the one whose senders append a segment to it."""
        if way := self._ways.get(path):
            return way
        above = self._ways.get(path.rpartition("/")[0])
        return above if above and above[1].appends_id else None

    def route(self, path: str) -> str | None:
        """What metrics and the OpenAPI document call this path: adapters of one kind share a template."""
        way = self.find(path)
        return None if way is None else _route(way)


def _route(way: Way) -> str:
    """Its path, or the template of its adapter's default path."""
    endpoint, adapter = way
    return adapter.route if adapter.route and endpoint.path == adapter.path else endpoint.path
