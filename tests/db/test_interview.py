"""Interview panels on both databases: setting up, drawing, scoring once, one result, recusal, signatures."""

import threading

import pytest
from sqlalchemy import func, select

from core.audit.models import AuditEntry
from core.clock import clock as the_clock
from core.database import commit, transaction
from core.errors import BadInput, Conflict, Forbidden
from grading.interview import recusals, room, service, sheets
from grading.interview.chain import CHAIN
from grading.interview.desk import desk
from grading.interview.drafts import ElementDraft
from grading.interview.drawing import draw_order
from grading.interview.models import InterviewResult, InterviewTurn, PanelDraw, ScoreSheet
from grading.interview.queries import confirmed_results, current_turn, interview_required, panel_sheets, turns_of
from grading.interview.readiness import missing, pool, unassigned
from grading.interview.rules import PanelRule
from tests.support.interview import (
    Stage,
    add_staff,
    assignments,
    blind_numbers,
    draft,
    make_exam,
    make_panel,
    same_marks,
)

SEVEN = ("9", "8", "7", "8", "9", "6", "8")


@pytest.fixture
def stage(session, clock, cast):
    return make_panel(session, clock, cast)


def save_all(stage: Stage, number: int, marks=SEVEN) -> None:
    for seat, mark in enumerate(marks, 1):
        stage.save(seat, number, same_marks(mark))


def actions(session, action: str) -> list[AuditEntry]:
    session.flush()
    return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action)))


# Setting up


def test_weights_that_do_not_add_up_to_a_hundred_are_refused(session, clock, cast):
    exam = make_exam(session, clock)
    elements = (ElementDraft("甲", "40", "10"), ElementDraft("乙", "20", "10"))
    with pytest.raises(BadInput, match="权重合计 60，应为 100"):
        service.create_panel(session, cast.actor("organizer"), clock, exam.id, draft(elements=elements))


def test_a_panel_of_four_is_refused_when_extremes_go(session, clock, cast):
    exam = make_exam(session, clock)
    with pytest.raises(BadInput, match="至少要 5 名考官"):
        service.create_panel(session, cast.actor("organizer"), clock, exam.id, draft(seats=4))


def test_a_person_sits_once_on_a_panel(session, clock, cast):
    stage = make_panel(session, clock, cast, start=False)
    places = assignments(cast)
    twice = [*places[:-1], service.Assignment("supervisor", 0, places[0].account_id)]
    with pytest.raises(BadInput, match="同一个人被安排在考官1、监督员"):
        service.assign_members(session, cast.actor("organizer"), clock, stage.panel_id, twice)


def test_whoever_lacks_the_role_takes_no_place(session, clock, cast):
    stage = make_panel(session, clock, cast, start=False)
    places = [service.Assignment("examiner", 2, cast.accounts["stranger"].id)]
    with pytest.raises(BadInput, match="考官2所选的账号没有相应角色"):
        service.assign_members(session, cast.actor("organizer"), clock, stage.panel_id, places)


def test_a_panel_says_what_is_missing_and_does_not_begin(session, clock, cast):
    add_staff(session, clock, cast)
    organizer = cast.actor("organizer")
    exam = make_exam(session, clock)
    panel = service.create_panel(session, organizer, clock, exam.id, draft())
    some = [one for one in assignments(cast) if one.seat not in (3, 5) and one.position != "supervisor"]
    service.assign_members(session, organizer, clock, panel.id, some)
    texts = [gap.text for gap in missing(session, panel)]
    assert texts == ["缺 2 名考官（3、5 号席位）", "缺监督员", "还没有抽签"]
    with pytest.raises(Conflict, match="缺监督员；还没有抽签"):
        service.start_panel(session, organizer, clock, panel.id)


def test_what_is_set_stands_fast_once_the_panel_runs(stage, clock, cast):
    organizer = cast.actor("organizer")
    for act in (
        lambda: service.edit_panel(stage.session, organizer, clock, stage.panel_id, draft(minutes=20)),
        lambda: service.assign_members(stage.session, organizer, clock, stage.panel_id, []),
        lambda: service.draw_by_seed(stage.session, organizer, clock, stage.panel_id, blind_numbers(3), "再抽"),
    ):
        with pytest.raises(Conflict, match="现在是“进行中”"):
            act()


# The draw


