"""The room for any tool that can post JSON: in the gateway's own words, or in its own with a mapping."""

from pathlib import Path

from adapters.generic.mapping import compilation, explanation
from adapters.generic.translate import read
from sre_ingest.sdk.adapter import Adapter, Mapper
from sre_ingest.sdk.schemas import load

adapter = Adapter(
    name="generic",
    read=read,
    schemas=(load(Path(__file__).with_name("generic.v1.schema.json")),),
    reads_idempotency_key=True,
)
"""For senders that say it in the gateway's words."""
mappings = compilation.adapters(Path(__file__).with_name("mappings"))
"""An adapter for each file of `mappings`, called as the file is."""
mapper = Mapper(
    compile=compilation.adapter,
    compile_folder=compilation.adapters,
    explain=explanation.explain,
    route=compilation.ROUTE,
    suffix=compilation.SUFFIX,
)
"""What makes an adapter of a user's file, in the same way."""
