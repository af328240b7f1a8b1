"""How often candidates' pages ask: within five seconds they know, unless too many sit at once."""

from datetime import timedelta
from unittest import mock

import pytest

from exam.answers import statements
from exam.sittings.asking import MOST_A_SECOND, SELDOM, seconds_between
from tests.conftest import NOON
from tests.support.sittings import make_world


@pytest.mark.parametrize(("candidates", "seconds"), [(0, 3), (1, 3), (750, 3), (751, 4), (4000, 15), (10_000, 15)])
def test_the_more_sit_at_once_the_less_often_each_asks(candidates, seconds):
    assert seconds_between(candidates) == seconds
    if seconds < SELDOM:
        assert candidates <= seconds * MOST_A_SECOND


def told(client):
    page = client.get(f"/sittings/{client.seat.sitting}").get_data(as_text=True)
    return page.split('data-poll-seconds="')[1].split('"')[0]


def test_the_page_is_told_and_the_crowd_is_counted_once_a_minute(app, clock):
    client = make_world(app).open()
    assert told(client) == "3"
    with mock.patch.object(statements, "sitting_now", return_value=2001) as counted:
        clock.advance(seconds=59)
        assert told(client) == "3"
        assert not counted.called
        clock.advance(seconds=1)
        assert (told(client), told(client)) == ("9", "9")
        assert counted.call_count == 1


@pytest.mark.parametrize(
    ("changes", "before", "opened"),
    [
        ({}, 3, 3),
        ({"mode": "window"}, 0, 1),
        ({"starts_at": NOON + timedelta(minutes=5)}, 0, None),
        ({"starts_at": NOON - timedelta(minutes=60)}, 0, None),
    ],
    ids=["a fixed session under way", "a window: who has begun", "ahead", "over"],
)
def test_those_are_counted_who_sit_now_or_will_in_a_moment(app, clock, changes, before, opened):
    world = make_world(app, candidates=3, **changes)
    with app.app_context():
        assert statements.sitting_now(1000 * int(NOON.timestamp())) == before
    if opened is not None:
        world.open()
        with app.app_context():
            assert statements.sitting_now(1000 * int(NOON.timestamp())) == opened
