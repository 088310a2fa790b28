"""`adapters`: which sources are understood, and whether one keeps what every adapter owes."""

from pathlib import Path
from typing import Annotated

import typer

from sre_ingest import catalog
from sre_ingest.conformance import folder, goldens, kit
from sre_ingest.conformance.verdict import Verdict
from sre_ingest.sdk import samples

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _adapters() -> None:
    """The adapters: list those that are installed, and try or begin one of your own."""


@app.command("list")
def list_() -> None:
    """Print every installed adapter, one a line, its columns between tabs.

    Its name; the path of its default endpoint; what its samples become (alert, health_check, sli_window, or - if it
    brings none); the distribution that it came from, with its version.
    """
    for name, one in catalog.origins().items():
        kinds = ",".join(samples.kinds(catalog.samples(one.adapter))) or "-"
        print(name, one.adapter.path, kinds, one.distribution, sep="\t")


@app.command("test")
def try_(
    place: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", exists=True, help="A room (a Python package), a folder of mappings, or one mapping."
        ),
    ],
    update: Annotated[
        bool, typer.Option("--update", help="Write goldens that are missing or differ. Read what it writes.")
    ] = False,
    mutations: Annotated[int, typer.Option(min=0, help="Mutated bodies to try each adapter with.")] = kit.MUTATIONS,
    seed: Annotated[
        int, typer.Option(help="Where their randomness begins; the same seed, the same bodies.")
    ] = kit.SEED,
) -> None:
    """Try an adapter on its samples and on what no sender sends: exit code 0, 1 if it fails, 2 if there is none.

    A sample is a body as its sender posts it, with a golden beside it: for `firing.json` either `firing.expected.json`,
    what it becomes, or `firing.rejected.json`, why it is refused. Samples of a room lie in its folder `samples`, those
    of a mapping `acme.yaml` in the folder `acme` beside it.

    Each sample gives its golden, the same twice and in any order of keys; what it gives keeps the contract; two samples
    called `x-firing` and `x-resolved` (or by another such pair of words) are one identity; nothing is read from odd
    bodies; and no mutated one raises anything but NotJson or WrongShape. Nothing is sent anywhere.
    """
    failed = 0
    for subject in folder.subjects(place, catalog.mapper):
        if update:
            for file in goldens.update(subject):
                print(f"wrote {file}: read whether it is right")
        for verdict in kit.examine(subject, mutations, seed):
            failed += bool(verdict.faults)
            _print(subject.adapter.name, verdict)
    if failed:
        print(f"{failed} failed")
        raise typer.Exit(1)


def _print(name: str, verdict: Verdict) -> None:
    word = "FAIL" if verdict.faults else "ok"
    print(f"{word:5}{name}: {verdict.subject}{': ' * bool(verdict.told)}{verdict.told}", flush=True)
    for fault in verdict.faults:
        print(*(f"       {line}" for line in fault.splitlines()), sep="\n")
