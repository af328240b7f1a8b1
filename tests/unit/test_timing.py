"""Time in a sitting."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam import timing
from exam.sittings.rules import effective_state
from exam.timing import Times

START = datetime(2026, 11, 23, 1, 0, tzinfo=UTC)
END = START + timedelta(hours=2)
FIXED = Times("fixed", START, END, 7200)
WINDOW = Times("window", START, START + timedelta(days=3), 3000)
seconds = st.integers(0, 10**6)


def after(**delta: float) -> datetime:
    return START + timedelta(**delta)


def test_in_a_fixed_session_everybody_ends_with_the_session():
    assert timing.deadline(FIXED, after(minutes=20)) == END
    assert timing.deadline(FIXED, after(minutes=20), 600) == END + timedelta(minutes=10)


def test_in_a_window_the_deadline_is_start_plus_duration_but_never_after_the_window():
    assert timing.deadline(WINDOW, after(hours=5)) == after(hours=5, seconds=3000)
    shortly_before = WINDOW.ends_at - timedelta(seconds=100)
    assert timing.deadline(WINDOW, shortly_before) == WINDOW.ends_at
    assert timing.deadline(WINDOW, shortly_before, 60) == WINDOW.ends_at + timedelta(seconds=60)


@given(seconds, seconds, seconds)
def test_no_deadline_lies_beyond_the_end_plus_the_extra_time(started, extra, duration):
    times = Times("window", START, WINDOW.ends_at, duration)
    until = timing.deadline(times, after(seconds=started), extra)
    assert until <= times.ends_at + timedelta(seconds=extra)


@pytest.mark.parametrize(("milliseconds", "counts"), [(-1, True), (0, False), (1, False)])
def test_a_step_counts_before_deadline_plus_grace_and_no_longer_at_that_very_instant(milliseconds, counts):
    received = END + timedelta(seconds=10, milliseconds=milliseconds)
    assert timing.accepts(received, END, 10) is counts


@given(st.integers(-20_000, 20_000), st.integers(0, 10))
def test_a_sitting_is_closed_at_exactly_the_instant_from_which_nothing_counts(milliseconds, grace):
    now = END + timedelta(milliseconds=milliseconds)
    assert (effective_state("open", END, grace, now) == "open") is timing.accepts(now, END, grace)


def test_a_paused_sitting_is_never_overdue():
    assert effective_state("paused", END, 10, END + timedelta(days=1)) == "paused"


def test_the_time_left_is_never_negative():
    assert timing.remaining(END + timedelta(seconds=1), END) == timedelta(0)
    assert timing.remaining(END - timedelta(seconds=1), END) == timedelta(seconds=1)


@pytest.mark.parametrize(
    ("minutes", "refusal"), [(-1, "not_open"), (0, None), (29, None), (30, "late"), (119, "late"), (120, "closed")]
)
def test_nobody_begins_before_the_start_nor_from_the_latest_start_on(minutes, refusal):
    times = Times("fixed", START, END, 7200, latest_start_seconds=1800)
    assert timing.start_refusal(times, after(minutes=minutes)) == refusal


def test_without_a_latest_start_one_may_begin_until_the_end_and_extra_time_moves_it():
    assert timing.start_refusal(FIXED, END - timedelta(seconds=1)) is None
    assert timing.start_refusal(FIXED, END) == "closed"
    assert timing.start_refusal(FIXED, END, extra_seconds=60) is None


def test_the_earliest_submission_counts_from_the_common_start_or_in_a_window_from_ones_own():
    fixed = Times("fixed", START, END, 7200, earliest_submission_seconds=1800)
    window = Times("window", START, END, 3000, earliest_submission_seconds=300)
    assert timing.earliest_submission(fixed, after(minutes=10)) == after(minutes=30)
    assert timing.earliest_submission(window, after(minutes=10)) == after(minutes=15)


def test_a_pause_moves_the_deadline_by_its_own_length():
    assert timing.after_pause(END, after(minutes=10), after(minutes=17)) == END + timedelta(minutes=7)
    assert timing.after_pause(END, after(minutes=10), after(minutes=9)) == END
