"""The gateway's own books, as its metrics show them, and the equations that they must satisfy."""

from collections.abc import Iterator
from dataclasses import dataclass

from prometheus_client.parser import text_string_to_metric_families

from tests.faults.checker.history import History, Outcome
from tests.parts.gateway import Gateway
from tests.parts.ports import get

_INTENTS = ("accepted", "duplicate", "quarantined", "ignored")

_REFUSED_LATE = "alerts_invalid_total/too_large"


@dataclass(frozen=True, slots=True)
class Books:
    """The counters of one process since its start."""

    received: int
    intents: dict[str, int]
    """Items by outcome."""
    kept: int
    """Records that went into the spool."""
    seen_off: int
    """Of those, and of what lay there at the start, how many Kafka took."""
    parked: int
    waiting: int
    in_flight: int
    salvages: int
    """How often a damaged file was salvaged."""
    denied: int
    """Batches that Kafka did not permit."""
    connected: bool
    """Whether Kafka answers, and has the topic for us."""
    followed: bool
    """Whether the memory knows everything that is on the topic."""


def read(gateway: Gateway) -> Books:
    """What the books say now; OSError when nobody answers."""
    found: dict[str, float] = {}
    for family in text_string_to_metric_families(get(gateway.port, "/metrics")[1].decode()):
        for sample in family.samples:
            for name in (sample.name, *[f"{sample.name}/{label}" for label in sample.labels.values()]):
                found[name] = found.get(name, 0) + sample.value

    def value(name: str) -> int:
        return int(found.get(f"sre_ingest_{name}", 0))

    return Books(
        # What Kafka refuses at once was translated before, and is counted among both.
        received=value("alerts_received_total") + value("alerts_invalid_total") - value(_REFUSED_LATE),
        intents={outcome: value(f"intents_total/{outcome}") for outcome in _INTENTS},
        kept=value("spool_appended_records_total"),
        seen_off=value("spool_acked_records_total"),
        parked=value("spool_parked_records_total"),
        waiting=value("spool_records"),
        in_flight=value("kafka_inflight_records"),
        salvages=value("spool_salvages_total"),
        denied=value("kafka_errors_total/not_authorized"),
        connected=value("kafka_connected") == 1,
        followed=value("dedup_followed") == 1,
    )


def imbalances(books: Books, before: int = 0) -> list[str]:
    """The equations that do not hold, in words; `before` is the number of records in the spool at the start."""
    return list(_imbalances(books, before))


def differences(books: Books, history: History) -> list[str]:
    """Where the books of a process that answered the whole history differ from what its receipts said.

    Only a history without `info` can be compared: of any other nobody knows what the gateway has entered.
    """
    if history.count(Outcome.INFO):
        return []
    told = {outcome: history.counts[outcome] for outcome in _INTENTS}
    return [] if told == books.intents else [f"the books say {books.intents}, the receipts {told}"]


def _imbalances(books: Books, before: int) -> Iterator[str]:
    if books.received != sum(books.intents.values()):
        yield f"received {books.received} is not the sum of {books.intents}"
    if before + books.kept != books.seen_off + books.parked + books.waiting:
        yield f"{before} + kept {books.kept} is not {books.seen_off} + parked {books.parked} + {books.waiting}"
