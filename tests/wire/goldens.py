"""Rewrites the golden tables after a wanted, additive change: `python -m tests.wire.goldens`, then read the diff.

A changed or vanished row breaks every reader and writer out there; only new rows are harmless.
"""

from collections.abc import Iterable
from pathlib import Path

from tests.wire import contract

FIELDS = Path(__file__).with_name("fields.golden.tsv")
ENUMS = Path(__file__).with_name("enums.golden.tsv")
FIELDS_HEADER = ("message", "number", "field", "type", "label", "behaviour")
ENUMS_HEADER = ("enum", "number", "value")


def render(header: contract.Row, rows: Iterable[contract.Row]) -> str:
    """A table as tab-separated text."""
    return "".join("\t".join(row) + "\n" for row in (header, *rows))


if __name__ == "__main__":
    FIELDS.write_text(render(FIELDS_HEADER, contract.field_rows()), encoding="utf-8")
    ENUMS.write_text(render(ENUMS_HEADER, contract.enum_rows()), encoding="utf-8")
