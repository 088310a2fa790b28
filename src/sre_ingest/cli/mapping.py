"""`map`: a mapping tried on a body, without a gateway."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from sre_ingest import catalog
from sre_ingest.mistakes import Mistake
from sre_ingest.sdk import samples
from sre_ingest.sdk.errors import DeliveryError

_ADVICE = "; --explain shows what the mapping finds in it"


class PayloadError(Mistake):
    """A body cannot be read from its file. The message says why."""


def map_(
    mapping: Annotated[Path, typer.Argument(help="YAML file of the mapping.")],
    payload: Annotated[Path, typer.Argument(help="File with one body, as the tool sends it.")],
    explain: Annotated[
        bool,
        typer.Option(
            "--explain", help="Tell first what each expression of the mapping finds in the body, and what that means."
        ),
    ] = False,
) -> None:
    """Translate one body with a mapping, and print what becomes of it as JSON: signals, rejects, ignored records.

    The clock is fixed, so that the same files print the same. Exit code 0, 1 if anything of the body was refused, 2 if
    a file cannot be used. docs/mappings.md explains the format.
    """
    body = _body(payload)
    mapper = catalog.mapper()
    adapter = mapper.compile(mapping)
    try:
        for line in mapper.explain(mapping, body) if explain else ():
            print(line)
        reading = adapter.read(samples.delivery(adapter, body))
    except DeliveryError as error:
        print(f"{payload}: {error} [{error.reason}]{'' if explain else _ADVICE}")
        raise typer.Exit(1) from None
    print(samples.render(reading), end="")
    if reading.rejects:
        print(f"{payload}: {len(reading.rejects)} refused{'' if explain else _ADVICE}", file=sys.stderr)
        raise typer.Exit(1)


def _body(payload: Path) -> bytes:
    try:
        return payload.read_bytes()
    except OSError as error:
        raise PayloadError(f"{payload} cannot be read ({error.strerror})") from None
