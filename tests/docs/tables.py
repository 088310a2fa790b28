"""The tables in `docs/`, made from the code that they describe."""

import json
from collections.abc import Iterable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

from prometheus_client import CollectorRegistry
from prometheus_client.metrics_core import Metric
from pydantic import BaseModel, ByteSize
from pydantic.fields import FieldInfo

from sre_ingest import app, catalog, endpoints, publishers, wards
from sre_ingest.metrics import LedgerMetrics, ReloadMetrics
from sre_ingest.receipts import CONFLICTING, ItemOutcome, ReceiptState
from sre_ingest.remembering import Remembering
from sre_ingest.sdk.errors import ItemReason
from sre_ingest.sdk.signal import Repair
from sre_ingest.settings import Settings
from sre_ingest.settings.tree import PREFIX, Kafka, Quarantine
from sre_ingest.web import answers, documents
from sre_ingest.web.ways import Ways

DOCS = Path(__file__).parents[2] / "docs"


def pages() -> dict[str, str]:
    """Every generated page by its file name."""
    return {"settings.md": settings(), "metrics.md": metrics(), "errors.md": errors(), "receipts.md": receipts()}


def table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table of Markdown; a bar inside a cell is escaped."""
    lines = [head, ("---",) * len(head), *rows]
    return "\n".join("| " + " | ".join(cell.replace("|", "\\|") for cell in line) + " |" for line in lines) + "\n"


def settings() -> str:
    """Every setting with its default and its sentence."""
    rows = [(f"`{path}`", _default(field), field.description or "") for path, field in _fields(Settings)]
    return page(
        "Settings",
        "From a YAML file (`--config`, or `SRE_INGEST_CONFIG`) and from the environment, which wins: the name in",
        f"capitals after `{PREFIX}`, with two underscores for each dot, as in `{PREFIX}KAFKA__BOOTSTRAP_SERVERS`.",
        "Lists and maps are JSON there. Durations are written as Prometheus does (`500ms`, `10m`, `1h30m`), sizes",
        "with a unit (`16MiB`). What is wrong ends the start with a sentence; `sre-ingest check-config` says it first.",
    ) + table(("setting", "default", "what it is"), rows)


def setting_names() -> list[str]:
    """The dotted path of every setting."""
    return [path for path, _ in _fields(Settings)]


def _fields(model: type[BaseModel], path: str = "") -> Iterator[tuple[str, FieldInfo]]:
    for name, field in model.model_fields.items():
        kind = field.annotation
        inner = kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None
        if inner is not None:
            yield from _fields(inner, f"{path}{name}.")
            continue
        yield path + name, field
        if name == "endpoints":
            yield from _fields(next(arg for arg in kind.__args__ if arg is not ...), "endpoints[].")  # type: ignore[union-attr]


def _default(field: FieldInfo) -> str:
    value: Any = field.default
    if field.is_required():
        return "required"
    if isinstance(value, timedelta):
        seconds = value.total_seconds()
        return f"`{seconds / 60:g}m`" if seconds % 60 == 0 else f"`{seconds:g}s`"
    if isinstance(value, ByteSize):
        return f"`{value.human_readable()}`"
    if isinstance(value, dict) and value:
        return f"`{json.dumps(value)}`"
    return "none" if value is None or value in ("", (), {}) else f"`{value}`"


def metrics() -> str:
    """Every metric with its labels and its help."""
    registry = CollectorRegistry()
    given = Settings(kafka=Kafka(bootstrap_servers="127.0.0.1:9092"))
    ways = Ways(endpoints.resolve(given, catalog.installed()))
    app.create_metrics(registry, ways, routes=endpoints.own_paths(ways))
    LedgerMetrics(registry)
    ReloadMetrics(registry)
    Remembering(given, registry, app.now)
    publishers.create(given, registry, app.now)
    publishers.create(Settings(), registry, app.now)
    wards.create(given.model_copy(update={"quarantine": Quarantine(topic="dlq")}), registry, None)
    rows = [_metric(metric) for metric in sorted(registry.collect(), key=lambda metric: metric.name)]
    return page(
        "Metrics",
        "`GET /metrics`, in the format that the scraper asks for. The label sets are closed and stand at zero from the",
        "start; none comes from a payload. `kafka_` metrics exist where Kafka is configured, `log_` metrics where the",
        "embedded log is used, `config_` metrics where `mappings_dir` is set, `spool_` metrics where the spool is on,",
        "`dead_letter` metrics where the quarantine is, that of published ones where `quarantine.topic` is set;",
        "the client library's `process_` and `python_` metrics are there as well.",
    ) + table(("metric", "type", "labels", "what it counts"), rows)


def _metric(metric: Metric) -> tuple[str, ...]:
    labels = sorted({label for sample in metric.samples for label in sample.labels} - {"le"})
    name = f"{metric.name}_total" if metric.type == "counter" else metric.name
    return f"`{name}`", metric.type, ", ".join(f"`{label}`" for label in labels) or "-", metric.documentation


_STRICT = """
A body is one JSON document (RFC 8259) in UTF-8, without a byte order mark. What parsers read differently is refused as
`malformed_json`, too: a name that stands twice in one object, `NaN` and `Infinity`, half of a surrogate pair, more than
201 levels, an integer of more than 4,300 digits.
"""


def errors() -> str:
    """Every reason with its status and what it means."""
    whole = [
        (f"`{kind.reason}`", str(status), "yes" if kind.retriable else "no", (kind.__doc__ or "").partition("\n")[0])
        for kind, status in answers.STATUS.items()
    ]
    hopeless = (
        f"`{answers.NOTHING_USABLE}`",
        str(answers.HOPELESS),
        "no",
        "Not one item of the delivery could be understood.",
    )
    gone = ("`disconnected`", "-", "-", "The client went away before its body was complete.")
    return (
        page(
            "Errors",
            "Why a delivery was not taken: `reason` of the problem document and of `sre_ingest_http_rejected_total`.",
            "Retriable ones carry `Retry-After`.",
        )
        + table(("reason", "status", "retriable", "what happened"), [*whole, hopeless, gone])
        + _STRICT
        + "\nWhy one item was refused while its siblings went on: `reason` of an item in the receipt and of\n"
        "`sre_ingest_alerts_invalid_total`.\n\n"
        + table(("reason", "what happened"), [(f"`{word}`", word.meaning) for word in ItemReason])
        + "\nA duplicate by idempotency key that says something else than what was taken under it has the reason\n"
        f"`{CONFLICTING}`, and counts in `sre_ingest_intents_conflicting_total`.\n"
        "\nWhat was missing or unknown in an item and made good: `repair` of `sre_ingest_alerts_repaired_total`.\n\n"
        + table(("repair", "what was done"), [(f"`{word}`", word.meaning) for word in Repair])
    )


def receipts() -> str:
    """What the words of a receipt mean."""
    fields = [(f"`{name}`", field["description"]) for name, field in documents.RECEIPT["properties"].items()]
    item = documents.RECEIPT["properties"]["items"]["items"]["properties"]
    meant = [(f"`{name}`", field["description"]) for name, field in item.items()]
    spelt_out = {"`state`": "See below.", "`outcome`": "See below."}
    head = ("field", "what it is")
    return (
        page(
            "Receipts",
            "What a delivery that was taken is answered with, as JSON: 200 if all that it speaks of is in Kafka, 202",
            "if some of it is on the gateway's own disk. `/openapi.json` has the same as a schema. A delivery that was",
            "not taken is answered with a [reason](errors.md).",
        )
        + table(head, [(name, spelt_out.get(name, text)) for name, text in fields])
        + "\nThe words of `state`:\n\n"
        + table(("state", "where the records are"), [(f"`{word}`", word.meaning) for word in ReceiptState])
        + "\nAn item, in `items`; what it does not have is left out:\n\n"
        + table(head, [(name, spelt_out.get(name, text)) for name, text in meant])
        + "\nThe words of `outcome`, which the counts go by as well:\n\n"
        + table(("outcome", "what became of the item"), [(f"`{word}`", word.meaning) for word in ItemOutcome])
    )


def page(title: str, *lines: str) -> str:
    """The head of a page and its first paragraph."""
    return f"# {title}\n\n" + "\n".join(lines) + "\n\n"
