"""Options that several commands share."""

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None,
    typer.Option(
        "--config", metavar="FILE", help="YAML file of settings; default: $SRE_INGEST_CONFIG. Environment wins."
    ),
]
