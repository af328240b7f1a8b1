"""The pages of interviews: for every address its own people, a member in another position, a stranger, and CSRF."""

from dataclasses import dataclass
from typing import Any

import pytest
from sqlalchemy import func, select

from core.audit.models import AuditEntry
from core.database import transaction
from grading.interview import room as running
from grading.interview import service
from grading.interview.chain import CHAIN
from grading.interview.models import InterviewTurn, Panel, PanelDraw, ScoreSheet
from tests.support.interview import EXAMINERS, STAFF, Stage, make_exam, make_panel, same_marks

MARKS = {"mark-1": "8.5", "mark-2": "7.25", "mark-3": "13.37"}
JSON = {"Accept": "application/json"}
PEOPLE = {
    "chief": "examiner",
    "examiner": "examiner_2",
    "timekeeper": STAFF[0],
    "score_clerk": STAFF[1],
    "checker": STAFF[2],
    "supervisor": "supervisor",
    "organizer": "organizer",
}


@dataclass
class Room:
    """A committed panel and its addresses."""

    app: Any
    clock: Any
    cast: Any
    panel_id: int
    turns: dict[int, int]

    def url(self, path: str = "", number: int = 1) -> str:
        place = path.replace("{turn}", f"turns/{self.turns.get(number, 0)}")
        return f"/interviews/panels/{self.panel_id}{place}"

    def act(self, play) -> Any:
        with self.app.app_context(), transaction("write") as own:
            return play(Stage(own, self.clock, self.cast, self.panel_id))

    def ask(self, statement) -> Any:
        with self.app.app_context(), transaction("read") as own:
            return own.scalar(statement)


def build(app, cast, clock, **options) -> Room:
    with app.app_context(), transaction("write") as own:
        stage = make_panel(own, clock, cast, **options)
        turns = {turn.draw_number: turn.id for turn in own.scalars(select(InterviewTurn))}
        return Room(app, clock, cast, stage.panel_id, turns)


@pytest.fixture
def room(app, cast, clock):
    return build(app, cast, clock)


def text(answer) -> str:
    return answer.get_data(as_text=True)


def scored(stage: Stage) -> None:
    stage.call(1)
    for seat in range(1, 8):
        stage.save(seat, 1, same_marks("8"))


def announced(stage: Stage) -> None:
    scored(stage)
    for position in CHAIN[:3]:
        stage.sign(position, 1)


# Who may come in: address, who may, and how far the panel must be.
DOORS = [
    ("/room", {"timekeeper", "score_clerk", "checker", "supervisor", "organizer"}, None),
    ("/screen", set(PEOPLE), None),
    ("/score", {"chief", "examiner"}, None),
    ("/{turn}", {"timekeeper", "score_clerk", "checker", "supervisor"}, scored),
    ("/{turn}/announcement", {"chief", "timekeeper", "score_clerk", "checker", "supervisor"}, announced),
    ("/{turn}/correction", {"chief", "examiner"}, scored),
    ("/{turn}/stepping-back", {"chief", "examiner"}, scored),
    ("/{turn}/absence", {"timekeeper", "score_clerk"}, None),
    ("/{turn}/reinstatement", {"timekeeper", "score_clerk"}, None),
    ("/{turn}/restart", {"timekeeper"}, None),
    ("/recusals", {"organizer", "supervisor"}, None),
    ("", {"organizer"}, None),
    ("/sheet", {"organizer"}, None),
    ("/members", {"organizer"}, None),
    ("/draw", {"organizer"}, None),
]


@pytest.mark.parametrize(("path", "welcome", "until"), DOORS)
def test_a_page_opens_for_its_own_positions_only(room, browser, path, welcome, until):
    if until:
        room.act(until)
    for position, name in PEOPLE.items():
        answer = browser(name).get(room.url(path))
        assert answer.status_code == (200 if position in welcome else 403), (position, text(answer)[:300])


@pytest.mark.parametrize("path", [door[0] for door in DOORS if door[0] != "/draw"])
def test_a_stranger_finds_nothing_and_nobody_is_sent_to_the_door(room, browser, path):
    assert browser("stranger").get(room.url(path)).status_code == 404
    assert browser("invigilator").get(room.url(path)).status_code == 404
    assert browser().get(room.url(path)).status_code == 302


