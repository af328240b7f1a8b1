"""Closing by the clock and by the invigilator; extra time and pauses; a receipt for every close."""

from contextlib import contextmanager
from datetime import timedelta

import pytest
from sqlalchemy import event, select
from sqlalchemy.orm.attributes import set_committed_value

from core.audit.models import AuditEntry
from core.database import db, transaction
from core.errors import BadInput, Conflict
from core.signals import sittings_closed
from core.ticker import tick_once
from exam.invigilation.models import Incident, TimeChange
from exam.schedule.models import Room
from exam.sittings import closing, receipts, service
from exam.sittings.models import Receipt, Sitting
from exam.sittings.rules import answers_digest
from tests.conftest import NOON
from tests.support.sittings import make_world

END = NOON + timedelta(minutes=59)


@pytest.fixture
def world(app, clock):
    return make_world(app, candidates=4)


@pytest.fixture
def announced():
    heard = []

    def hear(_sender, session_id):
        heard.append(session_id)

    sittings_closed.connect(hear)
    yield heard
    sittings_closed.disconnect(hear)


def act(world, function, *arguments, seats=(0,)):
    """Run one of the services on the sittings of some seats, in a transaction of its own."""
    with world.app.app_context(), transaction("write") as session:
        chosen = [session.get_one(Sitting, world.seats[seat].sitting) for seat in seats]
        return function(session, chosen, *arguments)


def extend(world, cast, clock, seconds, *, seats=(0,), reason="补偿断电"):
    actor = cast.actor("invigilator")
    return act(world, lambda own, chosen: service.extend(own, actor, clock, chosen, seconds, reason), seats=seats)


def pause(world, cast, clock, *, seats=(0,)):
    actor = cast.actor("invigilator")
    return act(world, lambda own, chosen: service.pause(own, actor, clock, chosen, "停电"), seats=seats)


def resume(world, cast, clock, *, seats=(0,)):
    actor = cast.actor("invigilator")
    return act(world, lambda own, chosen: service.resume(own, actor, clock, chosen, "来电"), seats=seats)


def force(world, cast, clock, reason="考生突发疾病", seat=0):
    actor = cast.actor("invigilator")
    return act(world, lambda own, chosen: closing.force_submission(own, actor, clock, chosen[0], reason), seats=(seat,))


def test_the_ticker_closes_what_is_overdue_with_a_receipt_and_one_entry(world, clock, announced):
    first, second = world.open(0), world.open(1)
    first.save((1, "1", ["A"]), (2, "1", ["B"]), (3, "3", []))
    second.save((1, "4", ["一", ""]))
    clock.stop_at(END + timedelta(seconds=9))
    tick_once(world.app, clock)
    assert world.row(0).state == "open"
    clock.advance(seconds=1)
    tick_once(world.app, clock)
    for index, answers in ((0, [(1, '["B"]')]), (1, [(4, '["一",""]')])):
        row = world.row(index)
        assert (row.state, row.closed_by, row.closed_at) == ("closed", "clock", clock.now())
        (receipt,) = [one for one in world.all(Receipt) if one.sitting_id == row.id]
        assert receipt.digest == answers_digest(row.id, world.paper_digest, row.nonce, answers)
        assert receipt.answered == 1
    entries = [entry for entry in world.all(AuditEntry) if entry.action == "sittings_closed"]
    assert [(entry.actor_kind, entry.object_id, entry.details["count"]) for entry in entries] == [
        ("system", str(world.session), 2)
    ]
    assert announced == [world.session]
    tick_once(world.app, clock)
    assert world.count(Receipt) == 2
    assert announced == [world.session]


def test_who_never_began_is_absent_and_not_closed(world, clock):
    world.sit(0)
    clock.advance(hours=3)
    tick_once(world.app, clock)
    assert [world.row(index).state for index in (0, 1)] == ["admitted", "registered"]
    assert world.count(Receipt) == 0


