"""Observations that their sender gave a key of its own (docs/identity.md, below the table)."""

from dataclasses import replace

import pytest

from sre_ingest.identity import message_id
from sre_ingest.publishing import Outcome
from sre_ingest.sdk.signal import KEYED, NaturalKey, Signal
from tests.unit.observations import Gateway, check, firing, resolved, sli


def keyed(signal: Signal, key: str = "k", content: str = "c") -> Signal:
    """The observation under a key of its sender's own, saying something."""
    return replace(signal, key=NaturalKey(signal.key.subject, KEYED, key), content=content.encode())


EVERY_KIND = pytest.mark.parametrize("signal", [firing(), firing(None), check("ok", None), sli("1")])


@EVERY_KIND
def test_the_key_is_the_same_observation_however_late_and_whatever_came_between(signal: Signal) -> None:
    """A day later, after other states, with and without keys of their own."""
    gateway = Gateway()
    first = gateway.see(keyed(signal), 0)
    assert (first.to_publish, first.message_id) == (True, message_id(keyed(signal).key, None))
    gateway.see(keyed(signal, "other"), 1)
    gateway.see(signal, 2)
    gateway.see(replace(signal, key=replace(signal.key, state="another")), 3)
    again = gateway.claim(keyed(signal), 86_400)
    assert (again.to_publish, again.message_id, again.conflicting) == (False, first.message_id, False)


def test_other_content_is_a_conflicting_duplicate_also_in_flight() -> None:
    """What was taken first stays what counts."""
    gateway = Gateway()
    first = gateway.claim(keyed(firing()), 0)
    assert gateway.claim(keyed(firing(), content="other"), 1).conflicting
    gateway.memory.settle(first, Outcome.ACKED)
    claims = [gateway.claim(keyed(firing(), content=content), 2) for content in ("other", "c")]
    assert [(claim.to_publish, claim.conflicting) for claim in claims] == [(False, True), (False, False)]


@pytest.mark.parametrize("outcome", [Outcome.FAILED, Outcome.UNCERTAIN, Outcome.REFUSED])
def test_what_never_was_durable_is_published_again_as_it_is_now(outcome: Outcome) -> None:
    """Under the same id; from then on the new content is what others are held against."""
    gateway = Gateway()
    first = gateway.see(keyed(firing()), 0, outcome)
    second = gateway.see(keyed(firing(), content="other"), 1)
    assert (second.to_publish, second.conflicting, second.message_id) == (True, False, first.message_id)
    assert gateway.claim(keyed(firing()), 2).conflicting
    assert not gateway.claim(keyed(firing(), content="other"), 2).conflicting


def test_the_key_says_nothing_across_subjects() -> None:
    """It takes the place of episode and state, not of what is observed."""
    gateway = Gateway()
    claims = [gateway.see(keyed(firing(fingerprint=name)), 0) for name in "fg"]
    assert all(claim.to_publish for claim in claims)
    assert claims[0].message_id != claims[1].message_id


def test_without_a_key_nothing_is_changed_by_those_that_have_one() -> None:
    """A firing, its resolve and the firing again are three, whatever was said under keys meanwhile."""
    plain, mixed = Gateway(), Gateway()
    ids = []
    for gateway in (plain, mixed):
        claims = []
        for second, signal in enumerate((firing(), resolved(), firing())):
            if gateway is mixed:
                gateway.see(keyed(signal, f"k{second}"), second)
            claims.append(gateway.see(signal, second))
        ids.append([claim.message_id for claim in claims])
    assert ids[0] == ids[1]
    assert len(set(ids[0])) == 3


def test_what_was_forgotten_gets_its_id_again() -> None:
    """A second record at worst, which a consumer knows by its id."""
    gateway = Gateway(max_entries=1)
    first = gateway.see(keyed(firing()), 0)
    gateway.see(keyed(firing(), "other"), 1)
    again = gateway.see(keyed(firing()), 2)
    assert (again.to_publish, again.message_id) == (True, first.message_id)
