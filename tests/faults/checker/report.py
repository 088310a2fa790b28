"""The table of guarantees, on the terminal and in the documents."""

import os
import platform
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from tests.faults.checker.row import Row

_HEADS = (
    "",
    "promise",
    "deliveries",
    "items",
    "faults survived",
    "lost",
    "duplicates",
    "never sent",
    "order breaks",
    "slowest answer",
    "notes",
)
_PAGE = """# Guarantees

What the gateway promises, and what became of it when somebody tried to break it. `make faults` starts real brokers and
a real gateway, makes the faults while unique alerts are sent, and compares every answer with what is on the topic.

- **deliveries**: bodies sent; **items**: alerts in them that were acknowledged with 2xx.
- **lost**: acknowledged and not on the topic. Must be 0.
- **duplicates**: records of an item that another record says already, under the same id. May be more than 0.
- **never sent**: on the topic although nobody sent it, or other than it was sent. Must be 0.
- **order breaks**: alerts whose end stands before their beginning. Must be 0.

Written on {date}, on {cores} cores ({machine}), {brokers} brokers, by `{command}`, which writes this page anew.

{table}
"""


@dataclass(frozen=True, slots=True)
class Line:
    """One scenario and what came of it: a row, or the reason why there is none."""

    guarantee: str
    name: str
    promise: str
    row: Row | None
    why: str = ""

    @property
    def sound(self) -> bool:
        """Whether it found nothing broken. One that did not run found nothing either, and the table says so."""
        return self.row.broken == [] if self.row else self.why.startswith("not run")


def table(lines: Sequence[Line]) -> str:
    """All lines as Markdown."""
    rows = [_HEADS, ("---",) * len(_HEADS), *map(_cells, lines)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in rows)


def page(lines: Sequence[Line], *, brokers: int, command: str) -> str:
    """The page of the documents."""
    return _PAGE.format(
        date=datetime.now(UTC).date().isoformat(),
        cores=os.cpu_count(),
        machine=f"{platform.system()}, {platform.machine()}, Python {platform.python_version()}",
        brokers=brokers,
        command=command,
        table=table(lines),
    )


def _cells(line: Line) -> Sequence[str]:
    head = (f"{line.guarantee} {line.name}", line.promise)
    if line.row is None:
        return (*head, *("-",) * 8, f"**{line.why}**")
    verdict = line.row.verdict
    figures = (
        verdict.operations,
        verdict.acknowledged,
        line.row.faults,
        len(verdict.lost),
        verdict.duplicates,
        len(verdict.never_sent),
        len(verdict.order_breaks),
    )
    notes = "; ".join([*line.row.notes, *[f"**BROKEN: {one}**" for one in line.row.broken]])
    return (*head, *[f"{figure:,}" for figure in figures], f"{verdict.slowest:.2f} s", notes)