def test_an_examiner_of_another_panel_is_a_stranger(app, cast, clock, browser):
    room = build(app, cast, clock, seats=5)
    assert browser("examiner_7").get(room.url("/score")).status_code == 404
    assert browser("examiner_5").get(room.url("/score")).status_code == 200


def test_the_waiting_room_shows_names_to_organizers_alone_and_records_it(room, browser):
    assert "考生姓名1" in text(browser("organizer").get(room.url("/draw")))
    assert room.ask(select(func.count()).where(AuditEntry.action == "identities_read")) == 1
    for name in ("examiner", "supervisor", "stranger"):
        assert browser(name).get(room.url("/draw")).status_code == 403


POSTS = [
    ("/{turn}/call", {"timekeeper", "score_clerk"}),
    ("/{turn}/answering", {"timekeeper"}),
    ("/{turn}/answered", {"timekeeper"}),
    ("/{turn}/sheet", {"chief", "examiner"}),
    ("/{turn}/signature", {"timekeeper", "score_clerk", "checker", "chief", "supervisor"}),
    ("/start", {"organizer"}),
    ("/close", {"organizer"}),
]


@pytest.mark.parametrize(("path", "welcome"), POSTS)
def test_an_act_is_refused_to_other_positions_strangers_and_without_csrf(room, browser, path, welcome):
    before = room.ask(select(Panel.revision))
    for position, name in PEOPLE.items():
        if position not in welcome:
            assert browser(name).post(room.url(path)).status_code == 403, position
    assert browser("stranger").post(room.url(path)).status_code == 404
    assert browser().post(room.url(path)).status_code == 401
    for position in welcome:
        refused = browser(PEOPLE[position]).client.post(room.url(path), data=MARKS)
        assert refused.status_code == 400
        assert "安全校验" in text(refused)
    assert room.ask(select(Panel.revision)) == before
    assert room.ask(select(func.count()).where(AuditEntry.action == "access_refused")) >= 1


def test_a_turn_of_another_panel_is_not_found(app, cast, clock, room, browser):
    with app.app_context(), transaction("write") as own:
        exam = make_exam(own, clock, 1, code="B2")
        organizer = cast.actor("organizer")
        from tests.support.interview import draft

        other = service.create_panel(own, organizer, clock, exam.id, draft(name="另一组"))
        service.draw_by_hand(own, organizer, clock, other.id, {"B2-001": 1})
        foreign = own.scalar(select(InterviewTurn.id).where(InterviewTurn.panel_id == other.id))
    url = f"/interviews/panels/{room.panel_id}/turns/{foreign}"
    assert browser(STAFF[0]).get(url).status_code == 404
    assert browser(STAFF[0]).post(f"{url}/call").status_code == 404
    assert browser("examiner").post(f"{url}/sheet", MARKS).status_code == 404


# Setting up in the browser


def panel_form(**changes):
    rows = {"甲": "60", "乙": "40"}
    data = {"name": "第一考官组", "seats": "7", "minutes": "15", "reminders": "3，1，0", "trim": "totals"}
    for place, (name, weight) in enumerate(rows.items()):
        data |= {
            f"elements-{place}-name": name,
            f"elements-{place}-weight": weight,
            f"elements-{place}-greatest": "10",
            f"elements-{place}-step": "0.5",
            f"elements-{place}-bands": "好 8-10；中 4-7；差 0-3",
            f"elements-{place}-criteria": "",
        }
    return data | changes


@pytest.fixture
def exam_id(app, clock, cast):
    with app.app_context(), transaction("write") as own:
        return make_exam(own, clock, 3).id