def test_a_draw_by_seed_can_be_replayed(session, clock, cast):
    stage = make_panel(session, clock, cast, candidates=12, start=False)
    service.draw_by_seed(session, cast.actor("organizer"), clock, stage.panel_id, blind_numbers(12), "签号登记有误")
    drawn = session.scalar(select(PanelDraw).where(PanelDraw.number == 2))
    order = [turn.blind_number for turn in turns_of(session, stage.panel_id)]
    assert order == draw_order(drawn.seed, blind_numbers(12))
    assert [turn.draw_number for turn in turns_of(session, stage.panel_id)] == list(range(1, 13))
    assert drawn.order == [[place, blind] for place, blind in enumerate(order, 1)]


def test_a_repeated_draw_needs_a_reason_and_keeps_the_first(session, clock, cast):
    stage = make_panel(session, clock, cast, start=False)
    with pytest.raises(BadInput, match="重新抽签要写明理由"):
        service.draw_by_seed(session, cast.actor("organizer"), clock, stage.panel_id, blind_numbers(3))
    assert session.scalar(select(func.count()).select_from(PanelDraw)) == 1


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [((1, 1, 2), "抽签号 1 填了两次"), ((1, 2, 4), "缺少 3 号"), ((), "没有填写任何抽签号")],
)
def test_lots_that_are_no_draw_are_refused(session, clock, cast, numbers, sentence):
    stage = make_panel(session, clock, cast, start=False)
    drawn = dict(zip(blind_numbers(3), numbers, strict=False))
    with pytest.raises(BadInput, match=sentence):
        service.draw_by_hand(session, cast.actor("organizer"), clock, stage.panel_id, drawn, "更正")


def test_a_candidate_stands_before_one_panel_only(stage, clock, cast):
    organizer = cast.actor("organizer")
    other = service.create_panel(stage.session, organizer, clock, stage.panel.exam_id, draft(name="第二考官组"))
    assert pool(stage.session, other) == set()
    with pytest.raises(BadInput, match="已分到其他考官组"):
        service.draw_by_seed(stage.session, organizer, clock, other.id, ["A1-001"])


def test_somebody_of_another_exam_cannot_be_drawn(stage, clock, cast):
    make_exam(stage.session, clock, 1, code="B2")
    organizer = cast.actor("organizer")
    other = service.create_panel(stage.session, organizer, clock, stage.panel.exam_id, draft(name="第二考官组"))
    with pytest.raises(BadInput, match="1 名考生不在可抽签的范围内"):
        service.draw_by_seed(stage.session, organizer, clock, other.id, ["B2-001"])


# The room


def test_the_next_is_called_only_when_all_have_saved_and_the_supervisor_has_confirmed(stage):
    stage.call(1)
    for seat in (1, 2, 4, 6, 7):
        stage.save(seat, 1, same_marks("8"))
    with pytest.raises(Conflict, match="还有 2 名考官没有保存评分（考官3、考官5）"):
        stage.call(2)
    for seat in (3, 5):
        stage.save(seat, 1, same_marks("8"))
    with pytest.raises(Conflict, match="现在应由计时员签字"):
        stage.call(2)
    for position in CHAIN[:-1]:
        stage.sign(position, 1)
    with pytest.raises(Conflict, match="现在应由监督员签字"):
        stage.call(2)
    stage.sign("supervisor", 1)
    stage.call(2)
    assert stage.turn(2).state == "called"


def test_calling_twice_calls_once_and_nobody_jumps_the_queue(stage):
    with pytest.raises(Conflict, match="第 2 号不是下一位"):
        stage.call(2)
    stage.call(1)
    stage.call(1)
    assert len(actions(stage.session, "candidate_called")) == 1


def test_the_time_starts_once_and_restarts_with_a_reason(stage, clock):
    stage.call(1)
    turn = stage.turn(1)
    timekeeper = stage.actor("timekeeper")
    room.start_answering(stage.session, timekeeper, clock, stage.panel_id, turn.id)
    began = clock.now()
    clock.advance(seconds=30)
    room.start_answering(stage.session, timekeeper, clock, stage.panel_id, turn.id)
    assert stage.turn(1).answering_at == began
    with pytest.raises(BadInput, match="写明理由"):
        room.restart_answering(stage.session, timekeeper, clock, stage.panel_id, turn.id, " ")
    room.restart_answering(stage.session, timekeeper, clock, stage.panel_id, turn.id, "误触")
    assert stage.turn(1).answering_at == clock.now()


