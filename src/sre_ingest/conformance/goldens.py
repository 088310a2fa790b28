"""Goldens written anew."""

from collections.abc import Iterator
from pathlib import Path

from sre_ingest.conformance.subject import Subject
from sre_ingest.conformance.trial import attempt
from sre_ingest.sdk import samples


def update(subject: Subject) -> Iterator[Path]:
    """Write every golden that is missing or differs and remove the one that contradicts it; the files written.

    A sample with which the adapter does what it must not do gets none.
    """
    for sample in subject.samples:
        found = attempt(subject.adapter, sample.body.read_bytes()).found
        if found is None:
            continue
        golden, text = samples.golden(sample, found)
        sample.other(golden).unlink(missing_ok=True)
        if not golden.exists() or golden.read_text(encoding="utf-8") != text:
            golden.write_text(text, encoding="utf-8")
            yield golden
