"""What a page may tell about being left, and when that is worth a person's look."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from exam.leaving.rules import (
    LONGEST_SECONDS,
    Absence,
    Noted,
    Thresholds,
    absences,
    check_event,
    crossings,
)

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
GOOD = {"number": 1, "kind": "hidden", "at": "2026-11-23T04:00:00.000Z", "seconds": 12}
USUAL = Thresholds()


def away(*seconds):
    return [Absence(NOON + timedelta(minutes=index), one) for index, one in enumerate(seconds)]


def test_an_event_of_the_agreed_shape_is_read():
    assert check_event(GOOD) == Noted(1, "hidden", NOON, 12)
    assert check_event({"number": 2, "kind": "paste", "at": "2026-11-23T12:00:00+08:00"}) == Noted(
        2, "paste", NOON, None
    )


@pytest.mark.parametrize(
    "change",
    [
        {"number": 0},
        {"number": True},
        {"number": "1"},
        {"number": 2**31},
        {"kind": "keylogger"},
        {"kind": ["hidden"]},
        {"at": None},
        {"at": "noon"},
        {"at": "2026-11-23T04:00:00"},
        {"at": "0001-01-01T00:00:00+14:00"},
        {"at": "2" * 41},
        {"seconds": None},
        {"seconds": -1},
        {"seconds": 1.5},
        {"seconds": LONGEST_SECONDS + 1},
    ],
)
def test_an_event_of_another_shape_is_not(change):
    assert check_event({**GOOD, **change}) is None


@given(
    st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(),
        lambda inner: st.lists(inner) | st.dictionaries(st.sampled_from(list(GOOD)), inner),
    )
)
def test_whatever_is_sent_is_read_or_refused_and_never_fails(sent):
    assert check_event(sent) is None or isinstance(check_event(sent), Noted)


@given(
    st.lists(
        st.tuples(
            st.integers(-(10**6), 10**6),
            st.integers(0, LONGEST_SECONDS),
            st.integers(0, 7200),
        )
    )
)
def test_an_absence_lies_between_the_start_and_when_it_was_told(sent):
    events = [
        ("hidden", NOON + timedelta(seconds=at), seconds, NOON + timedelta(seconds=later))
        for at, seconds, later in sent
    ]
    for one in absences(events, NOON):
        assert NOON <= one.at <= NOON + timedelta(hours=2)
        assert one.seconds >= 0
        assert one.at + timedelta(seconds=one.seconds) <= NOON + timedelta(hours=2)


def test_pasting_and_leaving_full_screen_are_no_absences():
    assert absences([("paste", NOON, None, NOON), ("fullscreen", NOON, 90, NOON)], NOON) == []


@pytest.mark.parametrize(("seconds", "names"), [(30, ()), (31, ("longer-30",)), (121, ("longer-30", "longer-120"))])
def test_one_absence_is_noted_once_it_is_longer_than_a_step(seconds, names):
    found = crossings(away(seconds), [], USUAL)
    assert tuple(name for one in found for name in one.names) == names
    assert crossings(away(seconds), names, USUAL) == []


def test_the_fifth_absence_is_noted_and_too_short_ones_do_not_count():
    assert crossings(away(2, 2, 2, 2, 0, 0), [], USUAL) == []
    (found,) = crossings(away(2, 2, 2, 2, 2), [], USUAL)
    assert (found.names, found.limit, len(found.absences)) == (("times-5",), 5, 5)


def test_a_session_sets_its_own_thresholds_and_none_means_never():
    (found,) = crossings(away(11), [], Thresholds(10, 0))
    assert (found.names, found.limit) == (("longer-10",), 10)
    (found,) = crossings(away(900, 900), [], Thresholds(0, 2))
    assert (found.names, found.limit) == (("times-2",), 2)
    assert crossings(away(*[900] * 50), [], Thresholds(0, 0)) == []
    assert (USUAL.long, USUAL.many) == ((30, 120, 600), (5, 10, 20))


@given(st.lists(st.integers(0, 2000), max_size=40), st.builds(Thresholds, st.integers(0, 100), st.integers(0, 9)))
def test_however_often_one_leaves_each_step_is_noted_once(lengths, limits):
    noted, told = [], 0
    for count in range(1, len(lengths) + 1):
        for one in crossings(away(*lengths[:count]), noted, limits):
            assert not set(one.names) & set(noted)
            noted += one.names
            told += 1
    assert told <= len(limits.long) + len(limits.many)
    assert {f"longer-{step}" for step in limits.long if lengths and max(lengths) > step} <= set(noted)
