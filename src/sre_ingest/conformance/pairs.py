"""Samples whose names say that they tell of one thing: it begins in the one and ends in the other."""

from collections.abc import Iterator, Sequence

from sre_ingest.sdk.samples import Sample

WORDS = (
    ("activated", "closed"),
    ("alarm", "ok"),
    ("create", "close"),
    ("created", "fixed"),
    ("created", "resolved"),
    ("down", "up"),
    ("failed", "succeeded"),
    ("failure", "recovery"),
    ("fired", "resolved"),
    ("firing", "resolved"),
    ("open", "closed"),
    ("open", "resolved"),
    ("problem", "recovered"),
    ("problem", "recovery"),
    ("started", "resolved"),
    ("trigger", "resolve"),
    ("triggered", "recovered"),
    ("triggered", "resolved"),
)
"""How a sender calls beginning and end. Before the word both names are the same: `disk-firing`, `disk-resolved`."""


def find(samples: Sequence[Sample]) -> Iterator[tuple[Sample, Sample]]:
    """The pairs among the samples of a folder: beginning, end."""
    by_name = {sample.name: sample for sample in samples}
    for name, sample in by_name.items():
        stem, dash, word = name.rpartition("-")
        for begins, ends in WORDS:
            if word == begins and (end := by_name.get(stem + dash + ends)):
                yield sample, end
