"""How a seat stands: the statement that polling uses says what the rule says, on either database."""

from collections import Counter
from datetime import date, timedelta
from itertools import product

from core.clock import to_milliseconds
from core.database import transaction
from exam.invigilation import statements
from exam.invigilation.queries import post_at
from exam.invigilation.rules import Facts, Seat, seat_of, silent_minutes
from exam.schedule.models import ApprovedLeave
from exam.sittings.models import Sitting
from tests.conftest import NOON
from tests.support.sittings import make_world

ENDED = timedelta(minutes=5)  # how long ago the session ended; extra time may last longer


def seconds_ago(*moments):
    return [None if one is None else NOON - timedelta(seconds=one) for one in moments]


def cases():
    """(state, begun, deadline, last sign of life, extra seconds, leave): what a row may hold, moments of change included."""
    leaves = (None, (True,), (True, False), (False, True))
    yield from product(("registered", "admitted"), [False], [None], [None], (0, 299, 300, 301), leaves)
    seen = seconds_ago(0, 89, 89.999, 90, 119, 120, 3600)
    yield from product(("open", "paused"), [True], seconds_ago(-60, 0, 9.999, 10, 11), seen, [0], [None])
    yield from product(["closed"], (True, False), seconds_ago(60, None), seconds_ago(None, 60, 120), [0], leaves)


def test_the_statement_of_the_seats_says_what_the_rule_says(app, cast, clock):
    found = list(cases())
    world = make_world(app, candidates=len(found), starts_at=NOON - timedelta(minutes=65))
    facts, recorder = {}, cast.accounts["organizer"].id
    with app.app_context(), transaction("write") as session:
        for seat, (state, begun, deadline, seen, extra, leaves) in zip(world.seats, found, strict=True):
            row = session.get_one(Sitting, seat.sitting)
            row.state, row.deadline, row.last_seen_at, row.extra_seconds = state, deadline, seen, extra
            row.started_at = NOON - timedelta(minutes=40) if begun else None
            for granted in leaves or ():
                session.add(leave(seat.candidate, recorder, granted))
                session.flush()
            on_leave = bool(leaves and leaves[-1])
            ends_at = NOON - ENDED + timedelta(seconds=extra)
            facts[seat.sitting] = Facts(state, on_leave, begun, deadline, row.grace_seconds, seen, ends_at)
    with app.app_context(), transaction("read") as session:
        watch = post_at(session, None, world.session).watch()
        known = [(one, 0, 0) for one in sorted(facts)]
        rows = [row for row, _steps in statements.seats(watch, known, to_milliseconds(NOON))]
        counts = statements.counts(watch, to_milliseconds(NOON))
    expected = {one: seat_of(own, NOON) for one, own in facts.items()}
    assert {row.sitting_id: row.key for row in rows} == expected
    assert set(expected.values()) == set(Seat)
    silent = {row.sitting_id: row.silent_minutes for row in rows if row.key == "silent"}
    assert silent == {one: silent_minutes(facts[one], NOON) for one in silent}
    assert {key: count for _room, key, count in counts} == Counter(expected.values())


def leave(candidate, recorder, granted):
    return ApprovedLeave(
        candidate_id=candidate,
        granted=granted,
        basis="因公出差",
        approved_by="市委组织部",
        approved_on=date(2026, 11, 20),
        recorded_by=recorder,
        recorded_at=NOON,
    )
