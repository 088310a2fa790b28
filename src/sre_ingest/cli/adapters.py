"""`adapters`: which sources are understood."""

import typer

from sre_ingest import catalog

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _adapters() -> None:
    """Look at the installed adapters."""


@app.command("list")
def list_() -> None:
    """Print every installed adapter and the path of its default endpoint."""
    for name, adapter in catalog.installed().items():
        print(f"{name}\t{adapter.path}")
