"""Planning and publishing exams, and their candidates, on both databases."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from flask import current_app
from sqlalchemy import func, select

from core.accounts import sign_in
from core.accounts.models import SignIn
from core.audit.models import AuditEntry
from core.errors import BadInput, Conflict, NotFound
from exam.candidates import queries as candidate_queries
from exam.candidates import service as candidates
from exam.candidates.roster import Entry, Roster
from exam.schedule import queries, service
from exam.schedule.models import Candidate, Exam, Room
from exam.schedule.rules import Mode, Phase, TimeFault, phase, time_faults
from exam.sittings.models import Sitting
from tests.support.exams import (
    SHANGHAI,
    make_candidates,
    make_exam,
    make_paper,
    make_published_exam,
    make_session,
    times,
)


@pytest.fixture
def organizer(cast):
    return cast.actor("organizer")


def codes(session, exam, clock):
    return [gap.code for gap in queries.gaps(session, exam, clock.now())]


def actions(session):
    session.flush()
    return session.scalars(select(AuditEntry.action)).all()


def test_a_new_exam_tells_what_is_missing_until_nothing_is(session, clock, organizer):
    exam = service.create_exam(
        session,
        organizer,
        clock,
        service.ExamData("KS-1", "测试", "素质能力测试", "ability_test"),
        notice="【请填写单位】和【请填写电话】",
        commitment="",
    )
    assert codes(session, exam, clock) == ["no_session", "unfilled_notice", "no_commitment"]
    service.change_texts(session, organizer, clock, exam, notice="告知", commitment="承诺")
    row = make_session(session, organizer, clock, exam)
    assert codes(session, exam, clock) == ["no_candidates", "no_paper"]
    make_candidates(session, clock, exam, row, room="")
    assert codes(session, exam, clock) == ["no_paper", "no_room"]
    paper = make_paper(session, clock=clock)
    service.change_session(
        session, organizer, clock, exam, row, service.SessionData("上午场", times(row.starts_at), False, paper.id)
    )
    assert codes(session, exam, clock) == []


def test_an_unwatched_room_is_said_and_does_not_forbid(session, clock, organizer):
    exam, row, _ = make_published_exam(session, organizer, clock)
    (gap,) = queries.gaps(session, exam, clock.now())
    assert (gap.code, gap.blocking, gap.session_id) == ("no_invigilator", False, row.id)


def test_publishing_creates_one_registered_sitting_for_every_candidate(session, clock, organizer):
    exam, row, people = make_published_exam(session, organizer, clock, count=5)
    sittings = session.scalars(select(Sitting)).all()
    assert {sitting.candidate_id for sitting in sittings} == {person.id for person in people}
    assert {sitting.state for sitting in sittings} == {"registered"}
    assert {sitting.paper_id for sitting in sittings} == {row.paper_id}
    assert {len(sitting.nonce) for sitting in sittings} == {32}
    assert len({sitting.nonce for sitting in sittings}) == 5
    assert exam.state == "published"
    assert actions(session).count("exam_published") == 1


def test_an_exam_with_a_gap_is_not_published(session, clock, organizer):
    exam = make_exam(session, organizer, clock)
    make_session(session, organizer, clock, exam)
    with pytest.raises(Conflict, match=r"还没有选定试卷.*再发布"):
        service.publish(session, organizer, clock, exam)
    assert session.scalar(select(func.count()).select_from(Sitting)) == 0


def test_an_exam_whose_start_has_passed_is_not_published(session, clock, organizer):
    exam = make_exam(session, organizer, clock)
    row = make_session(session, organizer, clock, exam, paper_id=make_paper(session, clock=clock).id)
    make_candidates(session, clock, exam, row)
    clock.advance(hours=2)
    with pytest.raises(Conflict, match="开始时间已经过去"):
        service.publish(session, organizer, clock, exam)


def test_publishing_twice_is_refused(session, clock, organizer):
    exam, _, _ = make_published_exam(session, organizer, clock)
    with pytest.raises(Conflict, match="已经发布过"):
        service.publish(session, organizer, clock, exam)
    assert session.scalar(select(func.count()).select_from(Sitting)) == 3


def test_a_candidate_added_after_publication_gets_a_sitting_too(session, clock, organizer):
    exam, row, _ = make_published_exam(session, organizer, clock)
    entry = Entry(row=0, name="钱进", number="LATE1", session_id=row.id, extra_seconds=600)
    vault = current_app.extensions["vault"]
    late = candidates.add_candidate(session, organizer, clock, exam, entry, vault=vault, zone=SHANGHAI)
    sitting = candidate_queries.sitting_of(session, late.id)
    assert (sitting.state, sitting.extra_seconds, sitting.paper_id) == ("registered", 600, row.paper_id)
    clock.advance(hours=4)
    with pytest.raises(Conflict, match="已经结束"):
        candidates.add_candidate(
            session, organizer, clock, exam, replace(entry, number="LATE2"), vault=vault, zone=SHANGHAI
        )


def test_times_change_until_the_start_and_not_after(session, clock, organizer):
    exam, row, _ = make_published_exam(session, organizer, clock)
    other = make_paper(session, "P-2", clock=clock)
    later = service.SessionData("上午场", times(row.starts_at + timedelta(hours=1), grace_seconds=20), True, other.id)
    service.change_session(session, organizer, clock, exam, row, later)
    sitting = session.scalars(select(Sitting)).first()
    session.refresh(sitting)
    assert (sitting.paper_id, sitting.grace_seconds) == (other.id, 20)
    entry = session.scalar(select(AuditEntry).where(AuditEntry.action == "exam_session_changed"))
    assert entry.details["before"]["starts_at"] < entry.details["after"]["starts_at"]
    clock.advance(hours=3)
    again = service.SessionData("上午场", times(clock.now() + timedelta(hours=1)), True, other.id)
    with pytest.raises(Conflict, match="已经开始"):
        service.change_session(session, organizer, clock, exam, row, again)


def test_a_published_session_is_not_moved_into_the_past_and_keeps_a_paper(session, clock, organizer):
    exam, row, _ = make_published_exam(session, organizer, clock)
    past = service.SessionData("上午场", times(clock.now() - timedelta(minutes=1)), True, row.paper_id)
    with pytest.raises(BadInput, match="将来的时间"):
        service.change_session(session, organizer, clock, exam, row, past)
    bare = service.SessionData("上午场", times(row.starts_at), True, None)
    with pytest.raises(Conflict, match="必须有试卷"):
        service.change_session(session, organizer, clock, exam, row, bare)


def test_a_demonstration_paper_is_for_a_demonstration_alone(session, clock, organizer):
    paper = make_paper(session, "D-1", demonstration=True, clock=clock)
    real = make_exam(session, organizer, clock)
    with pytest.raises(Conflict, match="只能用于标记为演示的考试"):
        make_session(session, organizer, clock, real, paper_id=paper.id)
    assert queries.papers_for(session, real) == []
    shown = make_exam(session, organizer, clock, code="KS-2", demonstration=True)
    make_session(session, organizer, clock, shown, paper_id=paper.id)
    with pytest.raises(Conflict, match="不能取消演示标记"):
        service.change_exam(
            session, organizer, clock, shown, service.ExamData("KS-2", "x", "素质能力测试", "ability_test")
        )


def test_codes_and_names_are_not_used_twice(session, clock, organizer):
    exam = make_exam(session, organizer, clock)
    with pytest.raises(Conflict, match="已被另一场考试使用"):
        make_exam(session, organizer, clock)
    row = make_session(session, organizer, clock, exam)
    with pytest.raises(Conflict, match="已有名为“上午场”的场次"):
        make_session(session, organizer, clock, exam)
    service.add_room(session, organizer, clock, row, "101")
    with pytest.raises(Conflict, match="已有名为“101”的考场"):
        service.add_room(session, organizer, clock, row, "101")


def test_only_empty_sessions_and_rooms_are_removed(session, clock, organizer):
    exam = make_exam(session, organizer, clock)
    row = make_session(session, organizer, clock, exam)
    spare = make_session(session, organizer, clock, exam, name="下午场")
    service.add_room(session, organizer, clock, spare, "101")
    make_candidates(session, clock, exam, row)
    room = session.scalars(select(Room).where(Room.session_id == row.id)).one()
    with pytest.raises(Conflict, match="里还有考生"):
        service.remove_room(session, organizer, clock, room)
    with pytest.raises(Conflict, match="里还有考生"):
        service.remove_session(session, organizer, clock, exam, row)
    service.remove_session(session, organizer, clock, exam, spare)
    assert [one.id for one in queries.sessions_of(session, exam.id)] == [row.id]


def test_a_room_takes_invigilators_only(session, clock, cast, organizer):
    exam = make_exam(session, organizer, clock)
    room = service.add_room(session, organizer, clock, make_session(session, organizer, clock, exam), "101")
    watcher, other = cast.accounts["invigilator"].id, cast.accounts["second_invigilator"].id
    service.change_room(session, organizer, clock, room, name="102", invigilators=[watcher, other])
    service.change_room(session, organizer, clock, room, name="102", invigilators=[other])
    assert [account.id for account in queries.invigilators_of_exam(session, exam.id)[room.id]] == [other]
    with pytest.raises(BadInput, match="不是在用的监考员账号"):
        service.change_room(session, organizer, clock, room, name="102", invigilators=[cast.accounts["examiner"].id])


def test_signed_texts_cannot_be_changed(session, clock, organizer):
    exam, _, people = make_published_exam(session, organizer, clock)
    candidate_queries.sitting_of(session, people[0].id).commitment_signed_at = clock.now()
    session.flush()
    with pytest.raises(Conflict, match="已有考生签署"):
        service.change_texts(session, organizer, clock, exam, notice="新", commitment="新")


def test_an_archived_exam_is_closed_to_every_change(session, clock, organizer):
    exam, _row, people = make_published_exam(session, organizer, clock)
    with pytest.raises(Conflict, match="还有场次没有结束"):
        service.archive(session, organizer, clock, exam)
    clock.advance(hours=4)
    service.archive(session, organizer, clock, exam)
    assert exam.state == "archived"
    with pytest.raises(Conflict, match="已归档"):
        service.change_texts(session, organizer, clock, exam, notice="x", commitment="y")
    with pytest.raises(Conflict, match="已归档"):
        candidates.reissue_ticket(session, organizer, clock, exam, people[0])
    with pytest.raises(Conflict, match="已发布的考试才能归档"):
        service.archive(session, organizer, clock, exam)


def test_objects_of_another_exam_are_not_found(session, clock, organizer):
    _exam, row, people = make_published_exam(session, organizer, clock)
    other = make_exam(session, organizer, clock, code="KS-2")
    with pytest.raises(NotFound):
        queries.session_of(session, other.id, row.id)
    with pytest.raises(NotFound):
        candidate_queries.candidate_of(session, other.id, people[0].id)
    with pytest.raises(NotFound):
        queries.exam_of(session, 999)


@pytest.mark.parametrize(
    ("changes", "fault"),
    [
        ({"ends_at": timedelta(minutes=-5)}, TimeFault.ENDS_BEFORE_START),
        ({"admission_opens_at": timedelta(minutes=5)}, TimeFault.ADMISSION_AFTER_START),
        ({"duration_seconds": 0}, TimeFault.NO_DURATION),
        ({"duration_seconds": 13 * 3600, "ends_at": timedelta(hours=20)}, TimeFault.TOO_LONG),
        ({"mode": Mode.WINDOW, "duration_seconds": 7200}, TimeFault.LONGER_THAN_WINDOW),
        ({"latest_start_seconds": 3601}, TimeFault.LATE_ENTRY_AFTER_END),
        ({"earliest_submission_seconds": 3601}, TimeFault.SUBMISSION_AFTER_END),
    ],
)
def test_times_that_make_no_sense_are_named(clock, changes, fault):
    start = clock.now()
    moved = {name: start + value if isinstance(value, timedelta) else value for name, value in changes.items()}
    assert time_faults(times(start, **moved)) == [fault]
    assert time_faults(times(start)) == []


def test_the_phases_of_a_session_meet_without_a_gap(clock):
    one = times(clock.now())
    around = [timedelta(minutes=-31), timedelta(minutes=-30), timedelta(0), timedelta(minutes=60)]
    found = [phase(one.admission_opens_at, one.starts_at, one.ends_at, clock.now() + shift) for shift in around]
    assert found == [Phase.AHEAD, Phase.ADMITTING, Phase.RUNNING, Phase.OVER]


def roster_of(row, *numbers):
    entries = [
        Entry(row=at, name=f"考生{at}", number=number, session_id=row.id) for at, number in enumerate(numbers, 2)
    ]
    return Roster(len(entries), tuple(entries), ())


def import_it(session, actor, clock, exam, roster):
    vault = current_app.extensions["vault"]
    return candidates.import_roster(
        session, actor, clock, exam, roster, vault=vault, zone=SHANGHAI, source_digest="f" * 64
    )


def test_generated_numbers_go_on_after_the_highest_and_skip_nobody(session, clock, organizer):
    exam = make_exam(session, organizer, clock)
    row = make_session(session, organizer, clock, exam)
    import_it(session, organizer, clock, exam, roster_of(row, "", "OWN-1", ""))
    import_it(session, organizer, clock, exam, roster_of(row, ""))
    prefix = f"261123{exam.id % 100:02d}"
    numbers = session.scalars(select(Candidate.admission_number).order_by(Candidate.id)).all()
    assert numbers == [f"{prefix}0001", "OWN-1", f"{prefix}0002", f"{prefix}0003"]
    assert len(set(session.scalars(select(Candidate.blind_number)))) == 4


def test_an_import_is_one_audit_entry_with_count_and_digest(session, clock, organizer):
    exam = make_exam(session, organizer, clock)
    row = make_session(session, organizer, clock, exam)
    import_it(session, organizer, clock, exam, roster_of(row, "A001", "A002"))
    session.flush()
    entry = session.scalar(select(AuditEntry).where(AuditEntry.action == "roster_imported"))
    assert entry.details["count"] == 2
    assert len(entry.details["candidates"]) == 64


def test_a_number_written_meanwhile_by_somebody_else_writes_nothing(session, clock, organizer):
    exam = make_exam(session, organizer, clock)
    row = make_session(session, organizer, clock, exam)
    import_it(session, organizer, clock, exam, roster_of(row, "A001"))
    session.commit()
    with pytest.raises(Conflict, match="刚刚有人"):
        import_it(session, organizer, clock, exam, roster_of(row, "A002", "A001"))
    session.rollback()
    assert session.scalars(select(Candidate.admission_number)).all() == ["A001"]


def test_identity_numbers_are_sealed_and_shown_masked(session, clock, organizer):
    exam = make_exam(session, organizer, clock)
    row = make_session(session, organizer, clock, exam)
    entry = Entry(row=0, name="王建国", number="A001", identity="11010519491231002X", session_id=row.id)
    vault = current_app.extensions["vault"]
    person = candidates.add_candidate(session, organizer, clock, exam, entry, vault=vault, zone=SHANGHAI)
    assert person.identity_masked == "110105********002X"
    assert "1949" not in person.identity_sealed
    assert vault.open(person.identity_sealed) == "11010519491231002X"
    found = candidate_queries.known(session, exam, vault, date(2026, 11, 23))
    assert found.identities == frozenset({"11010519491231002X"})


def test_an_import_can_be_undone_while_the_exam_is_planned(session, clock, organizer):
    exam = make_exam(session, organizer, clock)
    row = make_session(session, organizer, clock, exam)
    import_it(session, organizer, clock, exam, roster_of(row, "A001"))
    clock.advance(seconds=5)
    import_it(session, organizer, clock, exam, roster_of(row, "B001", "B002"))
    assert candidates.undo_import(session, organizer, clock, exam, clock.now()) == 2
    assert session.scalars(select(Candidate.admission_number)).all() == ["A001"]


def test_nobody_leaves_the_roster_of_a_published_exam(session, clock, organizer):
    exam, _, people = make_published_exam(session, organizer, clock)
    with pytest.raises(Conflict, match="不能移出名单"):
        candidates.remove_candidate(session, organizer, clock, exam, people[0])
    with pytest.raises(Conflict, match="不能移出名单"):
        candidates.undo_import(session, organizer, clock, exam, people[0].created_at)


def test_moving_somebody_to_another_session_moves_the_sitting(session, clock, organizer):
    paper, other_paper = (make_paper(session, code, clock=clock) for code in ("P-1", "P-2"))
    exam = make_exam(session, organizer, clock)
    morning = make_session(session, organizer, clock, exam, paper_id=paper.id)
    noon = make_session(
        session, organizer, clock, exam, paper_id=other_paper.id, name="下午场", starts_in=timedelta(hours=5)
    )
    people = make_candidates(session, clock, exam, morning)
    room = service.add_room(session, organizer, clock, noon, "201")
    data = candidates.CandidateData(people[0].name, "市审计局", "", noon.id, room.id, "9", 300)
    candidates.change_candidate(session, organizer, clock, exam, people[2], replace(data, seat="8"))
    service.publish(session, organizer, clock, exam)
    candidates.change_candidate(session, organizer, clock, exam, people[0], data)
    sitting = candidate_queries.sitting_of(session, people[0].id)
    session.refresh(sitting)
    assert (sitting.session_id, sitting.paper_id, sitting.extra_seconds) == (noon.id, other_paper.id, 300)
    with pytest.raises(Conflict, match="座位 9 已安排"):
        candidates.change_candidate(session, organizer, clock, exam, people[2], data)
    with pytest.raises(NotFound):
        candidates.change_candidate(session, organizer, clock, exam, people[1], replace(data, session_id=morning.id))


def test_leave_is_appended_and_withdrawn_by_a_later_record(session, clock, organizer):
    exam, _, people = make_published_exam(session, organizer, clock)
    words = {"basis": "因公出差，有通知", "approved_by": "张部长", "approved_on": date(2026, 11, 20)}
    candidates.grant_leave(session, organizer, clock, exam, people[0], **words)
    assert queries.leave_count(session, exam.id) == 1
    with pytest.raises(Conflict, match="没有重复登记"):
        candidates.grant_leave(session, organizer, clock, exam, people[0], **words)
    candidates.withdraw_leave(session, organizer, clock, exam, people[0], **words)
    assert queries.leave_count(session, exam.id) == 0
    assert len(candidate_queries.leaves_of(session, people[0].id)) == 2
    with pytest.raises(Conflict, match="没有可撤回"):
        candidates.withdraw_leave(session, organizer, clock, exam, people[0], **words)


def test_who_has_sat_cannot_be_excused(session, clock, organizer):
    exam, _, people = make_published_exam(session, organizer, clock)
    candidate_queries.sitting_of(session, people[0].id).started_at = clock.now()
    session.flush()
    with pytest.raises(Conflict, match="已经参加考试"):
        candidates.grant_leave(
            session, organizer, clock, exam, people[0], basis="x", approved_by="y", approved_on=date(2026, 11, 20)
        )


def test_a_reissued_ticket_ends_the_sign_ins_made_with_the_old_one(session, clock, organizer):
    exam, _, people = make_published_exam(session, organizer, clock)
    row = sign_in.begin(session, clock, "candidate", people[0].id, address="", device="")
    assert candidates.reissue_ticket(session, organizer, clock, exam, people[0]) == 2
    assert session.get_one(SignIn, row.id, populate_existing=True).end_reason == "ticket_reissued"
    assert session.get_one(Candidate, people[0].id).ticket_issue == 2


def test_lists_are_searched_narrowed_and_sorted(session, clock, organizer):
    exam, row, people = make_published_exam(session, organizer, clock, count=4)
    people[2].unit, people[3].room_id = "市审计局", None
    session.flush()

    def found(**filters):
        statement = candidate_queries.candidates(exam.id, candidate_queries.Filters(**filters))
        return [person.admission_number[-1] for person in session.scalars(statement)]

    assert found() == ["1", "2", "3", "4"]
    assert found(sort="-number") == ["4", "3", "2", "1"]
    assert found(search="李秀英") == ["2"]
    assert found(search="%") == []
    assert found(unit="市审计局") == ["3"]
    assert found(room="none") == ["4"]
    assert found(session_id=row.id + 1) == []
    assert session.scalars(queries.exams(search="KS-1", state="published")).one() is exam
    assert session.scalars(queries.exams(kind="practice")).all() == []
    assert session.scalars(select(Exam.state)).one() == "published"