def test_an_organizer_sets_up_a_panel_from_a_preset(exam_id, browser):
    window = browser("organizer")
    assert "为它建立" in text(window.get("/interviews/panels/new"))
    page = text(window.get(f"/interviews/panels/new?exam={exam_id}&preset=zhejiang"))
    assert 'value="求职匹配"' in page
    assert "好 8-10；中 4-7；差 0-3" in page
    made = window.post(f"/interviews/panels/new?exam={exam_id}", panel_form())
    assert made.status_code == 303
    page = text(window.get(made.location))
    for words in ("准备中", "缺 7 名考官", "缺监督员", "还没有抽签"):
        assert words in page
    assert browser("examiner").get(f"/interviews/panels/new?exam={exam_id}").status_code == 403


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"elements-1-weight": "30"}, "各要素权重合计 90，应为 100"),
        ({"elements-1-weight": "四十"}, "不是数字"),
        ({"elements-0-step": "0.3"}, "不是评分步长 0.3 的整数倍"),
        ({"elements-0-bands": "好的"}, "读不懂"),
        ({"elements-0-greatest": "0"}, "应大于 0"),
        ({"elements-1-name": "甲"}, "出现了两次"),
        ({"elements-1-name": ""}, "没有要素名称"),
        ({"seats": "4"}, "至少要 5 名考官"),
        ({"name": ""}, "请填写考官组名称"),
        ({"reminders": "20"}, "应在 0 至 15 分钟之间"),
        ({"reminders": "三"}, "不是数字"),
    ],
)
def test_a_faulty_panel_is_refused_with_a_sentence_and_what_was_typed_stays(
    exam_id, browser, room_count, changes, sentence
):
    page = browser("organizer").post(f"/interviews/panels/new?exam={exam_id}", panel_form(**changes))
    assert page.status_code == 422
    assert sentence in text(page)
    assert 'value="乙"' in text(page) or "elements-1-name" in changes
    assert room_count() == 0


@pytest.fixture
def room_count(app):
    def count() -> int:
        with app.app_context(), transaction("read") as own:
            return own.scalar(select(func.count()).select_from(Panel)) or 0

    return count


def test_members_are_seated_drawn_and_begun_in_the_browser(app, cast, clock, browser):
    room = build(app, cast, clock, start=False)
    window = browser("organizer")
    page = text(window.get(room.url("/members")))
    assert "examiner_3 姓名" in page
    places = {f"seat-{seat}": str(cast.accounts[EXAMINERS[seat - 1]].id) for seat in range(1, 8)}
    places |= {"chief": "4", "supervisor": str(cast.accounts["supervisor"].id)}
    places |= dict(
        zip(("timekeeper", "score_clerk", "checker"), (str(cast.accounts[name].id) for name in STAFF), strict=True)
    )
    twice = window.post(room.url("/members"), places | {"seat-2": places["seat-1"]})
    assert twice.status_code == 422
    assert "同一个人被安排在考官1、考官2" in text(twice)
    assert window.post(room.url("/members"), places).status_code == 303
    drawn = window.post(
        room.url("/draw"), {"method": "seed", "drawn": ["A1-001", "A1-002", "A1-003"], "reason": "重来"}
    )
    assert drawn.status_code == 303
    assert room.ask(select(func.count()).select_from(PanelDraw)) == 2
    assert window.post(room.url("/start")).status_code == 303
    assert room.ask(select(Panel.state)) == "running"
    again = window.post(room.url("/draw"), {"method": "seed", "drawn": ["A1-001"], "reason": "再来"})
    assert again.status_code == 409
    assert "进行中" in text(again)


def test_lots_entered_wrongly_are_named_and_stay_typed(app, cast, clock, browser):
    room = build(app, cast, clock, start=False)
    typed = {"method": "hand", "number-A1-001": "2", "number-A1-002": "2", "reason": "更正"}
    page = browser("organizer").post(room.url("/draw"), typed)
    assert page.status_code == 422
    assert "抽签号 2 填了两次" in text(page)
    assert 'name="number-A1-002" value="2"' in text(page)
    page = browser("organizer").post(room.url("/draw"), typed | {"number-A1-002": "x"})
    assert "不是 1 至 9999 的整数" in text(page)


def test_a_panel_that_is_not_complete_says_so_when_begun(exam_id, browser):
    window = browser("organizer")
    made = window.post(f"/interviews/panels/new?exam={exam_id}", panel_form())
    refused = window.post(f"{made.location}/start")
    assert refused.status_code == 409
    assert "还不能开始：缺 7 名考官" in text(refused)


# The desk


def test_the_desk_shows_the_draw_number_and_never_a_name_or_another_score(room, browser):
    window = browser("examiner_2")
    assert "请等候下一位考生" in text(window.get(room.url("/score")))
    room.act(lambda stage: (stage.call(1), stage.save(5, 1, same_marks("6"))))
    page = text(window.get(room.url("/score")))
    assert '<span class="draw-number">1</span>' in page
    for hidden in ("考生姓名", "A1-001", "A10001", "60.00", "市某局"):
        assert hidden not in page
    assert "以“examiner_2 姓名”签名并保存" in page