def test_a_receipt_is_the_same_however_often_it_is_asked_for(world, clock):
    client = world.open()
    clock.advance(hours=2)
    tick_once(world.app, clock)
    asked = [client.submit("0" * 64).get_json()["receipt"] for _ in range(2)]
    assert asked[0] == asked[1]
    assert asked[0]["closed_by"] == "clock"
    with world.app.app_context(), transaction("read") as session:
        found = receipts.check(session, asked[0]["code"].lower().replace("-", " "))
    assert found.digest == asked[0]["digest"]


@contextmanager
def statements(app):
    """The statements that the application's database was sent meanwhile."""
    sent = []

    def note(_connection, _cursor, statement, *_others):
        sent.append(statement)

    with app.app_context():
        event.listen(db.engine, "before_cursor_execute", note)
        try:
            yield sent
        finally:
            event.remove(db.engine, "before_cursor_execute", note)


def test_many_close_in_as_many_statements_as_one(world, clock):
    for index in range(4):
        world.open(index).save((1, "1", ["A"]))
    world.change(0, deadline=clock.now() + timedelta(minutes=10))

    def statements_for(count):
        with statements(world.app) as sent, transaction("write") as own:
            assert closing.close_overdue(own, clock) == count
        return len(sent)

    clock.advance(minutes=15)
    one = statements_for(1)
    clock.advance(hours=2)
    assert statements_for(3) <= one
    assert len({receipt.code for receipt in world.all(Receipt)}) == 4


def test_many_are_forced_in_as_many_statements_as_one_each_with_its_incident(world, cast, clock):
    for index in range(4):
        world.open(index).save((1, "1", ["A"]))

    def statements_for(*seats):
        with statements(world.app) as sent, transaction("write") as own:
            chosen = own.scalars(select(Sitting).where(Sitting.id.in_([world.seats[seat].sitting for seat in seats])))
            before = len(sent)
            ids = closing.force_submissions(own, cast.actor("invigilator"), clock, chosen.all(), "停电")
            own.flush()
            assert len(ids) == len(seats)
            return len(sent) - before

    assert statements_for(1, 2, 3) <= statements_for(0)
    told = {(one.sitting_id, one.kind, one.facts, one.recorded_by, one.at) for one in world.all(Incident)}
    by = cast.accounts["invigilator"].id
    facts = "监考员强制交卷。理由：停电"
    assert told == {(seat.sitting, "forced_submission", facts, by, clock.now()) for seat in world.seats}
    (room,) = world.all(Room)
    assert {(one.session_id, one.room_id) for one in world.all(Incident)} == {(world.session, room.id)}


def test_force_closes_for_the_candidate_with_reason_incident_and_receipt(world, cast, clock, announced):
    client = world.open()
    client.save((1, "1", ["A"]))
    force(world, cast, clock)
    row = world.row()
    assert (row.state, row.closed_by, row.close_reason) == ("closed", "invigilator", "考生突发疾病")
    (incident,) = world.all(Incident)
    assert (incident.kind, incident.recorded_by) == ("forced_submission", cast.accounts["invigilator"].id)
    assert "考生突发疾病" in incident.facts
    assert world.count(Receipt) == 1
    assert announced == [world.session]
    assert client.submit("0" * 64).get_json()["receipt"]["closed_by"] == "invigilator"


@pytest.mark.parametrize("reason", ["", "   ", "长" * 501])
def test_force_needs_a_reason(world, cast, clock, reason):
    world.open()
    with pytest.raises(BadInput, match="理由"):
        force(world, cast, clock, reason)
    assert world.row().state == "open"


def test_nobody_can_be_forced_who_is_not_sitting(world, cast, clock):
    with pytest.raises(Conflict):
        force(world, cast, clock)
    client = world.open()
    client.submit(client.digest({}))
    with pytest.raises(Conflict):
        force(world, cast, clock)
    assert world.count(Incident) == 0


