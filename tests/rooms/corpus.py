"""Bodies that real senders published. They lie beside the project, and may be absent."""

from pathlib import Path

import pytest

from tests.goldens import ROOT

CORPUS = ROOT.parent / "shared" / "payloads"
FILES = sorted(CORPUS.rglob("*.json"))

_ABSENT = pytest.mark.skip(reason="the folder of published payloads (../shared/payloads) is not beside the project")


def cases(files: list[Path]) -> list[object]:
    """One case for each file, named by its path; where the corpus is absent, one case that is skipped and says why."""
    if not FILES:
        return [pytest.param(CORPUS, marks=_ABSENT, id="absent")]
    return [pytest.param(path, id=str(path.relative_to(CORPUS))) for path in files]
