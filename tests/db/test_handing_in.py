"""Handing in at once: the hot path's transaction does what the longer way does, or changes nothing."""

import threading
from datetime import timedelta

import psycopg
import pytest
from sqlalchemy import text

from core.accounts import sign_in
from core.audit.models import AuditEntry
from core.clock import to_milliseconds
from core.database import db, transaction
from exam.answers.models import AnswerStep
from exam.schedule.models import ExamSession
from exam.sittings import statements, submission
from exam.sittings.models import Receipt
from exam.sittings.rules import answers_digest
from tests.conftest import NOON
from tests.db.test_answer_statements import DEADLINE, GRACE, NOW, await_a_waiting_lock, save, steps
from tests.support.sittings import make_world

ANSWERS = {1: '["B"]', 2: '["A","C"]', 4: "[]"}


def opened(app, clock, **changes):
    """A world whose first sitting is open under the sign-in ``holder``, with answers saved."""
    world = make_world(app, **changes)
    with app.app_context(), transaction("write") as session:
        row = sign_in.begin(session, clock, "candidate", world.seats[0].candidate, address="", device="")
        world.holder = row.id
    world.change(state="open", holder=world.holder, binding=1, started_at=NOON, last_seen_at=NOON, deadline=DEADLINE)
    save(world, steps(1, slot=1, response='["A"]'))
    for number, (slot, response) in enumerate(ANSWERS.items(), 2):
        save(world, steps(number, slot=slot, response=response))
    return world


@pytest.fixture
def world(app, clock):
    return opened(app, clock)


def digest(world, answers=None):
    sitting = world.seats[0].sitting
    return answers_digest(sitting, world.paper_digest, world.row().nonce, (answers or ANSWERS).items())


def hand_in(world, **changes):
    values = {
        "sitting": world.seats[0].sitting,
        "candidate": world.seats[0].candidate,
        "holder": world.holder,
        "digest": digest(world),
        "received": NOW,
        "code": "7K2QF-9XW0D",
        "at": NOW + 5,
    } | changes
    with world.app.app_context():
        return statements.hand_in(**values)


def recorded(world):
    return [entry for entry in world.all(AuditEntry) if entry.action == "submitted"]


def assert_untouched(world):
    row = world.row()
    assert (row.closed_at, row.closed_by, row.client_digest) == (None, None, None)
    assert (world.all(Receipt), recorded(world)) == ([], [])


def test_a_sitting_closes_with_its_receipt_and_its_entry(world):
    done = hand_in(world)
    row = world.row()
    assert (done.nonce, done.answered) == (row.nonce, 2)
    assert (row.state, row.closed_at, row.closed_by, row.client_digest) == ("closed", NOON, "candidate", digest(world))
    (receipt,) = world.all(Receipt)
    assert (receipt.sitting_id, receipt.revision, receipt.code, receipt.digest, receipt.answered) == (
        *(row.id, 1, "7K2QF-9XW0D"),
        *(digest(world), 2),
    )
    assert receipt.issued_at == NOON + timedelta(milliseconds=5)
    assert len(recorded(world)) == 1


def test_both_ways_leave_the_same_behind(app, clock, monkeypatch):
    world = make_world(app)
    receipts = []
    for index in (0, 1):
        client = world.open(index)
        client.save((1, "1", ["B"]), (2, "4", ["坚持", ""]), (3, "3", ["true"]), (4, "3", []))
        receipt = client.submit(client.digest({"1": ["B"], "4": ["坚持", ""]})).get_json()["receipt"]
        assert client.submit("0" * 64).get_json()["receipt"] == receipt
        receipts.append({name: receipt[name] for name in ("received_at", "closed_by")})
        monkeypatch.setattr(submission, "submit_at_once", lambda *_arguments: None)
    assert receipts[0] == receipts[1]
    own = {"id", "candidate_id", "holder", "nonce", "client_digest"}
    assert rest_of(world.row(0), own) == rest_of(world.row(1), own)
    short, long = world.all(Receipt)
    assert rest_of(short, {"sitting_id", "code", "digest"}) == rest_of(long, {"sitting_id", "code", "digest"})
    for entry, seat, receipt in zip(recorded(world), world.seats, (short, long), strict=True):
        assert (entry.actor_kind, entry.actor_id) == ("candidate", seat.candidate)
        assert (entry.object_type, entry.object_id) == ("sitting", str(seat.sitting))
        assert (entry.at, entry.details) == (clock.now(), {"digest": receipt.digest})


def rest_of(row, left_out):
    return {column.name: getattr(row, column.name) for column in row.__table__.columns if column.name not in left_out}


@pytest.mark.parametrize(
    "change",
    [
        {"state": "paused"},
        {"state": "admitted"},
        {"holder": "another"},
        {"holder": None},
        {"deadline": NOON - GRACE},
        {"deadline": None},
    ],
)
def test_nothing_changes_when_the_sitting_is_not_in_the_state_that_the_guard_asks_for(world, change):
    world.change(**change)
    assert hand_in(world) is None
    assert_untouched(world)


