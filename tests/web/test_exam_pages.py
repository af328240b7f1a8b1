"""An organizer's exam pages: planning, publishing, tickets; for organizers alone."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from core.accounts.actors import SYSTEM
from core.audit.models import AuditEntry
from core.database import transaction
from core.jobs.models import JobRun
from core.jobs.worker import registry_of, run_next
from exam.admission.rules import ticket_code
from exam.schedule import tickets
from exam.schedule.models import Exam, ExamSession, Room
from tests.support.exams import make_candidates, make_exam, make_paper, make_published_exam, make_session


@pytest.fixture
def planned(app, cast, clock):
    """A planned exam with a session, a paper and three candidates: ready to be published."""
    with app.app_context(), transaction("write") as session:
        actor = cast.actor("organizer")
        paper = make_paper(session, clock=clock)
        exam = make_exam(session, actor, clock)
        row = make_session(session, actor, clock, exam, paper_id=paper.id)
        make_candidates(session, clock, exam, row)
        return {"exam": exam.id, "session": row.id, "paper": paper.id}


@pytest.fixture
def published(app, cast, clock):
    """A published exam with three candidates in one room."""
    with app.app_context(), transaction("write") as session:
        exam, row, people = make_published_exam(session, cast.actor("organizer"), clock)
        room = session.scalars(select(Room.id)).one()
        return {"exam": exam.id, "session": row.id, "room": room, "people": [person.id for person in people]}


def text_of(answer):
    return answer.get_data(as_text=True)


def one(app, statement):
    with app.app_context(), transaction("read") as session:
        return session.scalars(statement).one()


NEW = {"title": "选拔测试", "code": "KS-9", "neutral_title": "素质能力测试", "kind": "ability_test"}


def test_the_list_is_empty_and_says_what_to_do(cast, browser):
    assert "还没有考试" in text_of(browser("organizer").get("/exams"))


def test_a_new_exam_leads_to_its_timeline_with_the_first_gap(app, cast, browser):
    window = browser("organizer")
    answer = window.post("/exams/new", NEW)
    assert answer.status_code == 302
    page = text_of(window.get(answer.location))
    assert "还没有安排场次" in page
    assert "/sessions/new" in page
    assert "【请填写…】" in page
    assert one(app, select(Exam.notice)).startswith("个人信息处理告知")


def test_what_was_typed_stays_when_the_form_has_errors(cast, browser):
    answer = browser("organizer").post("/exams/new", {**NEW, "code": "K S"})
    assert answer.status_code == 422
    assert 'value="选拔测试"' in text_of(answer)
    assert "编号用 2 至 32 位" in text_of(answer)


def test_a_taken_code_is_told_on_the_form(cast, browser, planned):
    answer = browser("organizer").post("/exams/new", {**NEW, "code": "KS-1"})
    assert answer.status_code == 409
    assert "已被另一场考试使用" in text_of(answer)
    assert 'value="选拔测试"' in text_of(answer)


def test_the_texts_are_kept_with_plain_line_ends(app, cast, browser, planned):
    answer = browser("organizer").post(
        f"/exams/{planned['exam']}/texts", {"notice": "甲\r\n乙", "commitment": "承诺\r\n书"}
    )
    assert answer.status_code == 302
    assert one(app, select(Exam.commitment)) == "承诺\n书\n"


SESSION = {
    "name": "下午场",
    "starts_at": "2026-11-24T14:00",
    "duration_minutes": "90",
    "admission_minutes": "30",
    "latest_start_minutes": "30",
    "earliest_submission_minutes": "0",
    "grace_seconds": "10",
    "offline_minutes": "20",
    "layout": "single",
    "paper_id": "0",
    "invigilated": "y",
}


def test_times_are_typed_in_the_configured_zone(app, cast, browser, planned):
    answer = browser("organizer").post(f"/exams/{planned['exam']}/sessions/new?mode=fixed", SESSION)
    assert answer.status_code == 302
    row = one(app, select(ExamSession).where(ExamSession.name == "下午场"))
    assert row.starts_at.isoformat() == "2026-11-24T06:00:00+00:00"
    assert row.ends_at - row.starts_at == timedelta(minutes=90)
    assert row.starts_at - row.admission_opens_at == timedelta(minutes=30)
    assert row.latest_start_seconds == 1800
    assert (row.offline_seconds, row.layout) == (1200, "single")


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ({}, (30, 5, False)),
        ({"leaving_seconds": "0", "leaving_times": "0", "full_screen": "y"}, (0, 0, True)),
        ({"leaving_seconds": "10", "leaving_times": "2"}, (10, 2, False)),
        ({"leaving_seconds": "-1"}, None),
        ({"leaving_seconds": "3601"}, None),
        ({"leaving_times": "101"}, None),
        ({"leaving_times": "三"}, None),
    ],
)
def test_a_session_says_from_where_on_leaving_the_page_is_noted(app, cast, browser, planned, typed, kept):
    answer = browser("organizer").post(f"/exams/{planned['exam']}/sessions/new?mode=fixed", SESSION | typed)
    if kept is None:
        assert answer.status_code == 422
        return
    row = one(app, select(ExamSession).where(ExamSession.name == "下午场"))
    assert (row.leaving_seconds, row.leaving_times, row.full_screen) == kept
    form = text_of(browser("organizer").get(f"/exams/{planned['exam']}/sessions/{row.id}/edit"))
    assert re.search(rf'<input[^>]*name="leaving_seconds"[^>]*value="{kept[0]}"', form)
    plan = text_of(browser("organizer").get(f"/exams/{planned['exam']}/sessions"))
    limits = f"超过 {kept[0]} 秒、或到第 {kept[1]} 次，记一条情况" if kept[0] else "只留记录，不记情况"
    assert limits in plan
    assert ("；请考生全屏" in plan) is kept[2]
    assert "收卷后 20 分钟内" in plan


def test_a_window_has_its_own_end_and_a_duration_within_it(app, cast, browser, planned):
    window = browser("organizer")
    values = {**SESSION, "ends_at": "2026-11-24T14:30", "invigilated": ""}
    answer = window.post(f"/exams/{planned['exam']}/sessions/new?mode=window", values)
    assert answer.status_code == 422
    assert "作答时长超过开放时段的长度" in text_of(answer)
    assert 'value="2026-11-24T14:30"' in text_of(answer)
    done = window.post(f"/exams/{planned['exam']}/sessions/new?mode=window", values | {"ends_at": "2026-11-30T18:00"})
    assert done.status_code == 302
    assert one(app, select(ExamSession).where(ExamSession.name == "下午场")).mode == "window"


@pytest.mark.parametrize("typed", ["明天", "2026-13-01T09:00", ""])
def test_a_time_that_cannot_be_read_is_said(cast, browser, planned, typed):
    answer = browser("organizer").post(
        f"/exams/{planned['exam']}/sessions/new?mode=fixed", {**SESSION, "starts_at": typed}
    )
    assert answer.status_code == 422
    assert ("日期和时间写法不对" in text_of(answer)) or ("请填写开始时间" in text_of(answer))


def test_the_form_of_a_session_shows_its_times_in_the_zone(cast, browser, planned):
    page = text_of(browser("organizer").get(f"/exams/{planned['exam']}/sessions/{planned['session']}/edit"))
    assert 'value="2026-11-23T14:00"' in page


def test_demonstration_papers_are_not_offered_to_a_real_exam_and_it_is_said(app, cast, browser, planned, clock):
    with app.app_context(), transaction("write") as session:
        paper = make_paper(session, "D-1", demonstration=True, clock=clock)
    window = browser("organizer")
    url = f"/exams/{planned['exam']}/sessions/{planned['session']}/edit"
    page = text_of(window.get(url))
    assert "D-1" not in page
    assert "另有 1 份演示试卷" in page
    assert window.post(url, {**SESSION, "paper_id": str(paper.id)}).status_code == 422


def test_rooms_get_their_invigilators_by_ticking(app, cast, browser, planned):
    window = browser("organizer")
    url = f"/exams/{planned['exam']}/sessions/{planned['session']}/rooms/new"
    watcher = cast.accounts["invigilator"].id
    assert window.post(url, {"name": "301 机房", "invigilators": [str(watcher)]}).status_code == 302
    page = text_of(window.get(f"/exams/{planned['exam']}/sessions"))
    assert "301 机房" in page
    assert "invigilator 姓名" in page
    assert window.post(url, {"name": "301 机房"}).status_code == 409
    examiner = cast.accounts["examiner"].id
    assert window.post(url, {"name": "302 机房", "invigilators": [str(examiner)]}).status_code == 422


def test_publishing_asks_once_and_then_does_it(app, cast, browser, planned):
    window = browser("organizer")
    url = f"/exams/{planned['exam']}/publish"
    page = text_of(window.get(url))
    assert "3 名考生将在" in page
    answer = window.post(url)
    assert answer.status_code == 302
    assert "已发布" in text_of(window.get(answer.location))
    assert window.post(url).status_code == 409


def test_publishing_lists_the_gaps_with_their_buttons(cast, browser, planned):
    window = browser("organizer")
    window.post(f"/exams/{planned['exam']}/texts", {"notice": "【请填写】", "commitment": "x"})
    answer = window.post(f"/exams/{planned['exam']}/publish")
    assert answer.status_code == 409
    assert "没有填写" in text_of(answer)
    assert f"/exams/{planned['exam']}/texts" in text_of(answer)


def test_the_timeline_follows_the_clock(app, cast, browser, published, clock):
    window = browser("organizer")
    url = f"/exams/{published['exam']}"
    assert "印准考证" in text_of(window.get(url))
    clock.advance(hours=1, minutes=45)
    window = browser("organizer")
    assert re.search(
        r'timeline-current" aria-current="step">.{0,200}?timeline-label">入场', text_of(window.get(url)), re.S
    ) or ("进入监考" in text_of(window.get(url)))
    clock.advance(hours=2)
    window = browser("organizer")
    assert "应到 3 人，实考 0 人，缺考 3 人，另有请假缓考 0 人" in text_of(window.get(url))


def test_archiving_wants_the_code_typed(app, cast, browser, published, clock):
    clock.advance(hours=4)
    window = browser("organizer")
    url = f"/exams/{published['exam']}/archive"
    assert window.post(url, {"confirmation": "KS"}).status_code == 422
    assert one(app, select(Exam.state)) == "published"
    assert window.post(url, {"confirmation": "KS-1"}).status_code == 302
    assert one(app, select(Exam.state)) == "archived"


def test_tickets_wait_for_publication(cast, browser, planned):
    window = browser("organizer")
    assert "发布之后才能印准考证" in text_of(window.get(f"/exams/{planned['exam']}/tickets"))
    answer = window.get(f"/exams/{planned['exam']}/tickets.pdf")
    assert answer.status_code == 409
    assert "还没有发布" in text_of(answer)


def test_few_tickets_are_printed_at_once_and_recorded(app, cast, browser, published):
    window = browser("organizer")
    base = f"/exams/{published['exam']}"
    for query in (
        "",
        f"?session={published['session']}&room={published['room']}",
        f"?candidate={published['people'][0]}",
    ):
        answer = window.get(f"{base}/tickets.pdf{query}")
        assert answer.status_code == 200
        assert answer.data.startswith(b"%PDF-")
    assert window.get(f"{base}/seats.pdf").data.startswith(b"%PDF-")
    with app.app_context(), transaction("read") as session:
        actions = session.scalars(select(AuditEntry.action)).all()
    assert (actions.count("tickets_printed"), actions.count("seat_lists_printed")) == (3, 1)


def test_a_ticket_carries_the_code_in_the_fragment_and_no_title_that_tells(app, cast, published, monkeypatch):
    seen = []
    monkeypatch.setattr(tickets.segno, "make", lambda address, error: seen.append(address) or FakeCode())
    with app.app_context(), transaction("read") as session:
        exam = session.get_one(Exam, published["exam"])
        rows = tickets.people(session, exam.id)
        html = tickets._tickets_html(exam, rows, "https://exam.example/candidate")
    code = ticket_code("test-ticket-secret-test-ticket-secret", exam.id, published["people"][0], 1)
    assert code in html
    assert seen[0] == f"https://exam.example/candidate#n=26110001&c={code.replace('-', '')}"
    assert "素质能力测试" in html
    assert "提拔" not in html


class FakeCode:
    def svg_data_uri(self, border):
        return "data:image/svg+xml,"


def test_posted_seat_lists_hold_no_names(app, cast, published):
    with app.app_context(), transaction("read") as session:
        exam = session.get_one(Exam, published["exam"])
        rows = tickets.people(session, exam.id)
        html = tickets._html("print/seat_list.html", exam, rooms=tickets.seat_rooms(rows))
    assert "26110001" in html
    assert not any(name in html for name in ("王建国", "李秀英", "张伟"))


def test_many_tickets_are_made_by_a_job_with_progress(app, cast, browser, published, monkeypatch, clock):
    window = browser("organizer")
    monkeypatch.setattr("exam.schedule.ticket_views.DIRECTLY", 2)
    refused = window.get(f"/exams/{published['exam']}/tickets.pdf")
    assert refused.status_code == 422
    assert "后台生成" in text_of(refused)
    answer = window.post(f"/exams/{published['exam']}/tickets", {"session": published["session"]})
    assert answer.status_code == 302
    with app.app_context():
        assert run_next(registry_of(app), clock)
    run = one(app, select(JobRun))
    assert (run.state, run.done, run.total) == ("done", 3, 3)
    assert window.get(f"{answer.location}/file").data.startswith(b"%PDF-")


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/edit",
        "/texts",
        "/publish",
        "/archive",
        "/sessions",
        "/sessions/new",
        "/sessions/{session}/edit",
        "/sessions/{session}/rooms/new",
        "/sessions/{session}/rooms/{room}",
        "/tickets",
        "/tickets.pdf",
        "/seats.pdf",
        "/roster",
    ],
)
def test_pages_of_an_exam_are_for_organizers_alone(cast, browser, published, path):
    url = f"/exams/{published['exam']}{path.format(**published)}"
    assert browser("second_organizer").get(url).status_code == 200
    for name in ("stranger", "invigilator", "author", "audit_admin"):
        assert browser(name).get(url).status_code == 403
    assert browser().get(url).status_code == 302


@pytest.mark.parametrize(
    "path",
    [
        "/new",
        "/{exam}/edit",
        "/{exam}/texts",
        "/{exam}/publish",
        "/{exam}/archive",
        "/{exam}/sessions/new",
        "/{exam}/sessions/{session}/edit",
        "/{exam}/sessions/{session}/remove",
        "/{exam}/sessions/{session}/rooms/new",
        "/{exam}/sessions/{session}/rooms/{room}",
        "/{exam}/sessions/{session}/rooms/{room}/remove",
        "/{exam}/tickets",
    ],
)
def test_acts_need_the_token_and_the_right(cast, browser, published, path):
    url = "/exams" + path.format(**published)
    assert browser("organizer").client.post(url).status_code == 400
    assert browser("invigilator").post(url).status_code == 403


def test_ids_of_another_exam_are_not_found(app, cast, browser, published, clock):
    with app.app_context(), transaction("write") as session:
        other = make_exam(session, SYSTEM, clock, code="KS-2")
    window = browser("organizer")
    for path in (
        f"/exams/{other.id}/sessions/{published['session']}/edit",
        f"/exams/{other.id}/sessions/{published['session']}/rooms/{published['room']}",
        f"/exams/{other.id}/roster/{published['people'][0]}",
        f"/exams/{other.id}/tickets.pdf?session={published['session']}",
        "/exams/999",
    ):
        assert window.get(path).status_code == 404
