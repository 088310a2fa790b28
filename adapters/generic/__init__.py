"""The room for any tool that can post JSON: one mapping a tool."""

from pathlib import Path

from adapters.generic.mapping import compilation, explanation
from sre_ingest.sdk.adapter import Mapper

mappings = compilation.adapters(Path(__file__).with_name("mappings"))
"""An adapter for each file of `mappings`, called as the file is."""
mapper = Mapper(compile=compilation.adapter, explain=explanation.explain)
"""What makes an adapter of a user's file, in the same way."""
