"""Proposals by rules, decisions by people: hand-computed composites, and who may write what after whom."""

import dataclasses
from datetime import date
from decimal import Decimal

import pytest
from sqlalchemy import select

from core.accounts.actors import SYSTEM
from core.audit.models import AuditEntry
from core.clock import clock as the_clock
from core.errors import BadInput, Conflict, NotFound
from exam.identities import identities_of_exam
from grading.interview import room
from grading.interview.service import close_panel
from grading.outcomes import queries
from grading.outcomes.decisions import Meeting, Recorded, check_decisions, record_decisions
from grading.outcomes.models import Decision, Proposal
from grading.outcomes.presets import PRESETS
from grading.outcomes.service import compute_proposals, record_previous_failures, set_rules
from grading.scoring.jobs import score_waiting
from tests.support.results import interviewed, make_world

TODAY = date(2026, 11, 23)
MEETING = Meeting("市委常委会会议", date(2026, 11, 20), "干部任用条例第十二条", "常纪〔2026〕18 号")


@pytest.fixture
def organizer(cast):
    return cast.actor("organizer")


@pytest.fixture
def world(session, cast, clock):
    made = make_world(session, cast, clock)
    session.commit()
    score_waiting(SYSTEM, the_clock)
    return made


def _compute(session, actor, world):
    identities = identities_of_exam(session, actor, world.clock, world.exam_id, "test")
    return compute_proposals(session, actor, world.clock, world.exam_id, identities)


def _proposal(session, world, number):
    return queries.current_proposals(session, world.exam_id)[world.candidates[number - 1].id]


def _line(session, world, number, kind, reason="", based_on=0):
    proposal = _proposal(session, world, number)
    return Recorded(world.candidates[number - 1].id, proposal.id, based_on, kind, reason)


def _record(session, cast, world, *lines, actor="decision_recorder"):
    return record_decisions(session, cast.actor(actor), world.clock, world.exam_id, MEETING, lines, TODAY)


@pytest.fixture
def proposed(session, organizer, clock, world):
    """The paper alone decides, at 60: 100 qualified; 55 and 0 deferred; absent deferred; leave."""
    set_rules(session, organizer, clock, world.exam_id, PRESETS["qualification"], "", 0)
    _compute(session, organizer, world)
    return world


def test_composites_are_computed_by_hand(session, clock, organizer, world):
    stage = interviewed(world)
    stage.call(4)
    room.mark_absent(session, stage.actor("timekeeper"), clock, stage.panel_id, stage.turn(4).id, "三次叫号未到")
    close_panel(session, organizer, clock, stage.panel_id)
    set_rules(session, organizer, clock, world.exam_id, PRESETS["default"], "", 0)
    _compute(session, organizer, world)
    rows = {number: _proposal(session, world, number) for number in range(1, 6)}
    # 10.00 of 10 is 100: (100 + 80.00) / 2 = 90.00; 5.50 is 55: (55 + 50.00) / 2 = 52.50; 0: (0 + 95.00) / 2 = 47.50
    assert [rows[number].composite_hundredths for number in (1, 2, 3)] == [9000, 5250, 4750]
    assert [rows[number].interview_hundredths for number in (1, 2, 3)] == [8000, 5000, 9500]
    assert [rows[number].paper_hundredths for number in (1, 2, 3)] == [1000, 550, 0]
    assert [rows[number].kind for number in range(1, 6)] == [
        "qualified", "deferral", "deferral", "deferral", "approved_leave",
    ]  # fmt: skip
    assert "52.50" in rows[2].arithmetic
    assert rows[4].composite_hundredths is None
    assert "缺考" in "".join(rows[4].reasons)
    assert "组通〔2026〕3 号" in "".join(rows[5].reasons)


def test_nothing_changed_appends_nothing(session, organizer, proposed):
    again = _compute(session, organizer, proposed)
    assert (again.run, again.changed, again.candidates) == (None, 0, 5)
    assert len(session.scalars(select(Proposal)).all()) == 5