def test_an_absent_candidate_is_passed_over_and_may_be_let_in_later(stage, clock):
    staff = stage.actor("timekeeper")
    stage.call(1)
    room.mark_absent(stage.session, staff, clock, stage.panel_id, stage.turn(1).id, "点名三次未到")
    assert stage.turn(1).state == "absent"
    stage.call(2)
    room.reinstate(stage.session, staff, clock, stage.panel_id, stage.turn(1).id, "主考官批准")
    assert stage.turn(1).state == "waiting"


def test_nobody_is_absent_whom_an_examiner_has_scored(stage, clock):
    stage.call(1)
    stage.save(1, 1, same_marks("8"))
    with pytest.raises(Conflict, match="已有考官保存评分"):
        room.mark_absent(stage.session, stage.actor("timekeeper"), clock, stage.panel_id, stage.turn(1).id, "未到")


# Sheets


def test_the_same_sheet_sent_twice_is_one_sheet(stage):
    stage.call(1)
    first = stage.save(1, 1, same_marks("8"))
    second = stage.save(1, 1, same_marks("8.00", "16"))
    assert second.repeated
    assert second.sheet.id == first.sheet.id
    assert stage.session.scalar(select(func.count()).select_from(ScoreSheet)) == 1
    assert len(actions(stage.session, "sheet_saved")) == 1


def test_another_sheet_after_the_first_is_refused_without_loss(stage):
    stage.call(1)
    stage.save(1, 1, same_marks("8"))
    with pytest.raises(Conflict, match="您已保存过"):
        stage.save(1, 1, same_marks("9"))
    assert stage.session.scalar(select(ScoreSheet.total)) == "80.00"


@pytest.mark.parametrize(
    ("mark", "sentence"),
    [
        ("10.5", "得分 10.50 超出范围，应在 0 至 10 之间"),
        ("8.3", "不是 0.50 的整数倍"),
        ("", "得分是空的"),
        ("八", "不是数字"),
        ("-1", "超出范围"),
    ],
)
def test_a_wrong_mark_is_named_beside_its_element_and_nothing_is_kept(stage, mark, sentence):
    stage.call(1)
    with pytest.raises(BadInput) as refused:
        stage.save(1, 1, {**same_marks("8"), "综合分析": mark})
    assert list(refused.value.details["fields"]) == ["综合分析"]
    assert sentence in refused.value.details["fields"]["综合分析"]
    assert stage.session.scalar(select(func.count()).select_from(ScoreSheet)) == 0


def test_a_total_stays_unrounded(stage):
    stage.call(1)
    saved = stage.save(1, 1, {"综合分析": "8.5", "语言表达": "7.25", "举止": "13.37"})
    # 8.5×4 + 7.25×3.5 + 13.37×1.25 = 34 + 25.375 + 16.7125
    assert saved.sheet.total == "76.0875"


def test_a_sheet_for_a_candidate_who_is_not_in_is_refused(stage):
    with pytest.raises(Conflict, match="现在不在评分中"):
        stage.save(1, 1, same_marks("8"))


def test_a_correction_keeps_the_old_sheet_void_and_needs_a_reason(stage):
    stage.call(1)
    stage.save(1, 1, same_marks("8"))
    with pytest.raises(BadInput, match="更正要写明理由"):
        stage.correct(1, 1, same_marks("9"), "")
    stage.correct(1, 1, same_marks("9"), "看错一档")
    assert stage.correct(1, 1, same_marks("9"), "看错一档").repeated
    kept = list(stage.session.scalars(select(ScoreSheet).order_by(ScoreSheet.version)))
    assert [(sheet.version, sheet.void, sheet.total) for sheet in kept] == [(1, True, "80.00"), (2, False, "90.00")]
    assert kept[0].void_reason == "看错一档"


# The result


def test_the_last_saver_brings_about_the_result_with_its_arithmetic(stage):
    stage.call(1)
    save_all(stage, 1)
    result = stage.result(1)
    # 90 80 70 80 90 60 80: without one 90 and the 60: (80+70+80+90+80)/5
    assert result.result_hundredths == 8000
    assert "去掉一个最高分 90.00（考官1），去掉一个最低分 60.00（考官6）" in result.arithmetic
    assert stage.turn(1).state == "scored"
    assert interview_required(stage.session, stage.panel.exam_id)


