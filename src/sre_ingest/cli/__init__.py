"""The command line. Every command explains itself with `--help`; what goes wrong is one sentence and exit code 2."""

import sys
from importlib.metadata import version
from typing import Annotated, Any

import typer

from sre_ingest.cli import adapters, contract, mapping, quarantine, send, serve, spool, tail, topics
from sre_ingest.mistakes import Mistake


class _Gateway(typer.core.TyperGroup):
    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run a command; a mistake ends it with its sentence."""
        try:
            return super().__call__(*args, **kwargs)
        except Mistake as error:
            print(f"sre-ingest: {error}", file=sys.stderr)
            raise SystemExit(2) from None


app = typer.Typer(
    cls=_Gateway,
    name="sre-ingest",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(version("sre-ingest"))
        raise typer.Exit


@app.callback()
def _main(
    _: Annotated[
        bool, typer.Option("--version", callback=_print_version, is_eager=True, help="Print the version and exit.")
    ] = False,
) -> None:
    """The gateway that turns alert webhooks into intents on a Kafka topic and loses none of them."""


app.command("serve")(serve.serve)
app.command("tail")(tail.tail)
app.command("send")(send.send)
app.command("map")(mapping.map_)
app.command("check-config")(serve.check_config)
app.add_typer(quarantine.app, name="quarantine")
app.add_typer(spool.app, name="spool")
app.add_typer(topics.app, name="topics")
app.add_typer(adapters.app, name="adapters")
app.add_typer(contract.app, name="contract")
