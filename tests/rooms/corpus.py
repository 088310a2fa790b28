"""Bodies that real senders published, and what becomes of each. They lie beside the project, and may be absent.

`python -m tests.rooms.corpus` prints the table, and fails where the bodies are missing or one of them fares otherwise
than `corpus.golden.tsv` says.
"""

import sys
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

import pytest

from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.errors import DeliveryError
from tests.goldens import ROOT
from tests.rooms.installed import ROOMS

CORPUS = ROOT.parent / "shared" / "payloads"
FILES = sorted(CORPUS.rglob("*.json"))
GOLDEN = Path(__file__).with_name("corpus.golden.tsv")

_FOLDERS = {"grafana-legacy": "grafana", "prometheus-api-v2": "prometheus"}
"""Folders that are not called as the room that reads what lies in them."""
_ABSENT = pytest.mark.skip(reason="the folder of published payloads (../shared/payloads) is not beside the project")


class Outcome(NamedTuple):
    """What became of one body in the room of its sender."""

    file: str
    room: str
    signals: int
    ignored: int
    refused: str
    """Reason and place of every reject, or the reason why the body as a whole was refused; `-` for none."""


def cases(files: list[Path]) -> list[object]:
    """One case for each file, named by its path; where the corpus is absent, one case that is skipped and says why."""
    if not FILES:
        return [pytest.param(CORPUS, marks=_ABSENT, id="absent")]
    return [pytest.param(path, id=_name(path)) for path in files]


def room_of(path: Path) -> str:
    """The room that the sender of a file would post to, by the file's folder."""
    return _FOLDERS.get(path.parent.name, path.parent.name)


def outcomes() -> list[Outcome]:
    """What becomes of every file whose room is installed."""
    rooms = {room.name: room for room in ROOMS}
    return [outcome(rooms[room_of(path)], path) for path in FILES if room_of(path) in rooms]


def outcome(room: Adapter, path: Path) -> Outcome:
    """What becomes of one file in one room."""
    try:
        reading = room.read(samples.delivery(room, path.read_bytes()))
    except DeliveryError as error:
        return Outcome(_name(path), room.name, 0, 0, error.reason)
    rejects = " ".join(f"{reject.reason}@{reject.path}" for reject in reading.rejects)
    return Outcome(_name(path), room.name, len(reading.signals), len(reading.ignored), rejects or "-")


def table(rows: Iterable[Outcome]) -> str:
    """The outcomes as tab-separated text."""
    return "".join("\t".join(map(str, row)) + "\n" for row in (Outcome._fields, *rows))


def _name(path: Path) -> str:
    return str(path.relative_to(CORPUS))


def _totals(rows: list[Outcome]) -> str:
    files, signals, ignored, refused = (Counter[str]() for _ in range(4))
    for row in rows:
        files[row.room] += 1
        signals[row.room] += row.signals
        ignored[row.room] += row.ignored
        refused[row.room] += 0 if row.refused == "-" else len(row.refused.split(" "))
    lines = [f"{room:24}{files[room]:7}{signals[room]:9}{ignored[room]:9}{refused[room]:9}" for room in sorted(files)]
    return "\n".join([f"{'room':24}{'files':>7}{'signals':>9}{'ignored':>9}{'refused':>9}", *lines])


def main() -> int:
    """Print what becomes of every file and the totals of each room; the exit status says whether all is as expected."""
    if not FILES:
        print(f"{CORPUS.name}: there are no published bodies beside the project", file=sys.stderr)
        return 2
    rows = outcomes()
    print(*(f"{row.file:76}{row.signals:5}{row.ignored:5}  {row.refused}" for row in rows), sep="\n")
    print("", _totals(rows), sep="\n")
    roomless = sorted({room_of(path) for path in FILES} - {row.room for row in rows})
    expected = GOLDEN.read_text(encoding="utf-8")
    if roomless or table(rows) != expected:
        print(f"\nWithout a room: {', '.join(roomless) or 'none'}.", file=sys.stderr)
        print(*sorted(set(table(rows).splitlines()) ^ set(expected.splitlines())), sep="\n", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