def test_a_sheet_saved_twice_is_one_and_is_then_shown_to_read(room, browser):
    room.act(lambda stage: stage.call(1))
    window = browser("examiner_2")
    assert window.post(room.url("/{turn}/sheet"), MARKS).status_code == 303
    assert window.post(room.url("/{turn}/sheet"), MARKS).status_code == 303
    assert room.ask(select(func.count()).select_from(ScoreSheet)) == 1
    page = text(window.get(room.url("/score")))
    assert "评分已保存" in page
    assert "76.0875" in page
    assert "<form" not in page.split("<main")[1]


def test_a_program_saves_by_json_and_hears_the_exact_total(room, browser):
    room.act(lambda stage: stage.call(1))
    window = browser("examiner_2")
    answer = window.post(room.url("/{turn}/sheet"), MARKS, headers=JSON)
    assert answer.get_json()["total"] == "76.0875"
    assert answer.get_json()["version"] == 1
    other = window.post(room.url("/{turn}/sheet"), MARKS | {"mark-1": "9"}, headers=JSON)
    assert other.status_code == 409
    assert other.get_json()["error"]["code"] == "already_saved"
    wrong = browser("examiner_3").post(room.url("/{turn}/sheet"), MARKS | {"mark-1": "10.5"}, headers=JSON)
    assert wrong.status_code == 422
    assert "超出范围" in wrong.get_json()["error"]["fields"]["综合分析"]


def test_a_mark_out_of_range_is_refused_beside_its_element_and_the_others_stay(room, browser):
    room.act(lambda stage: stage.call(1))
    page = browser("examiner_2").post(room.url("/{turn}/sheet"), MARKS | {"mark-1": "10.5", "remark": "条理清楚"})
    assert page.status_code == 422
    body = text(page)
    assert "考官2的“综合分析”得分 10.50 超出范围，应在 0 至 10 之间" in body
    for kept in ('value="10.5"', 'value="7.25"', 'value="13.37"', "条理清楚"):
        assert kept in body
    assert room.ask(select(func.count()).select_from(ScoreSheet)) == 0


def test_a_correction_is_asked_for_with_a_reason(room, browser):
    room.act(lambda stage: stage.call(1))
    window = browser("examiner_2")
    assert window.get(room.url("/{turn}/correction")).status_code == 409
    window.post(room.url("/{turn}/sheet"), MARKS)
    assert 'value="8.50"' in text(window.get(room.url("/{turn}/correction")))
    refused = window.post(room.url("/{turn}/correction"), MARKS | {"mark-1": "9"})
    assert refused.status_code == 422
    assert "请填写更正的理由" in text(refused)
    assert 'value="9"' in text(refused)
    done = window.post(room.url("/{turn}/correction"), MARKS | {"mark-1": "9", "reason": "看错一档"})
    assert done.status_code == 303
    assert "第 2 版" in text(window.get(room.url("/score")))


def test_an_examiner_steps_back_from_the_candidate_in_the_room(room, browser):
    room.act(lambda stage: stage.call(1))
    window = browser("examiner_2")
    assert window.post(room.url("/{turn}/stepping-back"), {"reason": ""}).status_code == 422
    assert window.post(room.url("/{turn}/stepping-back"), {"reason": "近亲属"}).status_code == 303
    assert "您对第 1 号考生已回避" in text(window.get(room.url("/score")))
    assert window.post(room.url("/{turn}/sheet"), MARKS).status_code == 409
    assert window.post(room.url("/{turn}/stepping-back", 2), {"reason": "近亲属"}).status_code == 409


def test_the_desk_is_loaded_anew_only_for_what_concerns_this_examiner(room, browser):
    room.act(lambda stage: stage.call(1))
    window = browser("examiner_2")
    etag = window.get(room.url("/score")).headers["ETag"]
    live = room.url("/score?live=1")
    assert window.get(live, headers={"If-None-Match": etag}).status_code == 304
    room.act(lambda stage: stage.save(5, 1, same_marks("8")))
    answer = window.get(live, headers={"If-None-Match": etag})
    assert answer.status_code == 304
    assert answer.headers["X-Server-Time"].isdigit()
    room.act(lambda stage: stage.save(2, 1, same_marks("8")))
    assert window.get(live, headers={"If-None-Match": etag}).status_code == 200


