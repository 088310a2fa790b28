"""`topics`: what the gateway needs of Kafka."""

import asyncio
from typing import Annotated

import typer

from sre_ingest.cli.options import Config
from sre_ingest.settings import load

app = typer.Typer(no_args_is_help=True)


@app.callback()
def _topics() -> None:
    """Look after the topics that the gateway writes."""


@app.command("ensure")
def ensure(
    config: Config = None,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of a new topic.")] = 12,
    replication: Annotated[int, typer.Option(min=1, help="Copies of each partition.")] = 3,
    min_insync: Annotated[
        int, typer.Option(min=1, help="Copies that must have a record before it is acknowledged.")
    ] = 2,
) -> None:
    """Create the topic of the intents with safe settings, or say how an existing one differs: exit code 1 if it
    does. The same for `quarantine.topic`, if there is one.
    """
    from sre_ingest.kafka import topics
    from sre_ingest.publishers import connection

    settings = load(config)
    differing = False
    for topic in filter(None, (settings.kafka.topic, settings.quarantine.topic)):
        differences = asyncio.run(
            topics.ensure(
                connection(settings), topic, partitions=partitions, replication=replication, min_insync=min_insync
            )
        )
        differing = differing or bool(differences)
        print("\n".join(differences) or f"{topic}: as it should be")
    if differing:
        raise typer.Exit(1)
