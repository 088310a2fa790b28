"""The room for any tool that can post JSON: one mapping a tool."""

from pathlib import Path

from adapters.generic.mapping import compilation

mappings = compilation.adapters(Path(__file__).with_name("mappings"))
"""An adapter for each file of `mappings`, called as the file is."""