# The room


def test_the_room_follows_who_has_saved_and_names_seats_only(room, browser):
    window = browser(STAFF[0])
    first = window.get(room.url("/room"))
    assert "叫 1 号考生" in text(first)
    assert window.post(room.url("/{turn}/call")).status_code == 303
    assert window.post(room.url("/{turn}/answering")).status_code == 303
    room.act(lambda stage: [stage.save(seat, 1, same_marks("8")) for seat in (1, 2, 4, 5, 6)])
    live = window.get(room.url("/room?live=1"), headers={"If-None-Match": first.headers["ETag"]})
    assert live.status_code == 200
    assert "还有 2 名考官没有保存评分（考官3、考官7）" in text(live)
    assert "<html" not in text(live)
    assert "examiner_3" not in text(live)
    refused = window.post(room.url("/{turn}/call", 2))
    assert refused.status_code == 409
    assert "考官3、考官7" in text(refused)
    again = window.get(room.url("/room?live=1"), headers={"If-None-Match": live.headers["ETag"]})
    assert again.status_code == 304


def test_the_organizer_sees_no_single_score_before_the_panel_is_closed(room, browser):
    def confirmed(stage):
        stage.call(1)
        stage.save(1, 1, same_marks("6"))
        for seat in range(2, 8):
            stage.save(seat, 1, same_marks("8"))
        stage.sign_all(1)

    room.act(confirmed)
    window = browser("organizer")
    for path in ("/room", ""):
        page = text(window.get(room.url(path)))
        assert "60.00" not in page
    assert "80.00" in text(window.get(room.url("/room")))
    assert window.get(room.url("/{turn}")).status_code == 403
    refused = window.get(room.url("/scores"))
    assert refused.status_code == 409
    assert "尚未结束" in text(refused)

    def end(stage):
        for number in (2, 3):
            running.mark_absent(
                stage.session, stage.actor("timekeeper"), stage.clock, stage.panel_id, stage.turn(number).id, "未到"
            )

    room.act(end)
    assert window.post(room.url("/close")).status_code == 303
    page = text(window.get(room.url("/scores")))
    assert "60.00" in page
    assert "去掉一个最低分 60.00（考官1）" in page
    assert browser("examiner").get(room.url("/scores")).status_code == 403
    assert browser("stranger").get(room.url("/scores")).status_code == 404


def test_absence_needs_a_reason_and_can_be_withdrawn(room, browser):
    window = browser(STAFF[1])
    refused = window.post(room.url("/{turn}/absence"), {"reason": ""})
    assert refused.status_code == 422
    assert window.post(room.url("/{turn}/absence"), {"reason": "点名三次未到"}).status_code == 303
    assert "点名三次未到" in text(window.get(room.url("/room")))
    assert window.post(room.url("/{turn}/reinstatement"), {"reason": "主考官批准"}).status_code == 303
    assert room.ask(select(InterviewTurn.state).where(InterviewTurn.id == room.turns[1])) == "waiting"
    conflict = window.post(room.url("/{turn}/reinstatement"), {"reason": "再来"})
    assert conflict.status_code == 409
    assert "没有登记缺考" in text(conflict)


def test_the_clock_is_started_finished_and_restarted_by_the_timekeeper(room, browser):
    window = browser(STAFF[0])
    window.post(room.url("/{turn}/call"))
    assert window.post(room.url("/{turn}/answered")).status_code == 409
    window.post(room.url("/{turn}/answering"))
    assert 'data-answering-at="1795406400000"' in text(browser("examiner").get(room.url("/screen")))
    window.post(room.url("/{turn}/answered"))
    assert 'data-finished-at="1795406400000"' in text(window.get(room.url("/screen")))
    assert window.post(room.url("/{turn}/restart"), {"reason": "误触"}).status_code == 303
    assert 'data-finished-at=""' in text(window.get(room.url("/screen")))


# Signing


