"""The hot path's statements keep one contract on SQLite and PostgreSQL."""

import threading
from datetime import timedelta

import pytest
from sqlalchemy import text

from core.accounts import sign_in
from core.clock import to_milliseconds
from core.database import db, transaction
from core.direct import OnPostgres, array
from exam.answers import statements
from exam.answers.models import AnswerStep, LateStep
from exam.answers.statements import Step
from exam.handover import closed_sittings
from exam.sittings import closing
from exam.sittings.models import Receipt, Sitting
from exam.sittings.rules import answers_digest
from tests.conftest import NOON
from tests.support.sittings import make_world

NOW = to_milliseconds(NOON)
DEADLINE = NOON + timedelta(hours=1)
GRACE = timedelta(seconds=10)


@pytest.fixture
def world(app, clock):
    """A world whose first sitting is open, held by the sign-in ``world.holder``."""
    made = make_world(app)
    with app.app_context(), transaction("write") as session:
        row = sign_in.begin(session, clock, "candidate", made.seats[0].candidate, address="", device="")
        made.holder = row.id
    made.change(state="open", holder=made.holder, binding=1, started_at=NOON, last_seen_at=NOON, deadline=DEADLINE)
    return made


def steps(*numbers, slot=1, response='["A"]'):
    return [Step(number, slot, response, "2026-11-23T04:00:00Z") for number in numbers]


def save(world, sent, **changes):
    values = {
        "sitting": world.seats[0].sitting,
        "candidate": world.seats[0].candidate,
        "holder": world.holder,
        "binding": 1,
        "received": NOW,
        "floor": 0,
    }
    with world.app.app_context():
        return statements.save(**(values | changes), steps=sent)


def facts(world, **changes):
    values = {"sitting": world.seats[0].sitting, "candidate": world.seats[0].candidate, "sign_in": world.holder}
    with world.app.app_context():
        return statements.facts(**(values | changes))


def test_what_passes_the_guard_is_stored_and_counted(world):
    saved = save(world, steps(1, 2, 3))
    assert (saved.stored, saved.deadline, saved.count, saved.last) == ({1, 2, 3}, to_milliseconds(DEADLINE), 3, 3)
    again = save(world, steps(3, 5), floor=3)
    assert (again.stored, again.count, again.last) == ({5}, 1, 5)
    kept = world.all(AnswerStep)
    assert [(step.binding, step.seq, step.slot, step.response) for step in kept] == [
        (1, seq, 1, '["A"]') for seq in (1, 2, 3, 5)
    ]
    assert {step.received_at for step in kept} == {NOON}
    assert kept[0].client_at == "2026-11-23T04:00:00Z"


@pytest.mark.parametrize(
    "change",
    [
        {"state": "closed"},
        {"state": "paused"},
        {"state": "admitted"},
        {"holder": "another"},
        {"holder": None},
        {"binding": 2},
        {"deadline": NOON - GRACE},
        {"deadline": None},
    ],
)
def test_nothing_is_stored_when_the_sitting_is_not_in_the_state_that_the_guard_asks_for(world, change):
    world.change(**change)
    assert save(world, steps(1)) is None
    assert world.count(AnswerStep) == 0


@pytest.mark.parametrize(
    "change", [{"candidate": 999}, {"sitting": 999}, {"holder": "another"}, {"binding": 2}, {"holder": ""}]
)
def test_nothing_is_stored_for_somebody_else(world, change):
    assert save(world, steps(1), **change) is None
    assert world.count(AnswerStep) == 0


def test_nothing_is_stored_once_the_sign_in_has_ended(world, clock):
    with world.app.app_context(), transaction("write") as session:
        sign_in.end(session, clock, world.holder, "signed_out")
    assert save(world, steps(1)) is None
    assert facts(world).signed_in in (False, 0)


@pytest.mark.parametrize(("milliseconds", "counts"), [(-1, True), (0, False)])
def test_the_guard_draws_the_line_where_timing_draws_it(world, milliseconds, counts):
    received = to_milliseconds(DEADLINE + GRACE) + milliseconds
    assert (save(world, steps(1), received=received) is not None) is counts