def test_a_mean_is_rounded_half_up_to_two_decimals(stage):
    stage.call(1)
    for seat in range(1, 7):
        stage.save(seat, 1, same_marks("8"))
    stage.save(7, 1, {"综合分析": "8", "语言表达": "8", "举止": "16.02"})
    # 80 six times and 80.025: the 80.025 goes.
    assert stage.result(1).result_hundredths == 8000
    stage.correct(6, 1, {"综合分析": "8", "语言表达": "8", "举止": "16.02"}, "补记")
    # one 80.025 stays: (80×4+80.025)/5 = 80.005
    assert stage.result(1).result_hundredths == 8001


def test_a_correction_after_the_result_computes_anew_and_signatures_begin_again(stage):
    stage.call(1)
    save_all(stage, 1)
    stage.sign("timekeeper", 1)
    stage.correct(3, 1, same_marks("9"), "看错一档")
    assert stage.result(1).version == 2
    assert stage.result(1).result_hundredths == 8400
    with pytest.raises(Conflict, match="重新计算过"):
        stage.sign("score_clerk", 1, version=1)
    with pytest.raises(Conflict, match="现在应由计时员签字"):
        stage.sign("score_clerk", 1)


def test_no_correction_after_the_supervisor_has_confirmed(stage):
    stage.call(1)
    save_all(stage, 1)
    stage.sign_all(1)
    with pytest.raises(Conflict, match="不能更正"):
        stage.correct(3, 1, same_marks("9"), "看错一档")


def test_two_who_save_at_the_same_moment_bring_about_exactly_one_result(app, cast, clock):
    with app.app_context(), transaction("write") as own:
        stage = make_panel(own, clock, cast)
        stage.call(1)
        for seat in range(1, 6):
            stage.save(seat, 1, same_marks("8"))
        turn_id, panel_id = stage.turn(1).id, stage.panel_id
        last = [(stage.member(seat), stage.actor(seat)) for seat in (6, 7)]
    together, failures = threading.Barrier(2, timeout=20), []

    def save(member, actor):
        try:
            with app.app_context(), transaction("write") as mine:
                together.wait()
                sheets.save_sheet(mine, actor, the_clock, panel_id, turn_id, member, same_marks("8"))
        except Exception as problem:
            failures.append(problem)

    threads = [threading.Thread(target=save, args=one) for one in last]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert failures == []
    with app.app_context(), transaction("read") as own:
        assert own.scalar(select(func.count()).select_from(InterviewResult)) == 1
        assert own.scalar(select(func.count()).select_from(ScoreSheet)) == 7
        assert own.scalar(select(InterviewTurn.state).where(InterviewTurn.id == turn_id)) == "scored"


