"""The table of identity, row by row, and the sequences that broke simpler tables."""

import asyncio
from dataclasses import replace

import pytest

from sre_ingest.dedup import STATES
from sre_ingest.identity import Salt, arrival, link, message_id
from sre_ingest.publishing import Outcome
from sre_ingest.sdk.signal import Signal
from sre_ingest.sdk.times import Instant
from tests.unit.observations import HOUR, NOON, WINDOW, Gateway, alert, at, check, firing, resolved, sli

NOT_DURABLE = [Outcome.FAILED, Outcome.UNCERTAIN, Outcome.REFUSED]
ALERT, TIMELESS_ALERT = pytest.param(firing(), id="alert"), pytest.param(firing(None), id="timeless alert")
CHECK, TIMELESS_CHECK = pytest.param(check("ok"), id="check"), pytest.param(check("ok", None), id="timeless check")
SLI = pytest.param(sli("1"), id="sli")


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


def unsalted(signal: Signal) -> str:
    return message_id(signal.key, None)


def linked(signal: Signal, previous: str, seconds: float, window: int = WINDOW) -> str:
    return message_id(signal.key, link(previous, at(seconds) // window))


def arrived(signal: Signal, seconds: float) -> str:
    return message_id(signal.key, arrival(at(seconds) // (30 * 10**9)))


# --- Row 1: the current episode and state, within the window of its record.


@pytest.mark.parametrize("signal", [ALERT, TIMELESS_ALERT, CHECK, TIMELESS_CHECK, SLI])
@pytest.mark.parametrize("outcome", [Outcome.ACKED, Outcome.STORED])
def test_row_1_what_is_durable_is_a_duplicate_of_that_record(
    gateway: Gateway, signal: Signal, outcome: Outcome
) -> None:
    first = gateway.see(signal, 1, outcome)
    again = gateway.claim(signal, 600)
    assert (again.to_publish, again.message_id, again.outcome) == (False, first.message_id, outcome)


@pytest.mark.parametrize("signal", [ALERT, TIMELESS_ALERT, CHECK, TIMELESS_CHECK, SLI])
@pytest.mark.parametrize("outcome", NOT_DURABLE)
def test_row_1_what_failed_or_is_uncertain_is_published_again_under_the_same_id(
    gateway: Gateway, signal: Signal, outcome: Outcome
) -> None:
    first = gateway.see(signal, 1, outcome)
    again = gateway.see(signal, 600)
    assert (again.to_publish, again.message_id) == (True, first.message_id)
    assert not gateway.claim(signal, 600.5).to_publish


def test_row_1_the_window_counts_from_the_claim_that_made_it_current_not_from_a_retry(gateway: Gateway) -> None:
    first = gateway.see(firing(), 0, Outcome.FAILED)
    gateway.see(firing(), 599)
    assert gateway.see(firing(), 600).message_id != first.message_id


def test_row_1_the_window_counts_from_the_last_refresh(gateway: Gateway) -> None:
    gateway.see(firing(), 0)
    refresh = gateway.see(firing(), 600)
    assert gateway.claim(firing(), 1_199).message_id == refresh.message_id
    assert gateway.claim(firing(), 1_200).message_id != refresh.message_id


# --- Row 2: the current episode and state, after the window.


@pytest.mark.parametrize("signal", [ALERT, TIMELESS_ALERT, TIMELESS_CHECK])
@pytest.mark.parametrize("outcome", list(Outcome))
def test_row_2_it_is_a_refresh_linked_to_the_record_before(gateway: Gateway, signal: Signal, outcome: Outcome) -> None:
    first = gateway.see(signal, 1, outcome)
    refresh = gateway.see(signal, 601)
    assert (refresh.to_publish, refresh.message_id) == (True, linked(signal, first.message_id, 601))


@pytest.mark.parametrize("signal", [CHECK, SLI])
def test_row_2_what_is_seen_once_by_nature_is_a_duplicate_for_ever(gateway: Gateway, signal: Signal) -> None:
    first = gateway.see(signal, 1)
    again = gateway.claim(signal, 1_000_000)
    assert (again.to_publish, again.message_id) == (False, first.message_id)


@pytest.mark.parametrize("signal", [CHECK, SLI])
def test_row_2_what_is_seen_once_by_nature_is_retried_under_the_same_id_for_ever(
    gateway: Gateway, signal: Signal
) -> None:
    first = gateway.see(signal, 1, Outcome.FAILED)
    again = gateway.claim(signal, 1_000_000)
    assert (again.to_publish, again.message_id) == (True, first.message_id)


# --- Row 3: another remembered episode, durable in this state, while the current state is equal.


def test_row_3_it_is_a_duplicate_of_its_own_record_however_old(gateway: Gateway) -> None:
    first = gateway.see(firing(at(0)), 1, Outcome.STORED)
    gateway.see(firing(at(2)), 3)
    again = gateway.claim(firing(at(0)), 100_000)
    assert (again.to_publish, again.message_id, again.outcome) == (False, first.message_id, Outcome.STORED)


def test_row_3_it_is_a_duplicate_even_if_another_state_came_between(gateway: Gateway) -> None:
    first = gateway.see(firing(at(0)), 1)
    gateway.see(resolved(at(0)), 2)
    gateway.see(firing(at(3)), 4)
    assert gateway.claim(firing(at(0)), 5).message_id == first.message_id


def test_row_3_it_repeats_what_is_still_in_flight(gateway: Gateway) -> None:
    first = gateway.claim(firing(at(0)), 1)
    gateway.claim(firing(at(2)), 3)
    again = gateway.claim(firing(at(0)), 4)
    assert (again.to_publish, again.message_id, again.outcome) == (False, first.message_id, None)


def test_row_3_it_repeats_what_is_still_in_flight_even_if_another_state_came_between(gateway: Gateway) -> None:
    first = gateway.claim(firing(at(0)), 1)
    gateway.see(resolved(at(0)), 2)
    gateway.see(firing(at(3)), 4)
    assert gateway.claim(firing(at(0)), 5).attempt is first.attempt


@pytest.mark.parametrize("outcome", NOT_DURABLE)
def test_row_3_without_its_record_it_is_published_again_under_its_id(gateway: Gateway, outcome: Outcome) -> None:
    first = gateway.see(firing(at(0)), 1, outcome)
    gateway.see(firing(at(2)), 3)
    again = gateway.see(firing(at(0)), 600)
    assert (again.to_publish, again.message_id) == (True, first.message_id)
    assert not gateway.claim(firing(at(0)), 5).to_publish


@pytest.mark.parametrize("outcome", NOT_DURABLE)
def test_row_3_without_its_record_and_after_the_window_it_is_linked(gateway: Gateway, outcome: Outcome) -> None:
    gateway.see(firing(at(0)), 1, outcome)
    current = gateway.see(firing(at(2)), 3)
    again = gateway.see(firing(at(0)), 601)
    assert (again.to_publish, again.message_id) == (True, linked(firing(at(0)), current.message_id, 601))


@pytest.mark.parametrize("outcome", NOT_DURABLE)
def test_row_3_without_its_record_and_another_state_in_between_it_is_linked(gateway: Gateway, outcome: Outcome) -> None:
    gateway.see(firing(at(0)), 1, outcome)
    gateway.see(resolved(at(0)), 2)
    current = gateway.see(firing(at(3)), 4)
    again = gateway.see(firing(at(0)), 5)
    assert (again.to_publish, again.message_id) == (True, linked(firing(at(0)), current.message_id, 5))


def test_row_3_in_another_state_than_the_current_one_it_is_published(gateway: Gateway) -> None:
    gateway.see(firing(at(0)), 1)
    current = gateway.see(resolved(at(2)), 3)
    assert gateway.see(firing(at(0)), 4).message_id == linked(firing(at(0)), current.message_id, 4)


@pytest.mark.parametrize("outcome", [*NOT_DURABLE, None], ids=str)
def test_row_3_a_current_state_that_is_not_on_the_topic_hides_nothing(
    gateway: Gateway, outcome: Outcome | None
) -> None:
    """F, R, then the F of another episode fails: on the topic the alert is resolved, so the first F must go out."""
    gateway.see(firing(at(0)), 1)
    gateway.see(resolved(at(0)), 2)
    current = gateway.claim(firing(at(3)), 4)
    if outcome:
        gateway.memory.settle(current, outcome)
    again = gateway.claim(firing(at(0)), 5)
    assert (again.to_publish, again.message_id) == (True, linked(firing(at(0)), current.message_id, 5))


def test_row_3_a_current_state_that_is_not_on_the_topic_changes_nothing_if_no_other_came_between(
    gateway: Gateway,
) -> None:
    first = gateway.see(firing(at(0)), 1)
    gateway.see(firing(at(2)), 3, Outcome.FAILED)
    assert gateway.claim(firing(at(0)), 4).message_id == first.message_id


# --- Row 4: a state not yet claimed in the episode, which is vouched for.


def test_row_4_a_resolve_of_a_young_episode_has_an_unsalted_id_and_becomes_current(gateway: Gateway) -> None:
    gateway.see(firing(at(0)), 1)
    claim = gateway.see(resolved(at(0)), 599)
    assert (claim.to_publish, claim.message_id) == (True, unsalted(resolved(at(0))))
    assert gateway.claim(resolved(at(0)), 600).outcome == Outcome.ACKED


def test_row_4_a_new_young_episode_has_an_unsalted_id(gateway: Gateway) -> None:
    gateway.see(resolved(at(0)), 1)
    assert gateway.see(firing(at(100)), 100).message_id == unsalted(firing(at(100)))


def test_row_4_while_followed_an_episode_is_vouched_for_however_old() -> None:
    gateway = Gateway(followed=True)
    gateway.see(firing(at(601)), 602)
    assert gateway.see(resolved(at(601)), 90_000).message_id == unsalted(resolved(at(601)))


# --- Row 5: a state not yet claimed in the episode, which is not vouched for.


@pytest.mark.parametrize(
    ("began_at", "seconds"),
    [(None, 2), (at(-598), 2), (at(2.5), 2)],
    ids=["no time", "a window old", "begins in the future"],
)
@pytest.mark.parametrize("followed", [True, False])
def test_row_5_it_is_linked_to_the_current_record(began_at: Instant | None, seconds: float, followed: bool) -> None:
    gateway = Gateway(followed=followed)
    first = gateway.see(firing(began_at), 1)
    signal = resolved(began_at)
    assert gateway.see(signal, seconds).message_id == linked(signal, first.message_id, seconds)
    assert not gateway.claim(signal, seconds).to_publish


def test_row_5_followed_vouches_only_for_what_began_a_window_after_the_view_was_complete() -> None:
    gateway = Gateway(followed=True)
    first = gateway.see(firing(at(600)), 1_201)
    signal = resolved(at(600))
    assert gateway.see(signal, 1_300).message_id == linked(signal, first.message_id, 1_300)


def test_row_5_not_followed_vouches_for_nothing_old() -> None:
    gateway = Gateway(since=at(-1_000_000))
    first = gateway.see(firing(), 1)
    assert gateway.see(resolved(), 600).message_id == linked(resolved(), first.message_id, 600)


def test_row_5_the_next_digest_of_an_sli_window_is_linked(gateway: Gateway) -> None:
    first = gateway.see(sli("1"), 1)
    assert gateway.see(sli("2"), 2).message_id == linked(sli("2"), first.message_id, 2)


# --- Row 6: a state claimed in the episode before, and something else since.


@pytest.mark.parametrize("began_at", [NOON, None])
@pytest.mark.parametrize("first", list(Outcome))
@pytest.mark.parametrize("second", [*Outcome, None], ids=str)
def test_row_6_firing_again_is_linked_whatever_became_of_the_records_before(
    gateway: Gateway, began_at: Instant | None, first: Outcome, second: Outcome | None
) -> None:
    gateway.see(firing(began_at), 1, first)
    between = gateway.claim(resolved(began_at), 2)
    if second:
        gateway.memory.settle(between, second)
    again = gateway.see(firing(began_at), 3)
    assert (again.to_publish, again.message_id) == (True, linked(firing(began_at), between.message_id, 3))


def test_row_6_flapping_never_gives_an_id_twice(gateway: Gateway) -> None:
    states = ["firing", "resolved"] * 20
    claims = [gateway.see(alert(state), second) for second, state in enumerate(states)]
    assert len({claim.message_id for claim in claims}) == len(states)


def test_row_6_an_earlier_digest_of_an_sli_window_is_published_again(gateway: Gateway) -> None:
    gateway.see(sli("1"), 1)
    second = gateway.see(sli("2"), 2)
    assert gateway.see(sli("1"), 3).message_id == linked(sli("1"), second.message_id, 3)


# --- Rows 7 and 8: nothing is remembered of the subject.


@pytest.mark.parametrize(
    ("signal", "seconds"),
    [
        (firing(at(0)), 0),
        (firing(at(0)), 599),
        (resolved(at(0)), 599),
        (check("healthy", at(-1_000_000)), 1),
        (check("healthy", at(1_000)), 1),
        (sli("1"), 1),
    ],
    ids=["just begun", "young", "young, resolved", "an old check", "a check of the future", "an SLI window"],
)
def test_row_7_vouched_or_seen_once_by_nature_is_unsalted(gateway: Gateway, signal: Signal, seconds: float) -> None:
    claim = gateway.claim(signal, seconds)
    assert (claim.to_publish, claim.message_id) == (True, unsalted(signal))


def test_row_7_while_followed_an_old_episode_is_unsalted() -> None:
    gateway = Gateway(followed=True)
    assert gateway.claim(firing(at(601)), 5_000).message_id == unsalted(firing(at(601)))


@pytest.mark.parametrize(
    ("signal", "seconds"),
    [(firing(at(0)), 600), (firing(at(5)), 4), (firing(None), 4), (check("healthy", None), 4)],
    ids=["a window old", "begins in the future", "no time", "a check without time"],
)
def test_row_8_not_vouched_is_salted_with_the_half_minute_of_arrival(
    gateway: Gateway, signal: Signal, seconds: float
) -> None:
    claim = gateway.claim(signal, seconds)
    assert (claim.to_publish, claim.message_id) == (True, arrived(signal, seconds))


# --- Each endpoint has a window of its own.


@pytest.mark.parametrize("window", [WINDOW, HOUR])
@pytest.mark.parametrize("began_at", [NOON, None])
def test_windows_what_comes_again_every_minute_is_one_record_a_window(
    gateway: Gateway, began_at: Instant | None, window: int
) -> None:
    """Three hours of resends, as Prometheus does them, with and without a start; each record has an id of its own."""
    claims = [gateway.see(firing(began_at), minute * 60, window=window) for minute in range(180)]
    published = [claim.message_id for claim in claims if claim.to_publish]
    assert len(set(published)) == len(published) == 3 * HOUR // window
    assert [claim.message_id for claim in claims] == [one for one in published for _ in range(180 // len(published))]


def test_windows_a_pair_that_saw_the_alert_begin_at_two_times_is_two_records_and_their_repeats_none(
    gateway: Gateway,
) -> None:
    """Two Prometheus servers, 15 s apart: each firing, each resolve once; the second one fires on until it agrees."""
    one, two = NOON, at(15)
    firings = [gateway.see(firing(start), 20 + n * 30, window=HOUR) for n, start in enumerate([one, two] * 50)]
    assert [claim.to_publish for claim in firings] == [True, True] + [False] * 98
    ends = [resolved(one), firing(two), resolved(two), *[resolved(one), resolved(two)] * 15]
    claims = [gateway.see(signal, 3_100 + n * 30, window=HOUR) for n, signal in enumerate(ends)]
    assert [claim.to_publish for claim in claims] == [True, True, True] + [False] * 30


def test_windows_the_link_of_a_refresh_counts_in_the_window_of_its_endpoint(gateway: Gateway) -> None:
    first = gateway.see(firing(), 1, window=HOUR)
    assert not gateway.claim(firing(), 3_600, HOUR).to_publish
    assert gateway.claim(firing(), 3_601, HOUR).message_id == linked(firing(), first.message_id, 3_601, HOUR)


def test_windows_two_endpoints_that_speak_of_one_subject_each_judge_by_their_own(gateway: Gateway) -> None:
    first = gateway.see(firing(), 1, window=HOUR)
    refresh = gateway.see(firing(), 601, window=WINDOW)
    assert (refresh.to_publish, refresh.message_id) == (True, linked(firing(), first.message_id, 601))
    assert gateway.claim(firing(), 4_200, HOUR).message_id == refresh.message_id
    assert gateway.claim(firing(), 4_200, WINDOW).to_publish


@pytest.mark.parametrize(("seconds", "window"), [(599, WINDOW), (3_599, HOUR)])
def test_windows_an_episode_younger_than_the_window_is_vouched_for(seconds: float, window: int) -> None:
    """So a restart costs no second id within it, and after it one."""
    assert Gateway(since=at(seconds)).claim(firing(), seconds, window).message_id == unsalted(firing())
    assert Gateway(since=at(seconds)).claim(firing(), seconds + 1, window).message_id != unsalted(firing())


def test_windows_while_followed_an_old_episode_is_vouched_for_a_window_after_the_view_was_complete() -> None:
    gateway = Gateway(followed=True)
    signal = firing(at(3_600))
    assert gateway.claim(signal, 90_000, HOUR).message_id == arrived(signal, 90_000)
    later = firing(at(3_601), "g")
    assert gateway.claim(later, 90_000, HOUR).message_id == unsalted(later)


@pytest.mark.parametrize("outcome", NOT_DURABLE)
def test_windows_what_failed_is_published_again_under_its_id_for_as_long(gateway: Gateway, outcome: Outcome) -> None:
    first = gateway.see(firing(), 1, outcome, window=HOUR)
    again = gateway.see(firing(), 3_600, window=HOUR)
    assert (again.to_publish, again.message_id) == (True, first.message_id)


# --- The numbered sequences of the design's proof, as far as one process's own memory shows them.


@pytest.mark.parametrize("began_at", [NOON, None])
@pytest.mark.parametrize("followed", [True, False])
def test_sequence_1_a_restart_after_the_window_gives_the_second_firing_a_new_id(
    began_at: Instant | None, followed: bool
) -> None:
    before = Gateway(followed=followed)
    ids = [before.see(signal(began_at), 1 + n).message_id for n, signal in enumerate((firing, resolved))]
    after = Gateway(since=at(700), followed=followed)
    assert after.see(firing(began_at), 701).message_id not in ids


@pytest.mark.parametrize("began_at", [NOON, None])
@pytest.mark.parametrize("followed", [True, False])
@pytest.mark.parametrize("pause", [0.001, 40, 700])
def test_sequence_1_an_eviction_gives_the_second_firing_a_new_id_at_once(
    began_at: Instant | None, followed: bool, pause: float
) -> None:
    gateway = Gateway(since=at(-100_000), followed=followed, max_entries=1)
    ids = [gateway.see(signal(began_at), 1 + n).message_id for n, signal in enumerate((firing, resolved))]
    gateway.see(firing(None, "another"), 2 + pause / 2)
    assert gateway.see(firing(began_at), 2 + pause).message_id not in ids


def test_sequence_2_an_earlier_start_between_two_firings_gives_five_ids(gateway: Gateway) -> None:
    early, late = at(-60), at(0)
    seen = [firing(late), resolved(late), firing(early), resolved(early), firing(late)]
    assert len({gateway.see(signal, n).message_id for n, signal in enumerate(seen)}) == 5


@pytest.mark.parametrize("again", [4, 6, 100])
def test_sequence_3_a_start_in_the_future_is_not_vouched_for_after_an_eviction(again: float) -> None:
    gateway = Gateway(max_entries=1)
    began_at = at(5)
    ids = [gateway.see(signal(began_at), 1 + n).message_id for n, signal in enumerate((firing, resolved))]
    gateway.see(firing(None, "another"), 3)
    assert gateway.see(firing(began_at), again).message_id not in ids


def test_sequence_4_a_resolve_that_failed_three_times_leaves_its_id_to_itself(gateway: Gateway) -> None:
    first = gateway.see(firing(), 1)
    failed = {gateway.see(resolved(), second, Outcome.FAILED).message_id for second in (2, 3, 4)}
    later = [gateway.see(signal, 5 + n).message_id for n, signal in enumerate((firing(), resolved(), firing()))]
    assert len(failed) == 1
    assert len({first.message_id, *failed, *later}) == 5


def test_sequence_5_a_firing_that_failed_here_keeps_its_id_from_the_next_one(gateway: Gateway) -> None:
    """The retry reaches another gateway, which gives it the same id: that one must not be used a second time."""
    failed = gateway.see(firing(), 1, Outcome.FAILED)
    retried = Gateway().see(firing(), 2)
    gateway.see(resolved(), 3)
    assert failed.message_id == retried.message_id != gateway.see(firing(), 4).message_id


def test_sequence_6_refreshes_of_gateways_that_remember_different_things_have_different_ids() -> None:
    one, two = Gateway(), Gateway()
    for gateway in (one, two):
        gateway.see(firing(None), 1)
    one.see(resolved(None), 2)
    assert one.see(firing(None), 700).message_id != two.see(firing(None), 700).message_id


def test_sequence_6_refreshes_of_gateways_that_remember_the_same_have_the_same_id() -> None:
    one, two = Gateway(), Gateway()
    for gateway in (one, two):
        gateway.see(firing(None), 1)
    assert one.see(firing(None), 700).message_id == two.see(firing(None), 710).message_id


def test_sequence_7_an_older_resolve_and_a_newer_firing_of_two_gateways_have_different_ids() -> None:
    """Which of them a consumer believes, `received_at` decides; publishing again needs the topic."""
    one, two = Gateway(), Gateway()
    first = {gateway.see(firing(), 1).message_id for gateway in (one, two)}
    spooled = one.see(resolved(), 2, Outcome.STORED)
    two.see(resolved(), 2)
    assert len({*first, spooled.message_id, two.see(firing(), 3).message_id}) == 3


def test_sequence_8_deliveries_before_the_log_was_read_are_remembered() -> None:
    gateway = Gateway(followed=False)
    gateway.see(firing(None), 1)
    gateway.see(resolved(None), 2)
    gateway.memory.followed = True
    gateway.memory.since = at(-3_600)
    assert gateway.claim(resolved(None), 3).outcome == Outcome.ACKED


# --- A claim that is to be published is settled once; nothing else ever is.


@pytest.mark.parametrize("outcome", list(Outcome))
def test_settling_a_second_time_is_an_error(gateway: Gateway, outcome: Outcome) -> None:
    claim = gateway.see(firing(), 1, outcome)
    with pytest.raises(ValueError, match="already"):
        gateway.memory.settle(claim, Outcome.ACKED)
    assert claim.outcome == outcome


def test_settling_a_duplicate_is_an_error(gateway: Gateway) -> None:
    gateway.see(firing(), 1)
    with pytest.raises(ValueError, match="repeats"):
        gateway.memory.settle(gateway.claim(firing(), 2), Outcome.ACKED)


def test_settling_a_repeat_is_an_error(gateway: Gateway) -> None:
    gateway.claim(firing(), 1)
    with pytest.raises(ValueError, match="repeats"):
        gateway.memory.settle(gateway.claim(firing(), 2), Outcome.ACKED)


def test_settling_an_attempt_that_was_replaced_does_not_settle_its_successor(gateway: Gateway) -> None:
    slow = gateway.claim(firing(), 1)
    refresh = gateway.claim(firing(), 700)
    gateway.memory.settle(slow, Outcome.ACKED)
    assert refresh.outcome is None
    assert gateway.claim(firing(), 701).attempt is refresh.attempt


def test_settling_a_claim_forgotten_meanwhile_settles_and_tells_its_twins() -> None:
    gateway = Gateway(max_entries=1)
    claim, twin = gateway.claim(firing(), 1), gateway.claim(firing(), 2)
    gateway.see(firing(fingerprint="another"), 3)
    stranger = gateway.claim(firing(), 4)
    gateway.memory.settle(claim, Outcome.UNCERTAIN)
    assert twin.outcome == Outcome.UNCERTAIN
    assert stranger.outcome is None
    assert stranger.message_id != claim.message_id


# --- What repeats a claim in flight ends as that attempt ends.


def test_a_twin_in_the_same_delivery_repeats_its_sibling(gateway: Gateway) -> None:
    first, other, twin = gateway.memory.claim([firing(), firing(fingerprint="g"), firing()], at(1), WINDOW)
    assert [claim.to_publish for claim in (first, other, twin)] == [True, True, False]
    assert twin.attempt is first.attempt
    assert [claim.signal.key.subject[-1] for claim in (first, other, twin)] == ["f", "g", "f"]


def test_a_delivery_larger_than_the_memory_still_finds_its_twins() -> None:
    gateway = Gateway(max_entries=1)
    first, _, twin = gateway.memory.claim([firing(), firing(fingerprint="g"), firing()], at(1), WINDOW)
    assert twin.attempt is first.attempt
    gateway.claim(firing(fingerprint="h"), 2)
    assert gateway.metric("dedup_entries") == 1


def test_firing_again_in_the_same_delivery_is_no_twin(gateway: Gateway) -> None:
    claims = gateway.memory.claim([firing(), resolved(), firing()], at(1), WINDOW)
    assert all(claim.to_publish for claim in claims)
    assert len({claim.message_id for claim in claims}) == 3


@pytest.mark.parametrize("outcome", list(Outcome))
async def test_twins_wait_and_inherit_the_outcome(gateway: Gateway, outcome: Outcome) -> None:
    first = gateway.claim(firing(), 1)
    twins = [asyncio.create_task(gateway.claim(firing(), n).ended()) for n in (2, 3)]
    await asyncio.sleep(0)
    gateway.memory.settle(first, outcome)
    assert await asyncio.gather(first.ended(), *twins) == [outcome] * 3


async def test_a_twin_that_comes_to_wait_after_the_outcome_learns_it(gateway: Gateway) -> None:
    first, twin = gateway.claim(firing(), 1), gateway.claim(firing(), 2)
    gateway.memory.settle(first, Outcome.STORED)
    assert await twin.ended() == Outcome.STORED


async def test_a_duplicate_need_not_wait(gateway: Gateway) -> None:
    gateway.see(firing(), 1, Outcome.STORED)
    assert await gateway.claim(firing(), 2).ended() == Outcome.STORED


async def test_a_twin_of_the_first_attempt_inherits_its_failure_not_the_second_ones_success(gateway: Gateway) -> None:
    first, twin = gateway.claim(firing(), 1), gateway.claim(firing(), 2)
    gateway.memory.settle(first, Outcome.FAILED)
    second, later = gateway.claim(firing(), 3), gateway.claim(firing(), 4)
    gateway.memory.settle(second, Outcome.ACKED)
    assert [await claim.ended() for claim in (first, twin, second, later)] == ["failed", "failed", "acked", "acked"]
    assert len({claim.message_id for claim in (first, twin, second, later)}) == 1


async def test_one_that_gives_up_waiting_leaves_the_others_waiting(gateway: Gateway) -> None:
    first = gateway.claim(firing(), 1)
    patient = asyncio.create_task(gateway.claim(firing(), 2).ended())
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(gateway.claim(firing(), 3).ended(), 0.001)
    gateway.memory.settle(first, Outcome.ACKED)
    assert await patient == Outcome.ACKED


# --- At most so many subjects, and what was forgotten is never vouched for.


def test_eviction_the_subject_observed_longest_ago_goes_and_duplicates_are_observations() -> None:
    gateway = Gateway(max_entries=2)
    gateway.see(firing(fingerprint="a"), 1)
    gateway.see(firing(fingerprint="b"), 2)
    assert not gateway.claim(firing(fingerprint="a"), 3).to_publish
    gateway.see(firing(fingerprint="c"), 4)
    assert not gateway.claim(firing(fingerprint="a"), 5).to_publish
    assert gateway.claim(firing(fingerprint="b"), 6).to_publish


def test_eviction_metrics_and_since_tell_what_was_forgotten() -> None:
    gateway = Gateway(max_entries=2)
    for second, name in enumerate("abab"):
        gateway.see(firing(fingerprint=name), second)
    assert (gateway.metric("dedup_entries"), gateway.metric("dedup_evictions_total")) == (2, 0)
    assert gateway.memory.since == at(0)
    gateway.see(firing(fingerprint="c"), 9)
    assert (gateway.metric("dedup_entries"), gateway.metric("dedup_evictions_total")) == (2, 1)
    assert gateway.memory.since == at(2)


def test_eviction_since_never_moves_back() -> None:
    gateway = Gateway(since=at(1_000), max_entries=1)
    gateway.see(firing(fingerprint="a"), 1)
    gateway.see(firing(fingerprint="b"), 2)
    assert gateway.memory.since == at(1_000)


def test_eviction_an_episode_begun_after_the_last_eviction_is_vouched_for() -> None:
    gateway = Gateway(max_entries=1)
    gateway.see(firing(), 1)
    gateway.see(firing(fingerprint="another"), 2)
    assert gateway.see(firing(at(1.5)), 3).message_id == unsalted(firing(at(1.5)))


def test_eviction_a_subject_that_stayed_is_vouched_for_as_before() -> None:
    gateway = Gateway(max_entries=2)
    gateway.see(firing(fingerprint="a"), 1)
    for second in range(2, 9):
        gateway.see(firing(fingerprint=f"b{second}"), second)
        gateway.see(firing(fingerprint="a"), second)
    signal = resolved(fingerprint="a")
    assert gateway.see(signal, 10).message_id == unsalted(signal)


# --- Of one subject five episodes are remembered, and a few dozen states.


def test_bounds_the_sixth_episode_drops_the_oldest_and_the_dropped_one_is_not_vouched_for(gateway: Gateway) -> None:
    first = [gateway.see(firing(at(n)), n) for n in range(6)]
    second = gateway.claim(firing(at(1)), 10)
    assert (second.to_publish, second.message_id) == (False, first[1].message_id)
    gateway.see(resolved(at(5)), 11)
    assert gateway.see(firing(at(0)), 12).message_id not in {claim.message_id for claim in first}


def test_bounds_order_of_sight_not_of_start_decides(gateway: Gateway) -> None:
    starts = [at(-n) for n in range(6)]
    for second, start in enumerate(starts):
        gateway.see(firing(start), 1 + second)
    assert not gateway.claim(firing(starts[-1]), 20).to_publish
    assert gateway.claim(firing(starts[0]), 20).to_publish


def test_bounds_an_episode_seen_again_is_no_longer_the_oldest(gateway: Gateway) -> None:
    for n in range(5):
        gateway.see(firing(at(n)), n)
    gateway.see(resolved(at(0)), 10)
    gateway.see(resolved(at(11)), 11)
    assert gateway.claim(resolved(at(0)), 12).outcome == Outcome.ACKED
    assert gateway.see(resolved(at(1)), 13).message_id != unsalted(resolved(at(1)))


def test_bounds_digests_without_end_do_not_fill_the_memory(gateway: Gateway) -> None:
    ids = {gateway.see(sli(str(n)), n).message_id for n in range(3 * STATES)}
    assert not gateway.claim(sli(str(3 * STATES - 1)), 3 * STATES).to_publish
    again = gateway.see(sli("0"), 3 * STATES)
    assert len(ids | {again.message_id}) == 3 * STATES + 1
    assert gateway.claim(sli("0"), 3 * STATES + 1).outcome == Outcome.ACKED
    [past] = gateway.memory._pasts.values()
    assert len(past.entries) == STATES


def test_bounds_attempts_that_ended_alike_take_the_room_of_one(gateway: Gateway) -> None:
    for name in "ab":
        gateway.see(firing(fingerprint=name), 1)
    one, other = (gateway.claim(firing(fingerprint=name), 2) for name in "ab")
    assert one.attempt is other.attempt


@pytest.mark.parametrize("part", range(5))
def test_every_part_of_a_subject_counts(gateway: Gateway, part: int) -> None:
    one = firing(None)
    subject = tuple(f"{word}!" if n == part else word for n, word in enumerate(one.key.subject))
    gateway.see(one, 1)
    other = gateway.claim(replace(one, key=replace(one.key, subject=subject)), 2)
    assert other.message_id == arrived(other.signal, 2)


# --- A clock that was set back costs a second id at worst.


@pytest.mark.parametrize("back", [1, 599, 600, 100_000, 3_000_000_000])
def test_clock_going_backwards_never_raises_and_never_gives_an_id_twice(gateway: Gateway, back: float) -> None:
    seconds = [1, 2, 2 - back, 3 - back, 4 - back, 4]
    states = ["firing", "resolved"] * 3
    ids = {gateway.see(alert(state), second).message_id for second, state in zip(seconds, states, strict=True)}
    assert len(ids) == len(states)


def test_clock_a_little_backwards_is_still_within_the_window(gateway: Gateway) -> None:
    gateway.see(firing(), 10)
    assert not gateway.claim(firing(), 9).to_publish


def test_clock_far_backwards_is_not(gateway: Gateway) -> None:
    gateway.see(firing(), 10)
    assert gateway.claim(firing(), -600).to_publish


def test_clock_set_back_between_two_states_costs_a_second_id_and_not_the_later_state(gateway: Gateway) -> None:
    """A consumer believes the F of 100 over the R of 50, so a later R is news as soon as it is later to a consumer."""
    gateway.see(firing(), 100)
    ended = gateway.see(resolved(), 50)
    assert gateway.see(resolved(), 60).message_id == ended.message_id
    news = gateway.see(resolved(), 105)
    assert (news.to_publish, news.message_id) == (True, linked(resolved(), ended.message_id, 105))
    assert not gateway.claim(resolved(), 106).to_publish


def test_clock_set_back_no_episode_repeats_what_a_consumer_does_not_believe(gateway: Gateway) -> None:
    """Row 3 as well: neither of the two firings of 50 and 51 is believed over the resolve of 100."""
    gateway.see(resolved(at(0)), 100)
    gateway.see(firing(at(0)), 50)
    gateway.see(firing(at(2)), 51)
    assert not gateway.claim(firing(at(0)), 52).to_publish
    assert gateway.see(firing(at(0)), 101).to_publish
    assert not gateway.claim(firing(at(2)), 102).to_publish


def test_clock_since_does_not_follow_the_clock_backwards() -> None:
    gateway = Gateway(max_entries=1)
    gateway.see(firing(), 100)
    gateway.see(firing(), 50)
    gateway.see(firing(fingerprint="another"), 51)
    assert gateway.memory.since == at(100)


# --- Ids of today, literally: whoever changes one makes every retry in the world a new message.


def test_golden_unsalted(gateway: Gateway) -> None:
    assert gateway.claim(firing(), 1).message_id == "d02e52fd-fab1-543b-8848-9d5e3329aadc"


def test_golden_linked(gateway: Gateway) -> None:
    gateway.see(firing(), 1)
    assert gateway.claim(firing(), 601).message_id == "389bfcaa-2178-5cf6-acb4-15abf775881f"


def test_golden_salted_with_the_arrival(gateway: Gateway) -> None:
    assert gateway.claim(firing(None), 1).message_id == "d7256f7e-92c8-5698-a94f-41adec306036"


def test_golden_salts_are_spelled_like_this() -> None:
    assert (link("id", 2), arrival(3)) == (Salt("id/2"), Salt("3"))