def test_the_chain_is_signed_in_order_in_the_browser(room, browser):
    room.act(scored)
    page = text(browser(STAFF[0]).get(room.url("/{turn}")))
    assert "各考官分项之和核对无误" in page
    early = browser("supervisor").post(room.url("/{turn}/signature"), {"version": "1"})
    assert early.status_code == 409
    assert "现在应由计时员签字" in text(early)
    assert browser("examiner").get(room.url("/{turn}/announcement")).status_code == 409
    for name in STAFF:
        assert browser(name).post(room.url("/{turn}/signature"), {"version": "1"}).status_code == 303
    chief = browser("examiner")
    assert "轮到您审核并宣布" in text(chief.get(room.url("/score")))
    page = text(chief.get(room.url("/{turn}/announcement")))
    assert "7 位考官，去掉一个最高分 80.00 分，去掉一个最低分 80.00 分，平均分 80.00 分。" in page
    assert "考官3" not in page, "the chief announces what is dropped, not whose it was"
    assert chief.post(room.url("/{turn}/signature"), {"version": "1"}).status_code == 303
    assert browser("supervisor").post(room.url("/{turn}/signature"), {"version": "1"}).status_code == 303
    assert "成绩有效" in text(browser("supervisor").get(room.url("/room")))


@pytest.mark.parametrize("version", ["", "x", "99999999"])
def test_a_signature_without_the_version_it_signs_is_refused(room, browser, version):
    room.act(scored)
    answer = browser(STAFF[0]).post(room.url("/{turn}/signature"), {"version": version})
    assert answer.status_code == 422


def test_a_signature_under_an_older_computation_is_refused(room, browser):
    room.act(lambda stage: (scored(stage), stage.correct(3, 1, same_marks("9"), "看错一档")))
    answer = browser(STAFF[0]).post(room.url("/{turn}/signature"), {"version": "1"})
    assert answer.status_code == 409
    assert "重新计算过" in text(answer)
    page = text(browser(STAFF[0]).get(room.url("/{turn}")))
    assert "作废留存的评分表" in page
    assert "看错一档" in page


def test_a_recusal_is_recorded_by_the_supervisor_with_its_consequence(app, cast, clock, browser):
    room = build(app, cast, clock, seats=5)
    window = browser("supervisor")
    with app.app_context(), transaction("read") as own:
        member = Stage(own, clock, cast, room.panel_id).member(2).id
    chosen = {"member": str(member), "turns": [str(room.turns[2])]}
    missing = window.post(room.url("/recusals"), chosen | {"reason": ""})
    assert missing.status_code == 422
    nobody = window.post(room.url("/recusals"), {"member": str(member), "reason": "近亲属"})
    assert nobody.status_code == 422
    assert "没有选择考生" in text(nobody)
    done = window.post(room.url("/recusals"), chosen | {"reason": "近亲属"})
    assert done.status_code == 303
    assert "只剩 4 名考官" in text(window.get(room.url("/room")))
    assert browser("supervisor").client.post(room.url("/recusals"), data=chosen).status_code == 400


# Elsewhere


def test_the_list_shows_ones_own_panels_and_organizers_all(room, browser):
    assert "第一考官组" in text(browser("examiner").get("/interviews"))
    assert "进入评分" in text(browser("examiner").get("/interviews"))
    assert "进入面试室" in text(browser(STAFF[0]).get("/interviews"))
    assert "第一考官组" in text(browser("organizer").get("/interviews?q=第一&state=running"))
    assert "没有符合条件的考官组" in text(browser("organizer").get("/interviews?q=没有的"))
    assert browser("stranger").get("/interviews").status_code == 403
    assert browser("second_organizer").get("/interviews?exam=999").status_code == 200


def test_the_first_page_leads_members_to_their_running_panel(room, browser):
    assert room.url("/score") in text(browser("examiner").get("/"))
    assert room.url("/room") in text(browser("supervisor").get("/"))
    assert "面试进行中" not in text(browser("invigilator").get("/"))


def test_the_exams_timeline_tells_how_many_are_interviewed(room, browser):
    exam_id = room.ask(select(Panel.exam_id))
    page = text(browser("organizer").get(f"/exams/{exam_id}"))
    assert "已面试 0 / 3 人" in page
    room.act(lambda stage: (scored(stage), stage.sign_all(1)))
    page = text(browser("organizer").get(f"/exams/{exam_id}"))
    assert "已面试 1 / 3 人" in page
    assert f"/interviews?exam={exam_id}" in page