def test_extra_time_moves_a_running_deadline_and_waits_for_those_who_have_not_begun(world, cast, clock):
    client = world.open(0)
    assert len(extend(world, cast, clock, 300, seats=(0, 1))) == 2
    assert client.state().get_json()["deadline"] == "2026-11-23T05:04:00.000Z"
    assert world.row(1).deadline is None
    assert world.open(1).state().get_json()["deadline"] == "2026-11-23T05:04:00.000Z"
    assert [(change.kind, change.seconds, change.reason) for change in world.all(TimeChange)] == [
        ("extra", 300, "补偿断电")
    ] * 2
    clock.stop_at(END + timedelta(minutes=4))
    assert client.save((1, "1", ["A"])).status_code == 200


def test_extra_time_for_many_is_one_entry_with_count_and_digest(world, cast, clock):
    extend(world, cast, clock, 60, seats=(0, 1, 2))
    (entry,) = [entry for entry in world.all(AuditEntry) if entry.action == "time_extra"]
    assert entry.details["count"] == 3
    assert len(entry.details["digest"]) == 64


def test_extra_time_that_somebody_else_gave_meanwhile_is_not_given_again(world, cast, clock):
    extend(world, cast, clock, 300, seats=(0,))

    def give(own, chosen):
        for one in chosen:
            set_committed_value(one, "extra_seconds", 0)  # as it was when these were read
        return service.extend(own, cast.actor("invigilator"), clock, chosen, 300, "停电")

    assert act(world, give, seats=(0, 1)) == [world.seats[1].sitting]
    with pytest.raises(Conflict):
        act(world, give)
    assert [world.row(seat).extra_seconds for seat in (0, 1)] == [300, 300]


def test_no_extra_time_for_who_has_ended(world, cast, clock):
    client = world.open(0)
    client.submit(client.digest({}))
    world.open(1)
    clock.stop_at(END + timedelta(seconds=10))
    with pytest.raises(Conflict):
        extend(world, cast, clock, 60, seats=(0, 1))
    assert world.count(TimeChange) == 0


@pytest.mark.parametrize(("seconds", "reason"), [(0, "x"), (-60, "x"), (24 * 3600 + 1, "x"), (60, " ")])
def test_extra_time_is_refused_without_sense_or_reason(world, cast, clock, seconds, reason):
    with pytest.raises(BadInput):
        extend(world, cast, clock, seconds, reason=reason)


def test_a_pause_stops_the_clock_and_gives_the_time_back(world, cast, clock):
    world.open(0)
    assert pause(world, cast, clock, seats=(0, 1)) == [world.seats[0].sitting]
    with pytest.raises(Conflict):
        pause(world, cast, clock)
    clock.advance(hours=5)
    tick_once(world.app, clock)
    assert world.row().state == "paused"
    assert resume(world, cast, clock) == [world.seats[0].sitting]
    row = world.row()
    assert (row.state, row.paused_at, row.deadline) == ("open", None, END + timedelta(hours=5))
    assert [change.kind for change in world.all(TimeChange)] == ["pause", "resume"]


def test_a_paused_sitting_can_be_forced(world, cast, clock):
    world.open(0)
    pause(world, cast, clock)
    force(world, cast, clock)
    assert world.row().state == "closed"


def test_a_released_device_is_released_once(world, cast, clock):
    world.open(0)
    actor = cast.actor("invigilator")

    def release(own, chosen):
        service.release_device(own, actor, clock, chosen[0])

    act(world, release)
    assert world.row().holder is None
    with pytest.raises(Conflict):
        act(world, release)


def test_nothing_is_announced_when_the_transaction_fails(world, clock, announced):
    world.open()
    clock.advance(hours=2)

    def close_and_fail():
        with transaction("write") as session:
            closing.close_overdue(session, clock)
            raise RuntimeError

    with world.app.app_context(), pytest.raises(RuntimeError):
        close_and_fail()
    assert announced == []
    assert world.row().state == "open"
    with world.app.app_context(), transaction("read") as session:
        assert session.scalar(select(Receipt.code)) is None