def test_one_examiner_who_sends_twice_at_the_same_moment_has_one_sheet(app, cast, clock):
    with app.app_context(), transaction("write") as own:
        stage = make_panel(own, clock, cast)
        stage.call(1)
        turn_id, panel_id = stage.turn(1).id, stage.panel_id
        member, actor = stage.member(4), stage.actor(4)
    together, kept = threading.Barrier(2, timeout=20), []

    def save():
        with app.app_context(), transaction("write") as mine:
            together.wait()
            kept.append(
                sheets.save_sheet(mine, actor, the_clock, panel_id, turn_id, member, same_marks("8")).sheet.version
            )

    threads = [threading.Thread(target=save) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert kept == [1, 1]
    with app.app_context(), transaction("read") as own:
        assert own.scalar(select(func.count()).select_from(ScoreSheet)) == 1


# Signatures


def test_signatures_come_in_order_and_only_the_supervisors_makes_the_score_valid(stage):
    exam_id = stage.panel.exam_id
    stage.call(1)
    save_all(stage, 1)
    with pytest.raises(Conflict, match="现在应由计时员签字"):
        stage.sign("supervisor", 1)
    for position in CHAIN[:-1]:
        stage.sign(position, 1)
        assert confirmed_results(stage.session, exam_id) == {}
    stage.sign("supervisor", 1)
    stage.sign("supervisor", 1)
    found = confirmed_results(stage.session, exam_id)
    assert list(found) == ["A1-001"]
    assert found["A1-001"].result_hundredths == 8000
    assert found["A1-001"].turn_state == "confirmed"
    assert (found["A1-001"].panel_name, found["A1-001"].draw_number) == ("第一考官组", 1)
    assert "考官1" not in found["A1-001"].arithmetic, "single scores stay hidden until the panel is closed"
    assert len(actions(stage.session, "result_signed")) == len(CHAIN)


def test_nothing_can_be_signed_before_all_have_saved(stage):
    stage.call(1)
    with pytest.raises(Conflict, match="还没有成绩可签"):
        stage.sign("timekeeper", 1)


# Recusal


def recuse(stage: Stage, seat: int, number: int, reason: str = "近亲属"):
    return recusals.recuse(
        stage.session,
        stage.cast.actor("organizer"),
        stage.clock,
        stage.panel_id,
        stage.member(seat).id,
        [stage.turn(number).id],
        reason,
    )


def test_an_early_recusal_takes_the_examiner_out_of_that_turn_only(session, clock, cast):
    stage = make_panel(session, clock, cast, start=False)
    recuse(stage, 3, 1)
    service.start_panel(session, cast.actor("organizer"), clock, stage.panel_id)
    stage.call(1)
    with pytest.raises(Conflict, match="您对第 1 号考生已回避"):
        stage.save(3, 1, same_marks("8"))
    for seat in (1, 2, 4, 5, 6, 7):
        stage.save(seat, 1, same_marks("8"))
    assert stage.turn(1).state == "scored"
    assert len(stage.result(1).sheet_ids) == 6


def test_a_recusal_outlives_a_repeated_draw(session, clock, cast):
    stage = make_panel(session, clock, cast, start=False)
    recuse(stage, 3, 1)
    numbers = dict(zip(blind_numbers(3), (3, 1, 2), strict=True))
    service.draw_by_hand(session, cast.actor("organizer"), clock, stage.panel_id, numbers, "更正")
    service.start_panel(session, cast.actor("organizer"), clock, stage.panel_id)
    stage.call(1)
    stage.save(3, 1, same_marks("8"))
    assert stage.turn(1).blind_number == "A1-002"


def test_a_late_recusal_voids_the_sheet_and_recomputes_and_signatures_begin_anew(stage):
    stage.call(1)
    save_all(stage, 1)
    stage.sign_all(1)
    assert recuse(stage, 3, 1) == []
    result = stage.result(1)
    # 90 80 80 90 60 80: without one 90 and the 60: (80+80+90+80)/4
    assert (result.version, result.result_hundredths) == (2, 8250)
    assert result.reason == "回避：近亲属"
    assert stage.turn(1).state == "scored"
    assert confirmed_results(stage.session, stage.panel.exam_id) == {}
    void = stage.session.scalars(select(ScoreSheet).where(ScoreSheet.void)).all()
    assert [(sheet.member_id, sheet.void_reason) for sheet in void] == [(stage.member(3).id, "回避：近亲属")]
    stage.sign_all(1)
    assert confirmed_results(stage.session, stage.panel.exam_id)["A1-001"].result_hundredths == 8250


def test_a_recusal_while_scoring_brings_about_the_result_if_the_others_have_saved(stage):
    stage.call(1)
    for seat in (1, 2, 3, 4, 5, 6):
        stage.save(seat, 1, same_marks("8"))
    recuse(stage, 7, 1)
    assert stage.turn(1).state == "scored"


def test_a_recusal_below_the_minimum_stops_the_turn_and_the_candidate_goes_to_another_panel(session, clock, cast):
    stage = make_panel(session, clock, cast, seats=5)
    stage.call(1)
    save_all(stage, 1, SEVEN[:5])
    stage.sign_all(1)
    stopped = recuse(stage, 2, 1)
    assert [turn.draw_number for turn in stopped] == [1]
    assert stage.turn(1).state == "stopped"
    assert "只剩 4 名考官，计分规则至少要 5 名" in stage.turn(1).reason
    assert confirmed_results(session, stage.panel.exam_id) == {}
    assert unassigned(session, stage.panel.exam_id) == {"A1-001"}
    other = service.create_panel(session, cast.actor("organizer"), clock, stage.panel.exam_id, draft(name="第二考官组"))
    service.draw_by_seed(session, cast.actor("organizer"), clock, other.id, ["A1-001"])
    stage.call(2)


def test_a_recusal_after_the_end_opens_the_panel_again_for_the_signatures(session, clock, cast):
    stage = make_panel(session, clock, cast, candidates=1)
    stage.call(1)
    save_all(stage, 1)
    stage.sign_all(1)
    service.close_panel(session, cast.actor("organizer"), clock, stage.panel_id)
    recuse(stage, 2, 1)
    assert stage.panel.state == "running"
    stage.sign_all(1)
    service.close_panel(session, cast.actor("organizer"), clock, stage.panel_id)


def test_the_same_recusal_twice_is_one(stage):
    stage.call(1)
    recuse(stage, 1, 1)
    recuse(stage, 1, 1)
    assert len(actions(stage.session, "recusal_recorded")) == 1


def test_a_recused_chief_is_represented_by_the_first_examiner_who_scores(stage):
    stage.call(1)
    save_all(stage, 1)
    recuse(stage, 1, 1)
    for position in CHAIN[:3]:
        stage.sign(position, 1)
    version = stage.result(1).version
    for seat in (1, 3):
        with pytest.raises(Forbidden, match="不由您审核宣布"):
            stage.sign(seat, 1, version)
    stage.sign(2, 1, version)
    stage.sign("supervisor", 1)
    assert stage.turn(1).state == "confirmed"


def test_a_turn_opened_again_does_not_hide_the_candidate_who_is_in(stage):
    stage.call(1)
    save_all(stage, 1)
    stage.sign_all(1)
    stage.call(2)
    recuse(stage, 3, 1)
    assert stage.turn(1).state == "scored"
    found = desk(stage.session, stage.panel, stage.member(4))
    assert (found.turn.draw_number, found.sheet) == (2, None)
    assert current_turn(turns_of(stage.session, stage.panel_id)).draw_number == 2
    save_all(stage, 2)
    stage.sign_all(2)
    with pytest.raises(Conflict, match="第 1 号考生的成绩还没有经监督员确认"):
        stage.call(3)
    stage.sign_all(1)
    stage.call(3)


# The end


def test_a_panel_closes_only_when_every_turn_is_over(stage, clock, cast):
    with pytest.raises(Conflict, match="还有 3 名考生（1、2、3 号）"):
        service.close_panel(stage.session, cast.actor("organizer"), clock, stage.panel_id)


def test_the_sheets_of_a_panel_are_handed_out_only_once_it_is_closed(session, clock, cast):
    stage = make_panel(session, clock, cast, candidates=2)
    with pytest.raises(Conflict, match="尚未结束"):
        panel_sheets(session, stage.panel_id)
    stage.call(1)
    save_all(stage, 1)
    stage.sign_all(1)
    room.mark_absent(session, stage.actor("score_clerk"), clock, stage.panel_id, stage.turn(2).id, "弃考")
    service.close_panel(session, cast.actor("organizer"), clock, stage.panel_id)
    sheets_ = panel_sheets(session, stage.panel_id)
    first, second = sheets_.turns
    assert first.totals == {1: "90.00", 2: "80.00", 3: "70.00", 4: "80.00", 5: "90.00", 6: "60.00", 7: "80.00"}
    assert (first.mean, first.result_hundredths) == ("80.00", 8000)
    assert [one.position for one in first.signatures] == list(CHAIN)
    assert (second.state, second.reason, second.result_hundredths) == ("absent", "弃考", None)
    assert sheets_.examiners[0] == (1, "examiner 姓名", True)
    assert "考官1" in confirmed_results(session, stage.panel.exam_id)["A1-001"].arithmetic


def test_trimming_by_element_reaches_the_result_and_the_announcement(session, clock, cast):
    stage = make_panel(session, clock, cast, candidates=1, rule=PanelRule("elements"))
    stage.call(1)
    for seat, mark in enumerate(SEVEN, 1):
        stage.save(seat, 1, {"综合分析": mark, "语言表达": "8", "举止": "16"})
    # 综合分析: without one 9 and the 6: (8+7+8+9+8)/5 = 8 -> 32; 28; 20
    assert stage.result(1).result_hundredths == 8000
    stage.sign_all(1)
    assert "最后得分 80.00 分" in confirmed_results(session, stage.panel.exam_id)["A1-001"].arithmetic


def test_audit_rows_hold_ids_and_never_names(stage):
    stage.call(1)
    save_all(stage, 1)
    stage.sign_all(1)
    commit(stage.session)
    rows = stage.session.scalars(select(AuditEntry)).all()
    assert {"panel_created", "panel_members_assigned", "panel_drawn", "panel_started", "candidate_called"} <= {
        row.action for row in rows
    }
    for row in rows:
        assert "姓名" not in str(row.details)
        assert "A1-00" not in str(row.details)
