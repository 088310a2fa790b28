"""`quarantine`: what could not be understood, and what is to become of it."""

import base64
import json
import sys
import time
from pathlib import Path
from typing import Annotated

import typer
from pydantic import TypeAdapter, ValidationError

from sre_ingest.cli.options import Config
from sre_ingest.mistakes import Mistake
from sre_ingest.sdk.durations import Duration
from sre_ingest.sdk.times import Instant, nanoseconds, parse, rfc3339
from sre_ingest.settings import load
from sre_ingest.store import entries, requests
from sre_ingest.store.entries import Entry, Selection
from sre_ingest.store.requests import Request

app = typer.Typer(no_args_is_help=True)

Id = Annotated[str, typer.Argument(metavar="ID", help="As `quarantine list`, a receipt or a problem document has it.")]
Source = Annotated[str | None, typer.Option(help="Only what came from this source, such as alertmanager.")]
Reason = Annotated[str | None, typer.Option(help="Only what was refused for this reason, see docs/errors.md.")]
Since = Annotated[
    str | None, typer.Option(metavar="AGE|TIME", help="Only what was seen since: 90m, 2h, or 2026-01-02T03:04:05Z.")
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]


class QuarantineError(Mistake):
    """What was asked of the quarantine cannot be done. The message says why and what to do."""


@app.callback()
def _quarantine() -> None:
    """Look at what could not be understood, and decide what becomes of it.

    Every body and every single alert that the gateway refused is kept in `data_dir`, once however often it comes, until
    somebody replays or drops it. Typically: `list` what there is, `show` one, mend its mapping or its sender, and
    `replay` it; docs/quarantine.md has an example.
    """


@app.command("list")
def list_(
    config: Config = None, source: Source = None, reason: Reason = None, since: Since = None, as_json: Json = False
) -> None:
    """List what is in quarantine, oldest first: id, when it was seen last, how often, source, reason, place.

    Works beside a running gateway and without one. The place is the field that was wrong, in the sender's words.
    """
    selection = Selection(source=source, reason=reason, since=_instant(since))
    for entry in entries.select(load(config).data_dir, selection):
        print(json.dumps(_facts(entry), ensure_ascii=False) if as_json else _line(entry))


@app.command("show")
def show(
    name: Id,
    config: Config = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object, the body in `body`, or in `body_base64` if it is no text.")
    ] = False,
    only_body: Annotated[
        bool, typer.Option("--body", help="Nothing but the bytes of the body, such as for `sre-ingest map`.")
    ] = False,
) -> None:
    """Print one of them: what is known of it, an empty line, and the body with which it came first.

    On a terminal, what would steer it is shown as an escape; everywhere else the body is byte by byte what was sent.
    An entry with an `item` is the item at that position of the body, counted from 0; its siblings went on.
    """
    data_dir = load(config).data_dir
    found = entries.select(data_dir, Selection(ids=[name]))
    if not found:
        raise QuarantineError(
            f"nothing in quarantine has the id {name}; sre-ingest quarantine list shows what there is"
        )
    body = entries.body(data_dir, name)
    if body is None:
        raise QuarantineError(f"the body of {name} is not what was kept any more: drop it, and see the disk's health")
    if as_json:
        print(json.dumps(_facts(found[0]) | _body(body), ensure_ascii=False))
        return
    if not only_body:
        print("\n".join(_text(found[0])), end="\n\n", flush=True)
    if sys.stdout.isatty() and not only_body:
        print("\n".join(map(_harmless, body.decode(errors="backslashreplace").split("\n"))))
    else:
        sys.stdout.buffer.write(body)


Ids = Annotated[
    list[str] | None,
    typer.Argument(metavar="[ID]...", help="As `quarantine list`, a receipt or a problem document has them."),
]
All = Annotated[bool, typer.Option("--all", help="Everything that the other options leave, instead of single ids.")]
Wait = Annotated[int, typer.Option(metavar="SECONDS", min=1, help="How long to wait for the gateway.")]


@app.command("replay")
def replay(
    names: Ids = None,
    config: Config = None,
    everything: All = False,
    source: Source = None,
    reason: Reason = None,
    since: Since = None,
    wait: Wait = 60,
) -> None:
    """Let the running gateway read them again, by the adapters and mappings of today.

    What is understood now is published, with the time at which it was received first, and leaves the quarantine; what
    is not stays, under the reason of today. Of a body whose siblings went on, only the refused item is taken. Exit code
    1 if something stays.
    """
    _ask("replay", load(config).data_dir, _selection(names, everything, source, reason, since), wait)


@app.command("drop")
def drop(
    names: Ids = None,
    config: Config = None,
    everything: All = False,
    source: Source = None,
    reason: Reason = None,
    since: Since = None,
    wait: Wait = 60,
) -> None:
    """Let the running gateway delete them for good.

    If one comes again it is a new entry, under the same id. Exit code 1 if something could not be deleted.
    """
    _ask("drop", load(config).data_dir, _selection(names, everything, source, reason, since), wait)


def _selection(
    names: list[str] | None, everything: bool, source: str | None, reason: str | None, since: str | None
) -> Selection:
    if everything == bool(names):
        raise QuarantineError("name the ids that are meant, or say --all, which --source, --reason and --since narrow")
    return Selection(names or (), source, reason, _instant(since))


def _ask(name: str, data_dir: Path, selection: Selection, within: float) -> None:
    reply = requests.ask(data_dir, Request(name, selection.arguments()), within=within)
    for line in reply.lines:
        print(line)
    if not reply.done:
        raise typer.Exit(1)


def _instant(since: str | None) -> Instant | None:
    if since is None:
        return None
    try:
        return Instant(time.time_ns() - nanoseconds(TypeAdapter(Duration).validate_python(since)))
    except ValidationError:
        pass
    try:
        return parse(since)
    except ValueError:
        raise QuarantineError(f"--since {since} is neither an age, as in 90m, nor a time of RFC 3339") from None


def _facts(entry: Entry) -> dict[str, object]:
    facts = {
        "id": entry.id,
        "reason": entry.reason,
        "place": entry.place,
        "item": entry.index,
        "path": entry.path,
        "source": entry.source,
        "instance": entry.instance,
        "tenant": entry.tenant,
        "first_seen": rfc3339(entry.received_at),
        "last_seen": rfc3339(entry.last_seen),
        "count": entry.count,
        "correlation_id": entry.correlation_id,
        "headers": dict(entry.headers),
        "body_bytes": entry.body_bytes,
    }
    return {name: value for name, value in facts.items() if value not in (None, "")}


def _line(entry: Entry) -> str:
    place = _harmless(entry.place) or "-"
    return "  ".join((entry.id, rfc3339(entry.last_seen), f"{entry.count}x", entry.source, entry.reason, place))


def _text(entry: Entry) -> list[str]:
    facts = _facts(entry)
    facts.pop("headers")
    headers = {f"header {name}": value for name, value in entry.headers}
    return [f"{name}: {_harmless(str(value))}" for name, value in (facts | headers).items()]


def _harmless(text: str) -> str:
    """The text without anything that a terminal would obey: a sender's words are not ours."""
    return "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text)


def _body(body: bytes) -> dict[str, str]:
    try:
        return {"body": body.decode()}
    except UnicodeDecodeError:
        return {"body_base64": base64.b64encode(body).decode()}