def test_one_number_is_stored_once_whoever_is_faster(world):
    barrier, stored = threading.Barrier(4), []

    def send(letter):
        barrier.wait()
        outcome = save(world, steps(*range(1, 21), response=f'["{letter}"]'))
        stored.append(len(outcome.stored) if outcome else 0)

    threads = [threading.Thread(target=send, args=(letter,)) for letter in "ABCD"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(stored) == world.count(AnswerStep) == 20


def test_facts_tell_what_a_refusal_needs(world):
    save(world, steps(1, 2))
    found = facts(world)
    assert (found.state, found.holder, found.binding, bool(found.signed_in)) == ("open", world.holder, 1, True)
    assert (found.steps, found.last_seq, found.paper) == (2, 2, world.paper_digest)
    assert facts(world, candidate=world.seats[1].candidate) is None
    assert not facts(world, sign_in="another").signed_in


def test_the_end_of_the_run_stops_at_the_first_gap(world):
    save(world, steps(1, 2, 4))
    with world.app.app_context():
        sitting = world.seats[0].sitting
        assert statements.end_of_run(sitting=sitting, binding=1, floor=0) == 2
        assert statements.end_of_run(sitting=sitting, binding=1, floor=2) == 2
        assert statements.end_of_run(sitting=sitting, binding=2, floor=0) == 0
        assert statements.steps_held(sitting=sitting, binding=1, seqs=[2, 3]) == {2: (1, '["A"]')}


def test_late_steps_are_kept_once_and_not_without_bound(world, monkeypatch):
    monkeypatch.setattr(statements, "MOST_LATE_STEPS", 3)
    save(world, steps(1))
    with world.app.app_context():
        for _ in range(2):
            statements.keep_late(
                sitting=world.seats[0].sitting, binding=1, steps=steps(1, 2, 3, 4, 5), code="late", received=NOW
            )
    assert [(step.seq, step.slot, step.code) for step in world.all(LateStep)] == [
        (2, "1", "late"),
        (3, "1", "late"),
        (4, "1", "late"),
    ]


def test_a_sitting_is_started_once(world):
    seat = world.seats[1]
    values = {
        "sitting": seat.sitting,
        "candidate": seat.candidate,
        "holder": world.holder,
        "now": NOW,
        "deadline": NOW + 1000,
        "commitment": "c" * 64,
        "extra": 0,
    }
    with world.app.app_context():
        assert not statements.start(**values), "the sign-in is another candidate's"
        with transaction("write") as session:
            own = sign_in.begin(session, _clock(), "candidate", seat.candidate, address="", device="").id
        assert not statements.start(**values | {"holder": own, "extra": 60}), "the extra time is not the one decided on"
        assert statements.start(**values | {"holder": own})
        assert not statements.start(**values | {"holder": own})
    row = world.row(1)
    assert (row.state, row.binding, row.holder, row.commitment_signed_at) == ("open", 1, own, NOON)


def _clock():
    from core.clock import clock

    return clock


def test_a_sign_of_life_is_written_only_when_the_last_one_is_old(world):
    sitting = world.seats[0].sitting
    with world.app.app_context():
        statements.seen(sitting=sitting, holder=world.holder, now=NOW + 5000, before=NOW)
        assert world.row().last_seen_at == NOON
        statements.seen(sitting=sitting, holder=world.holder, now=NOW + 5000, before=NOW + 1)
    assert world.row().last_seen_at == NOON + timedelta(seconds=5)


def test_a_step_saved_while_the_sitting_closes_is_counted_or_refused_and_never_lost(world, clock):
    """Many saves race with the closing; whatever a save acknowledged stands under the receipt's digest."""
    clock.stop_at(DEADLINE + GRACE)
    acknowledged, begun = [], threading.Event()

    def keep_saving():
        for number in range(1, 400):
            outcome = save(world, steps(number, slot=1 + number % 3, response=f'["{number}"]'))
            if outcome is None:
                return
            acknowledged.extend(outcome.stored)
            begun.set()

    saver = threading.Thread(target=keep_saving)
    saver.start()
    begun.wait(10)
    with world.app.app_context(), transaction("write") as session:
        assert closing.close_overdue(session, clock) == 1
    saver.join()
    assert sorted(step.seq for step in world.all(AnswerStep)) == sorted(acknowledged)
    final = {1 + number % 3: f'["{number}"]' for number in sorted(acknowledged)}
    seat = world.seats[0]
    expected = answers_digest(seat.sitting, world.paper_digest, world.row().nonce, final.items())
    assert world.all(Receipt)[0].digest == expected
    with world.app.app_context(), transaction("read") as session:
        (closed,) = closed_sittings(session, [seat.sitting])
    assert {slot: str(response).replace("'", '"') for slot, response in closed.answers.items()} == {
        str(slot): response for slot, response in final.items()
    }


def test_closing_waits_for_a_save_that_is_held_open_and_then_counts_it(postgres_app, clock):
    """PostgreSQL alone: two connections. SQLite has one writer, so that no save can be held open while another closes."""
    app = postgres_app
    made = make_world(app)
    with app.app_context(), transaction("write") as session:
        made.holder = sign_in.begin(session, clock, "candidate", made.seats[0].candidate, address="", device="").id
    made.change(state="open", holder=made.holder, binding=1, started_at=NOON, last_seen_at=NOON, deadline=DEADLINE)
    clock.stop_at(DEADLINE + GRACE)
    closed = threading.Event()

    def close():
        with app.app_context(), transaction("write") as session:
            closing.close_overdue(session, clock)
        closed.set()

    values = {
        "sitting": made.seats[0].sitting,
        "candidate": made.seats[0].candidate,
        "holder": made.holder,
        "binding": 1,
        "received": NOW,
        "floor": 0,
        "seqs": array([1]),
        "slots": array([1]),
        "responses": array(['["B"]']),
        "ats": array([""]),
    }
    with app.app_context():
        engine = db.engine
    with engine.connect() as holding:
        direct = OnPostgres(holding.connection.driver_connection)
        direct.control("BEGIN")
        assert direct.run(statements._POSTGRES_SAVE, values)
        closer = threading.Thread(target=close)
        closer.start()
        await_a_waiting_lock(engine)
        assert not closed.is_set(), "the closing must wait for the save"
        late = threading.Thread(target=lambda: outcomes.append(save(made, steps(2))))
        outcomes: list[object] = []
        direct.control("COMMIT")
        closer.join(10)
        late.start()
        late.join(10)
    assert closed.is_set()
    assert outcomes == [None], "what comes after the closing stores nothing"
    seat = made.seats[0]
    expected = answers_digest(seat.sitting, made.paper_digest, made.row().nonce, [(1, '["B"]')])
    assert [receipt.digest for receipt in made.all(Receipt)] == [expected]
    assert made.count(AnswerStep) == 1


def await_a_waiting_lock(engine):
    query = text(
        "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%UPDATE sittings%'"
    )
    for _ in range(1000):
        with engine.connect() as connection:
            if connection.execute(query).scalar():
                return
        threading.Event().wait(0.01)
    raise AssertionError("nothing waits for the held save")


def test_the_row_of_a_sitting_is_what_the_orm_reads_too(world):
    with world.app.app_context(), transaction("read") as session:
        sitting = session.get_one(Sitting, world.seats[0].sitting)
        assert (sitting.deadline, sitting.holder) == (DEADLINE, world.holder)