def test_only_who_is_touched_by_a_change_gets_a_new_proposal(session, organizer, clock, proposed):
    record_previous_failures(
        session, organizer, clock, proposed.exam_id, proposed.candidates[2].id, 1, "2025 年测试成绩册"
    )
    again = _compute(session, organizer, proposed)
    assert (again.run, again.changed) == (2, 1)
    assert _proposal(session, proposed, 3).kind == "cancellation"
    assert [row.kind for row in queries.proposals_of(session, proposed.exam_id, proposed.candidates[2].id)] == [
        "cancellation",
        "deferral",
    ]


def test_a_score_that_is_not_there_is_not_guessed(session, cast, clock, organizer):
    world = make_world(session, cast, clock, code="E9")
    set_rules(session, organizer, clock, world.exam_id, PRESETS["default"], "", 0)
    _compute(session, organizer, world)
    assert [_proposal(session, world, number).kind for number in range(1, 6)] == [
        "pending", "pending", "pending", "deferral", "approved_leave",
    ]  # fmt: skip


def test_proposals_need_rules(session, organizer, world):
    with pytest.raises(Conflict, match="还没有设定结果规则"):
        _compute(session, organizer, world)


def test_a_change_of_rules_is_a_new_version_with_its_reason(session, organizer, clock, proposed):
    stricter = dataclasses.replace(PRESETS["qualification"], cut=Decimal(95))
    with pytest.raises(BadInput, match="必须写明理由"):
        set_rules(session, organizer, clock, proposed.exam_id, stricter, " ", 1)
    with pytest.raises(Conflict, match="第 1 版"):
        set_rules(session, organizer, clock, proposed.exam_id, stricter, "提高要求", 0)
    with pytest.raises(BadInput, match="相同"):
        set_rules(session, organizer, clock, proposed.exam_id, PRESETS["qualification"], "没有变化", 1)
    row = set_rules(session, organizer, clock, proposed.exam_id, stricter, "提高要求", 1)
    assert (row.version, row.reason) == (2, "提高要求")
    assert [version.version for version in queries.rule_versions(session, proposed.exam_id)] == [2, 1]
    assert _compute(session, organizer, proposed).changed == 5
    assert "合格线 95.00" in _proposal(session, proposed, 1).arithmetic


def test_rules_that_cannot_be_applied_are_refused(session, organizer, clock, world):
    broken = dataclasses.replace(PRESETS["default"], cut=Decimal(101))
    with pytest.raises(BadInput, match="合格线"):
        set_rules(session, organizer, clock, world.exam_id, broken, "", 0)


def test_a_meetings_decisions_are_recorded_together_with_one_audit_entry(session, cast, proposed):
    rows = _record(
        session, cast, proposed, _line(session, proposed, 2, "deferral"), _line(session, proposed, 4, "deferral")
    )
    assert {(row.state, row.revision, row.minutes_number) for row in rows} == {("recorded", 1, "常纪〔2026〕18 号")}
    entry = session.scalars(select(AuditEntry).where(AuditEntry.action == "decisions_recorded")).one()
    assert entry.details["count"] == 2
    assert sorted(entry.details["decisions"]) == sorted(row.id for row in rows)


def test_a_difference_from_the_proposal_needs_a_reason(session, cast, proposed):
    with pytest.raises(BadInput, match="请写明会议的理由") as told:
        _record(session, cast, proposed, _line(session, proposed, 2, "qualified"))
    assert told.value.details["candidate"] == proposed.candidates[1].id
    assert not session.scalars(select(Decision)).all()
    assert _record(session, cast, proposed, _line(session, proposed, 2, "qualified", "会议另有考虑"))