@pytest.mark.parametrize(
    "change", [{"candidate": 999}, {"sitting": 999}, {"holder": "another"}, {"holder": ""}, {"digest": "0" * 64}]
)
def test_nothing_changes_for_somebody_else_or_for_other_answers(world, change):
    assert hand_in(world, **change) is None
    assert_untouched(world)
    assert world.row().state == "open"
    assert hand_in(world) is not None, "the connection serves the next one"


def test_nothing_changes_once_the_sign_in_has_ended(world, clock):
    with world.app.app_context(), transaction("write") as session:
        sign_in.end(session, clock, world.holder, "signed_out")
    assert hand_in(world) is None
    assert_untouched(world)


@pytest.mark.parametrize(("milliseconds", "counts"), [(-1, True), (0, False)])
def test_the_guard_draws_the_line_of_the_deadline_where_timing_draws_it(world, milliseconds, counts):
    received = to_milliseconds(DEADLINE + GRACE) + milliseconds
    assert (hand_in(world, received=received) is not None) is counts


@pytest.mark.parametrize(("mode", "begin"), [("fixed", NOON - timedelta(minutes=1)), ("window", NOON)])
@pytest.mark.parametrize(("milliseconds", "counts"), [(-1, False), (0, True)])
def test_the_guard_draws_the_line_of_the_earliest_hand_in_where_timing_draws_it(
    app, clock, mode, begin, milliseconds, counts
):
    world = opened(app, clock, mode=mode, earliest_submission_seconds=1800)
    assert [row.mode for row in world.all(ExamSession)] == [mode]
    received = to_milliseconds(begin + timedelta(minutes=30)) + milliseconds
    assert (hand_in(world, received=received) is not None) is counts


def test_a_code_that_is_taken_undoes_the_whole_hand_in(world, clock):
    with world.app.app_context(), transaction("write") as session:
        session.add(
            Receipt(
                sitting_id=world.seats[1].sitting,
                code="7K2QF-9XW0D",
                digest="0" * 64,
                answered=0,
                issued_at=clock.now(),
            )
        )
    with pytest.raises(Exception, match=r"(?i)unique"):
        hand_in(world)
    assert (world.row().state, recorded(world)) == ("open", [])
    assert hand_in(world, code="00000-00000") is not None, "the connection serves the next one"


def test_of_many_at_once_one_closes(world):
    barrier, done = threading.Barrier(4), []

    def go(number):
        barrier.wait()
        done.append(hand_in(world, code=f"00000-0000{number}", digest=stated))

    stated = digest(world)
    threads = [threading.Thread(target=go, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(one is not None for one in done) == 1
    assert (world.count(Receipt), len(recorded(world))) == (1, 1)


@pytest.mark.parametrize("with_the_step", [True, False])
def test_handing_in_waits_for_a_save_that_is_held_open_and_then_counts_it(postgres_app, clock, with_the_step):
    """PostgreSQL alone: a statement does not see what was committed while it waited for the row, so the next one must."""
    world = opened(postgres_app, clock)
    stated = digest(world, ANSWERS | ({3: '["true"]'} if with_the_step else {}))
    engine, done = engine_of(world), []
    handing_in = threading.Thread(target=lambda: done.append(hand_in(world, digest=stated)))
    with engine.connect() as holding:
        hold = "SELECT 1 FROM sittings WHERE id = :id FOR SHARE"
        holding.execute(text(hold), {"id": world.seats[0].sitting})
        handing_in.start()
        await_a_waiting_lock(engine)
        holding.execute(
            text(
                "INSERT INTO answer_steps (sitting_id, binding, seq, slot, response, client_at, received_at) "
                "VALUES (:id, 1, 9, 3, '[\"true\"]', '', 0)"
            ),
            {"id": world.seats[0].sitting},
        )
        holding.commit()
    handing_in.join(10)
    assert [one is not None for one in done] == [with_the_step]
    assert world.row().state == ("closed" if with_the_step else "open")
    assert world.count(AnswerStep) == 5
    assert [receipt.digest for receipt in world.all(Receipt)] == ([stated] if with_the_step else [])


def test_a_connection_that_was_cut_fails_once_and_is_replaced(postgres_app, clock):
    world = opened(postgres_app, clock)
    with world.app.app_context():
        db.get_engine("direct").dispose()
    assert hand_in(world, digest="0" * 64) is None, "the one connection has all it needs by now"
    with engine_of(world).connect() as another:
        others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()"
        another.execute(text(f"{others} AND pid <> pg_backend_pid()"))
    engine_of(world).dispose()
    with pytest.raises(psycopg.OperationalError):
        hand_in(world)
    assert_untouched(world)
    assert hand_in(world) is not None


def engine_of(world):
    with world.app.app_context():
        return db.engine
