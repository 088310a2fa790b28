"""Rewrites the golden tables after a wanted, additive change: `python -m tests.wire.goldens`, then read the diff.

A changed or vanished row breaks every reader and writer out there; only new rows are harmless.
"""

import tempfile
from collections.abc import Mapping
from pathlib import Path

from google.protobuf.descriptor_pb2 import FileDescriptorSet

from tests.wire import contract, workspace

HEADERS: Mapping[str, contract.Row] = {
    "fields": ("message", "number", "field", "type", "label", "behaviour"),
    "enums": ("enum", "number", "value"),
    "methods": ("service", "rpc", "request", "response"),
    "options": ("owner", "option", "value"),
}


def path(table: str) -> Path:
    """Where a golden table lies."""
    return Path(__file__).with_name(f"{table}.golden.tsv")


def rows(image: FileDescriptorSet) -> dict[str, list[contract.Row]]:
    """The rows of all tables, as an image of the contract gives them."""
    files = contract.files_of(image)
    return {
        "fields": list(contract.field_rows(files)),
        "enums": list(contract.enum_rows(files)),
        "methods": list(contract.method_rows(files)),
        "options": list(contract.option_rows(image)),
    }


def changed(image: FileDescriptorSet) -> set[str]:
    """Names of the tables that an image does not agree with."""
    return {table for table, found in rows(image).items() if found != contract.read_table(path(table))}


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        built = workspace.build(workspace.copy(Path(folder)))
    for name, found in rows(built).items():
        path(name).write_text(contract.render(HEADERS[name], found), encoding="utf-8")
