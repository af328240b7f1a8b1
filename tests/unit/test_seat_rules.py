"""How a seat looks from what is stored and what the clock says, and the figures over a room."""

from datetime import timedelta

import pytest

from exam.invigilation.rules import Facts, Seat, seat_of, silent_minutes, turnout


@pytest.fixture
def facts(clock):
    def make(**changes):
        now = clock.now()
        values = {
            "state": "open",
            "on_leave": False,
            "begun": True,
            "deadline": now + timedelta(minutes=5),
            "grace_seconds": 10,
            "last_seen_at": now,
            "ends_at": now + timedelta(minutes=5),
        }
        return Facts(**{**values, **changes})

    return make


def test_a_card_says_what_is_stored_and_what_the_clock_makes_of_it(facts, clock):
    now = clock.now()
    waiting = {"begun": False, "deadline": None}
    assert seat_of(facts(), now) is Seat.OPEN
    assert seat_of(facts(last_seen_at=now - timedelta(seconds=89)), now) is Seat.OPEN
    assert seat_of(facts(last_seen_at=now - timedelta(seconds=90)), now) is Seat.SILENT
    assert silent_minutes(facts(last_seen_at=now - timedelta(seconds=90)), now) == 1
    assert seat_of(facts(deadline=now - timedelta(seconds=10)), now) is Seat.CLOSED
    assert seat_of(facts(state="paused", last_seen_at=now - timedelta(hours=1)), now) is Seat.PAUSED
    assert seat_of(facts(state="registered", **waiting), now) is Seat.EXPECTED
    assert seat_of(facts(state="admitted", **waiting), now) is Seat.ADMITTED
    assert seat_of(facts(state="registered", on_leave=True, **waiting), now) is Seat.LEAVE
    assert seat_of(facts(state="registered", ends_at=now, **waiting), now) is Seat.MISSED
    assert seat_of(facts(state="closed", begun=False, deadline=None), now) is Seat.MISSED


def test_the_turnout_leaves_out_who_is_excused_and_rounds_half_up():
    seats = [Seat.OPEN, Seat.CLOSED, Seat.EXPECTED, Seat.LEAVE]
    assert (turnout(seats).expected, turnout(seats).came, turnout(seats).percent) == (3, 2, "66.7")
    assert turnout([Seat.OPEN] * 1 + [Seat.EXPECTED] * 15).percent == "6.3"
    assert turnout([]).percent == "—"
