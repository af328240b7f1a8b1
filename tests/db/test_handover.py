"""The two doors to grading."""

from contextlib import contextmanager
from dataclasses import fields
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from core.accounts.actors import SYSTEM, Actor
from core.audit.models import AuditEntry
from core.database import transaction
from core.errors import Forbidden, NotFound
from core.ticker import tick_once
from exam import handover, identities
from exam.schedule.models import ApprovedLeave
from exam.sittings.models import Sitting
from tests.support.sittings import make_world


@pytest.fixture
def world(app, clock):
    return make_world(app, candidates=4)


@contextmanager
def at(world):
    """A transaction of its own; never around a client's call, which needs a context of its own."""
    with world.app.app_context(), transaction("write") as session:
        yield session


def leave(world, cast, index, *, granted=True):
    with world.app.app_context(), transaction("write") as session:
        session.add(
            ApprovedLeave(
                candidate_id=world.seats[index].candidate,
                granted=granted,
                basis="住院证明",
                approved_by="干部监督处",
                approved_on=date(2026, 11, 20),
                recorded_by=cast.accounts["organizer"].id,
                recorded_at=world.row().closed_at or cast.accounts["organizer"].created_at,
            )
        )


def test_a_closed_sitting_is_handed_over_under_its_blind_number(world):
    client = world.open()
    client.save((1, "1", ["A"]), (2, "2", ["B", "A"]), (3, "1", ["C"]), (4, "3", ["true"]), (5, "3", []))
    receipt = client.submit(client.digest({"1": ["C"], "2": ["A", "B"]})).get_json()["receipt"]
    world.open(1)
    ids = [seat.sitting for seat in world.seats]
    with at(world) as reading:
        (closed,) = handover.closed_sittings(reading, [*ids, 999])
    assert closed.answers == {"1": ["C"], "2": ["A", "B"]}
    assert (closed.blind_number, closed.receipt_digest) == ("B00001", receipt["digest"])
    assert (closed.exam_id, closed.session_id, closed.paper_id) == (world.exam, world.session, world.paper)


def test_nothing_that_is_handed_over_names_anybody():
    for kind in (handover.ClosedSitting, handover.Interviewee):
        assert not {field.name for field in fields(kind)} & {"name", "admission_number", "candidate_id", "unit", "seat"}


def test_a_sitting_without_answers_is_handed_over_too(world, clock):
    world.open()
    clock.advance(hours=2)
    tick_once(world.app, clock)
    with at(world) as reading:
        (closed,) = handover.closed_sittings(reading, [world.seats[0].sitting])
    assert closed.answers == {}


def test_what_is_closed_and_not_scored_is_found(world, clock):
    for index in (0, 1):
        client = world.open(index)
        client.submit(client.digest({}))
    nothing = select(Sitting.id).where(Sitting.id == -1)
    ids = [world.seats[0].sitting, world.seats[1].sitting]
    with at(world) as reading:
        assert handover.closed_ids_without(reading, nothing) == ids
        assert handover.closed_ids_without(reading, nothing, limit=1) == ids[:1]
        assert handover.closed_ids_without(reading, select(Sitting.id).where(Sitting.id == ids[0])) == ids[1:]


def test_the_facts_of_an_exam_count_its_sittings(world):
    client = world.open()
    client.submit(client.digest({}))
    with at(world) as reading:
        facts = handover.exam_facts(reading, world.exam)
        assert handover.exams(reading) == [facts]
        with pytest.raises(NotFound):
            handover.exam_facts(reading, 999)
    assert (facts.neutral_title, facts.state) == ("素质能力测试", "published")
    (own,) = facts.sessions
    assert (own.session_id, own.paper_id, own.sittings, own.closed) == (world.session, world.paper, 4, 1)


def test_interviewees_leave_out_who_is_on_leave(world, cast):
    leave(world, cast, 1)
    leave(world, cast, 2)
    leave(world, cast, 2, granted=False)
    with at(world) as reading:
        numbers = [one.blind_number for one in handover.interviewees(reading, world.exam)]
    assert numbers == ["B00001", "B00003", "B00004"]


def test_attendance_is_told_with_its_reason(world, cast, clock, app):
    client = world.open(0)
    client.submit(client.digest({}))
    world.open(1)
    leave(world, cast, 2)
    leave(world, cast, 0)

    def attendance():
        with app.app_context(), transaction("write") as session:
            found = identities.identities_of_exam(session, SYSTEM, clock, world.exam, "测试")
            return [(one.admission_number, one.attendance, one.leave_basis) for one in found]

    assert attendance() == [
        ("20260001", "present", "住院证明"),
        ("20260002", "sitting", ""),
        ("20260003", "leave", "住院证明"),
        ("20260004", "expected", ""),
    ]
    clock.advance(hours=2)
    assert [state for _number, state, _basis in attendance()] == ["present", "present", "leave", "absent"]


def test_whoever_asks_for_identities_is_recorded_with_the_purpose(world, cast, clock, app):
    with app.app_context(), transaction("write") as session:
        found = identities.identities_of_exam(session, cast.actor("organizer"), clock, world.exam, "成绩册")
    assert (found[0].name, found[0].room, found[0].seat, found[0].session_name) == (
        "王小明",
        "第一考场",
        "01",
        "上午场",
    )
    (entry,) = [entry for entry in world.all(AuditEntry) if entry.action == "identities_read"]
    assert (entry.actor_id, entry.object_id) == (cast.accounts["organizer"].id, str(world.exam))
    assert (entry.details["purpose"], entry.details["count"]) == ("成绩册", 4)


@pytest.mark.parametrize("name", ["organizer", "decision_recorder", "decision_checker"])
def test_those_who_work_with_results_may_know(world, cast, clock, name):
    with at(world) as reading:
        assert identities.identities_of_exam(reading, cast.actor(name), clock, world.exam, "x")


@pytest.mark.parametrize("name", ["examiner", "author", "invigilator", "audit_admin", "stranger", "interview_staff"])
def test_everybody_else_may_not(world, cast, clock, name):
    with at(world) as reading, pytest.raises(Forbidden):
        identities.identities_of_exam(reading, cast.actor(name), clock, world.exam, "x")


def test_a_job_acts_with_the_roles_that_its_account_holds_now(world, cast, clock):
    job = Actor("account", cast.accounts["organizer"].id)
    with at(world) as reading:
        assert identities.identities_of_exam(reading, job, clock, world.exam, "导出")
        with pytest.raises(Forbidden):
            identities.identities_of_exam(reading, Actor("candidate", 1), clock, world.exam, "x")


def test_extra_time_postpones_absence(world, clock, app):
    world.change(3, extra_seconds=3600)
    clock.advance(hours=1)
    with app.app_context(), transaction("write") as session:
        found = identities.identities_of_exam(session, SYSTEM, clock, world.exam, "x")
        assert [one.attendance for one in found] == ["absent", "absent", "absent", "expected"]
        clock.advance(minutes=timedelta(hours=1) // timedelta(minutes=1))
        assert identities.identities_of_exam(session, SYSTEM, clock, world.exam, "x")[3].attendance == "absent"
