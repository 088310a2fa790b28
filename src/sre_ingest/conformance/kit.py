"""The checks of one adapter, in the order in which they help: its samples first, then what no sample shows."""

import difflib
import json
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import Any

from sre_ingest.conformance import mutations, oddities, pairs
from sre_ingest.conformance.subject import Subject
from sre_ingest.conformance.trial import attempt
from sre_ingest.conformance.verdict import Verdict
from sre_ingest.sdk import json as strict
from sre_ingest.sdk import samples
from sre_ingest.sdk.adapter import Adapter
from sre_ingest.sdk.errors import DeliveryError, NotJson
from sre_ingest.sdk.samples import Sample
from sre_ingest.sdk.signal import NaturalKey, Reading, Signal

MUTATIONS, SEED = 300, 1
"""How many mutated bodies an adapter is tried with, and where their randomness begins, unless somebody says so."""
_SHOWN = 300
"""Characters of a body that are shown."""


def examine(subject: Subject, count: int = MUTATIONS, seed: int = SEED) -> Iterator[Verdict]:
    """Every check of one adapter, as it is made. The same files, count and seed give the same verdicts."""
    yield of_folder(subject)
    for sample in subject.samples:
        yield of_sample(subject.adapter, sample)
    for begin, end in pairs.find(subject.samples):
        yield of_pair(subject.adapter, begin, end)
    yield of_oddities(subject)
    yield of_wrong_types(subject)
    yield of_mutations(subject, count, seed)


def of_folder(subject: Subject) -> Verdict:
    """There are samples, and nothing beside them that proves nothing."""
    found = subject.samples
    if not found:
        return Verdict("samples", (f"{subject.folder} holds none; put a captured body there, such as firing.json",))
    strays = samples.strays(subject.folder)
    return Verdict(
        "samples",
        tuple(f"{one.name} belongs to no sample, or two have its name; remove or rename it" for one in strays),
        f"{len(found)} in {subject.folder}",
    )


def of_sample(adapter: Adapter, sample: Sample) -> Verdict:
    """The adapter says what the sample's golden says, says it twice, and whatever the order of keys; it is valid."""
    trial = attempt(adapter, sample.body.read_bytes())
    if trial.found is None:
        return Verdict(sample.name, trial.faults)
    golden, text = samples.golden(sample, trial.found)
    faults = (
        *trial.faults,
        *_confused(trial.found),
        *_against_golden(sample, golden, text),
        *_unsteady(adapter, sample, text),
    )
    return Verdict(sample.name, faults, trial.told)


def of_pair(adapter: Adapter, begin: Sample, end: Sample) -> Verdict:
    """What ends is what began: both samples tell of the same subjects."""
    name = f"{begin.name}, {end.name}"
    began, ended = (attempt(adapter, one.body.read_bytes()).subjects for one in (begin, end))
    if began == ended:
        return Verdict(name, (), "one identity")
    return Verdict(
        name,
        (
            f"by their names {end.name} ends what {begin.name} begins, but they tell of {sorted(began)} and "
            f"{sorted(ended)}; identify it by what stays, or rename a sample",
        ),
    )


def of_oddities(subject: Subject) -> Verdict:
    """Bodies of no sender are refused, or hold no signal."""
    faults = []
    for name, body in oddities.BODIES.items():
        trial = attempt(subject.adapter, body)
        faults += [f"{name}: {fault}" for fault in trial.faults]
        if trial.subjects:
            faults.append(f"{name}: is read as {trial.told}; raise WrongShape for what the source does not send")
    return Verdict("odd bodies", tuple(faults), f"{len(oddities.BODIES)}, of which nothing is read")


def of_wrong_types(subject: Subject) -> Verdict:
    """Samples with a value of every other type at each place of their first three levels are read or refused."""
    return _tried(subject, "wrong types", map(_written, oddities.wrong_types(subject.documents)))


def of_mutations(subject: Subject, count: int, seed: int) -> Verdict:
    """Mutated samples are read or refused."""
    return _tried(subject, f"mutated bodies, seed {seed}", _mutated(subject, count, Random(seed)))  # noqa: S311


def _mutated(subject: Subject, count: int, random: Random) -> Iterator[bytes]:
    documents, texts = subject.documents, subject.texts
    for _ in range(count if documents or texts else 0):
        if random.randrange(len(documents) + len(texts)) < len(documents):
            yield _written(mutations.mutated(random, documents))
        else:
            yield mutations.scrambled(random, random.choice(texts))


def _written(document: Any) -> bytes:
    return json.dumps(document).encode()


def _tried(subject: Subject, name: str, bodies: Iterator[bytes]) -> Verdict:
    tried = read = 0
    for tried, body in enumerate(bodies, 1):
        trial = attempt(subject.adapter, body)
        read += isinstance(trial.found, Reading)
        if trial.faults:
            return Verdict(name, (*trial.faults, f"the body, number {tried}: {body[:_SHOWN].decode(errors='replace')}"))
    return Verdict(name, (), f"{tried}: {read} read, {tried - read} refused")


def _confused(found: Reading | DeliveryError) -> Iterator[str]:
    if not isinstance(found, Reading):
        return
    told: dict[NaturalKey, Signal] = {}
    for one in found.signals:
        first = told.setdefault(one.key, one)
        if first.message != one.message:
            yield (
                f"signals {first.index} and {one.index} differ and have one identity, so the second would be dropped "
                "as a duplicate; identify them by what tells them apart"
            )


def _against_golden(sample: Sample, golden: Path, text: str) -> Iterator[str]:
    other = sample.other(golden)
    if other.exists():
        yield f"{other.name} contradicts what the adapter says now; remove it, or correct the adapter"
    if not golden.exists():
        yield f"{golden.name} is missing; --update writes it, then read whether it is right"
        return
    before = golden.read_text(encoding="utf-8")
    if before != text:
        lines = difflib.unified_diff(
            before.splitlines(), text.splitlines(), golden.name, "what the adapter says", lineterm="", n=2
        )
        yield "\n".join(["differs; correct the adapter, or accept it with --update", *lines])


def _unsteady(adapter: Adapter, sample: Sample, text: str) -> Iterator[str]:
    body = sample.body.read_bytes()
    if _said(adapter, sample, body) != text:
        yield "is read otherwise the second time; use no clock, no randomness and no memory"
    with suppress(NotJson):
        value = strict.parse(body)
        if isinstance(value, dict | list) and _said(adapter, sample, strict.text(value).encode()) != text:
            yield "is read otherwise when its keys stand in another order; look fields up by name"


def _said(adapter: Adapter, sample: Sample, body: bytes) -> str:
    found = attempt(adapter, body).found
    return "" if found is None else samples.golden(sample, found)[1]