def test_one_bad_line_records_nobody(session, cast, proposed):
    with pytest.raises(BadInput):
        _record(
            session, cast, proposed, _line(session, proposed, 2, "deferral"), _line(session, proposed, 3, "nonsense")
        )
    assert not session.scalars(select(Decision)).all()


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name": " "}, "meeting"),
        ({"basis": ""}, "basis"),
        ({"minutes_number": ""}, "minutes_number"),
        ({"held_on": date(2026, 11, 24)}, "meeting_date"),
    ],
)
def test_meeting_date_basis_and_minutes_are_needed(session, cast, proposed, changes, code):
    meeting = dataclasses.replace(MEETING, **changes)
    actor = cast.actor("decision_recorder")
    with pytest.raises(BadInput) as told:
        record_decisions(
            session, actor, proposed.clock, proposed.exam_id, meeting, [_line(session, proposed, 2, "deferral")], TODAY
        )
    assert told.value.code == code


def test_a_decision_on_an_outdated_proposal_is_refused(session, cast, organizer, clock, proposed):
    line = _line(session, proposed, 3, "deferral")
    record_previous_failures(session, organizer, clock, proposed.exam_id, proposed.candidates[2].id, 1, "成绩册")
    _compute(session, organizer, proposed)
    with pytest.raises(Conflict, match="处理建议在您填写期间已更新"):
        _record(session, cast, proposed, line)


def test_the_recorder_never_checks_the_own_record(session, cast, proposed):
    (row,) = _record(session, cast, proposed, _line(session, proposed, 2, "deferral"))
    own = cast.actor("decision_recorder")
    with pytest.raises(Conflict, match="录入人不能核对"):
        check_decisions(session, own, proposed.clock, proposed.exam_id, [row.id], confirm=True, comment="")
    checker = cast.actor("decision_checker")
    assert check_decisions(session, checker, proposed.clock, proposed.exam_id, [row.id], confirm=True, comment="") == 1
    session.refresh(row)
    assert (row.state, row.checked_by) == ("checked", checker.id)


def test_a_return_needs_a_comment_and_is_mended_by_a_correction(session, cast, proposed):
    (row,) = _record(session, cast, proposed, _line(session, proposed, 2, "deferral"))
    checker, about = cast.actor("decision_checker"), (proposed.clock, proposed.exam_id, [row.id])
    with pytest.raises(BadInput, match="退回必须写明意见"):
        check_decisions(session, checker, *about, confirm=False, comment=" ")
    check_decisions(session, checker, *about, confirm=False, comment="纪要编号有误")
    with pytest.raises(Conflict, match="已被核对、退回或更正"):
        check_decisions(session, checker, *about, confirm=True, comment="")
    (second,) = _record(session, cast, proposed, _line(session, proposed, 2, "deferral", based_on=1))
    assert second.revision == 2
    assert queries.current_decisions(session, proposed.exam_id)[row.candidate_id].id == second.id
    assert [one.state for one in queries.decisions_of(session, proposed.exam_id, row.candidate_id)] == [
        "recorded",
        "returned",
    ]


def test_a_corrected_record_cannot_be_checked_any_more(session, cast, proposed):
    (first,) = _record(session, cast, proposed, _line(session, proposed, 2, "deferral"))
    (second,) = _record(session, cast, proposed, _line(session, proposed, 2, "deferral", based_on=1))
    checker = cast.actor("decision_checker")
    with pytest.raises(Conflict):
        check_decisions(session, checker, proposed.clock, proposed.exam_id, [first.id], confirm=True, comment="")
    assert queries.unchecked(session, proposed.exam_id) == [second]


def test_two_records_from_the_same_form_are_not_both_taken(session, cast, proposed):
    line = _line(session, proposed, 2, "deferral")
    _record(session, cast, proposed, line)
    with pytest.raises(Conflict, match="刚由别人录入"):
        _record(session, cast, proposed, line)


def test_another_exams_decisions_and_candidates_do_not_exist(session, cast, clock, organizer, proposed):
    other = make_world(session, cast, clock, code="E7")
    (row,) = _record(session, cast, proposed, _line(session, proposed, 2, "deferral"))
    with pytest.raises(NotFound):
        check_decisions(
            session, cast.actor("decision_checker"), clock, other.exam_id, [row.id], confirm=True, comment=""
        )
    foreign = Recorded(other.candidates[0].id, 1, 0, "qualified")
    with pytest.raises(NotFound):
        _record(session, cast, proposed, foreign)
