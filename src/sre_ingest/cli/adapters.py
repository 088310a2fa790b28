"""`adapters`: which sources are understood, and whether one keeps what every adapter owes."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from sre_ingest import catalog
from sre_ingest.cli.options import Config
from sre_ingest.conformance import folder, goldens, kit
from sre_ingest.conformance.verdict import Verdict
from sre_ingest.scaffold import project, skeleton
from sre_ingest.scaffold.skeleton import Kind, SkeletonError
from sre_ingest.sdk import samples
from sre_ingest.settings import load

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _adapters() -> None:
    """The adapters: list those that are installed, and try or begin one of your own."""


@app.command("list")
def list_(config: Config = None) -> None:
    """Print every adapter that would be served, one a line, its columns between tabs.

    Its name; the path of its default endpoint; what its samples become (alert, health_check, sli_window, or - if it
    brings none); the distribution that it came from with its version, or the file in mappings_dir.
    """
    for name, one in catalog.origins(load(config).mappings_dir).items():
        folder = catalog.samples(one.adapter)
        kinds = ",".join(samples.kinds(folder) if folder.is_dir() else ()) or "-"
        print(name, one.adapter.path, kinds, one.origin, sep="\t")


@app.command("test")
def try_(
    place: Annotated[
        Path,
        typer.Argument(
            metavar="FOLDER", exists=True, help="A room (a Python package), one mapping, or a folder of both."
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
    subjects = list(folder.subjects(place, catalog.mapper))
    for subject in subjects:
        catalog.check_name(subject.adapter.name, str(place), subject.adapter.route)
    for subject in subjects:
        if update:
            for file in goldens.update(subject):
                print(f"wrote {file}: read whether it is right")
        for verdict in kit.examine(subject, mutations, seed):
            failed += bool(verdict.faults)
            _print(subject.adapter.name, verdict)
    if failed:
        print(f"{failed} failed")
        raise typer.Exit(1)


@app.command("new")
def new(
    name: Annotated[str, typer.Argument(help="One lower-case noun: what sends, such as acme.")],
    kind: Annotated[
        Kind,
        typer.Option(help="mapping: one file, no code. room: a package beside others. distribution: one of its own."),
    ] = Kind.DISTRIBUTION,
    to: Annotated[Path, typer.Option(metavar="FOLDER", help="Folder to write into.")] = Path(),
) -> None:
    """Begin an adapter: write files that pass `sre-ingest adapters test`, to be changed from there.

    It reads an invented body with a list of problems: firing, resolved, and one that is refused. Put captured bodies in
    the place of those samples, say what they mean, and read the goldens that `adapters test --update` writes.
    """
    if not to.is_dir():
        raise SkeletonError(f"{to} is no folder; make it with mkdir, or name another with --to")
    made = skeleton.skeleton(kind, name, to, date.today())  # noqa: DTZ011 - the day on the user's wall
    catalog.check_name(name, str(made.tried), catalog.mapper().route if kind is Kind.MAPPING else "")
    skeleton.write(made)
    (subject,) = folder.subjects(made.tried, catalog.mapper)
    for file in (*made.files, *goldens.update(subject)):
        print(f"wrote {file}")
    changed = project.register(made.tried) if kind is Kind.ROOM else None
    if changed is not None:
        print(f"added {name} to the entry points in {changed}: install it again to serve it")
    print(f"try it with: sre-ingest adapters test {made.tried}")


def _print(name: str, verdict: Verdict) -> None:
    word = "FAIL" if verdict.faults else "ok"
    print(f"{word:5}{name}: {verdict.subject}{': ' * bool(verdict.told)}{verdict.told}", flush=True)
    for fault in verdict.faults:
        print(*(f"       {line}" for line in fault.splitlines()), sep="\n")
