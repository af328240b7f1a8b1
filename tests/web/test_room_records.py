"""The printed record of a room: what it tells, who may have it, that it is on record; nothing in it depends on the language."""

import re
import subprocess
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from core.accounts.models import FailureCount
from core.audit.models import AuditEntry
from core.database import transaction
from core.ticker import tick_once
from exam.candidates.service import grant_leave
from exam.claims.rules import show_code
from exam.invigilation.words import ALL_KINDS
from exam.room_records.building import KINDS, TOLD_APART
from exam.schedule import service
from exam.schedule.models import Candidate, Room
from exam.sittings.models import Sitting
from tests.support.exams import make_candidates, make_exam, make_paper, make_session


@pytest.fixture
def room(app, cast, clock):
    """A published exam: a room of eight, one of them on leave, and a second room; it has been running for 10 minutes, three sit."""
    with app.app_context(), transaction("write") as session:
        actor = cast.actor("organizer")
        paper = make_paper(session, clock=clock)
        exam = make_exam(session, actor, clock)
        row = make_session(session, actor, clock, exam, paper_id=paper.id, starts_in=timedelta(minutes=1))
        people = make_candidates(session, clock, exam, row, count=9)
        rooms = [session.scalars(select(Room)).one(), service.add_room(session, actor, clock, row, "第二考场")]
        watchers = [cast.accounts[name].id for name in ("invigilator", "second_invigilator")]
        service.change_room(session, actor, clock, rooms[0], name="第一考场", invigilators=watchers)
        people[8].room_id = rooms[1].id
        people[1].extra_seconds = 1200
        service.publish(session, actor, clock, exam)
        grant_leave(
            session, actor, clock, exam, people[7], basis="住院", approved_by="部务会", approved_on=clock.now().date()
        )
        sittings = session.scalars(select(Sitting.id).order_by(Sitting.candidate_id)).all()
        made = {"exam": exam.id, "rooms": [one.id for one in rooms], "sittings": list(sittings)}
    clock.advance(minutes=11)
    made["url"] = f"/invigilation/rooms/{made['rooms'][0]}"
    made["record"] = f"{made['url']}/record.pdf"
    now = clock.now()
    with app.app_context(), transaction("write") as session:
        begun = {"state": "open", "admitted_at": now, "started_at": now, "deadline": now + timedelta(minutes=50)}
        device = {"holder": "device", "binding": 1, "last_seen_at": now}
        session.execute(update(Sitting).where(Sitting.id.in_(made["sittings"][:3])).values(**begun, **device))
    return made


def printed(window, room):
    """The text of the record, without the spaces of the layout."""
    answer = window.get(room["record"])
    assert answer.status_code == 200, answer.get_data(as_text=True)
    assert answer.mimetype == "application/pdf"
    told = subprocess.run(["pdftotext", "-layout", "-", "-"], input=answer.data, capture_output=True, check=True)
    return re.sub(r"\s", "", told.stdout.decode())


def entries(app, action="room_record_printed"):
    with app.app_context(), transaction("read") as session:
        return list(session.scalars(select(AuditEntry).where(AuditEntry.action == action).order_by(AuditEntry.id)))


def finish(app, clock):
    clock.advance(minutes=80)
    tick_once(app, clock)


def test_a_record_during_the_session_says_that_it_is_not_finished(app, cast, browser, room):
    told = printed(browser("invigilator"), room)
    for words in (
        "素质能力测试考场记录表",
        "未结束：截至2026-11-23",
        "上午场",
        "第一考场",
        "7人（不含请假缓考）",
        "实到3人",
        "参考率42.9%",
        "尚未到场",
        "26110004（4）、26110005（5）、26110006（6）、26110007（7）",
        "26110008（8）",
        "加时20分钟",
        "名单核定",
        "第1页共",
        "监考员（签字）：",
        "校验码（SHA-256）",
    ):
        assert words in told, words
    assert "缺考4人" not in told
    assert "提拔" not in told
    assert "王建国" not in told
    assert "26110009" not in told


def test_a_record_tells_all_that_was_noted_and_done_in_the_room(app, cast, browser, room, clock):
    first, second = browser("invigilator"), browser("second_invigilator")
    one, two, three = room["sittings"][:3]
    first.post(f"{room['url']}/incidents/new", {"kind": "device_fault", "facts": "2 号机蓝屏。\n=1+1", "sitting": one})
    first.post(f"{room['url']}/incidents/new", {"kind": "other", "facts": "<b>断电</b>两分钟。"})
    first.post(f"{room['url']}/time/extra", {"scope": "all", "minutes": "5", "reason": "断电补时"})
    first.post(f"{room['url']}/time/pause", {"sitting": two, "reason": "身体不适"})
    first.post(f"{room['url']}/time/resume", {"sitting": two, "reason": "好转"})
    first.post(f"{room['url']}/sittings/{one}/release")
    with app.app_context(), transaction("write") as session:
        session.add(FailureCount(subject="admission:26110004", locked_until=clock.now() + timedelta(minutes=10)))
    first.post(f"{room['url']}/sittings/{room['sittings'][3]}/unlock")
    first.post(f"{room['url']}/sittings/{three}/force", {"reason": "突发疾病送医", "confirmation": "26110003"})
    second.post(f"{room['url']}/incidents/1/sign")
    finish(app, clock)
    browser("invigilator").post(f"{room['url']}/offline/sittings/{two}/code", {"code": "0123-4567"})
    told = printed(browser("second_invigilator"), room)
    for words in (
        "设备故障：2号机蓝屏。",
        "=1+1",
        "invigilator姓名",
        "second_invigilator",
        "全场",
        "<b>断电</b>两分钟。",
        "断电补时",
        "全体8人",
        "暂停",
        "身体不适",
        "恢复",
        "放行换设备",
        "解除登录锁定",
        "突发疾病送医",
        show_code("01234567"),
        "没有上传密封文件",
        "待签字",
        "缺考4人",
        "请假缓考1人",
    ):
        assert words in told, words
    assert "未结束" not in told
    assert told.count("强制交卷") == 1  # its own table alone tells of it


def test_what_is_empty_is_said(app, cast, browser, room, clock):
    with app.app_context(), transaction("write") as session:
        session.execute(update(Candidate).values(extra_seconds=0))
    assert printed(browser("organizer"), room).count("无。") == 5


def test_each_printing_is_on_record_with_its_digest_which_depends_on_nothing_but_the_content(
    app, cast, browser, room, clock
):
    finish(app, clock)
    printed(browser("organizer"), room)
    clock.advance(minutes=5)
    window = browser("invigilator")
    window.client.set_cookie("language", "en")
    assert "考场记录表" in printed(window, room)
    first, second = entries(app)
    assert first.details == {"exam": room["exam"], "digest": first.details["digest"], "finished": True}
    assert first.details == second.details
    assert (first.object_type, first.object_id) == ("room", str(room["rooms"][0]))
    assert second.actor_id == cast.accounts["invigilator"].id


def test_a_record_is_for_the_rooms_invigilators_and_organizers(app, cast, browser, room):
    for name in ("invigilator", "second_invigilator", "organizer"):
        assert browser(name).get(room["record"]).status_code == 200
    for name in ("stranger", "author", "examiner"):
        assert browser(name).get(room["record"]).status_code == 403
    assert browser().get(room["record"]).status_code == 302
    other = f"/invigilation/rooms/{room['rooms'][1]}/record.pdf"
    assert browser("invigilator").get(other).status_code == 404
    assert browser("organizer").get("/invigilation/rooms/999/record.pdf").status_code == 404
    assert len(entries(app)) == 3


def test_the_room_page_leads_to_its_record(cast, browser, room):
    assert room["record"] in browser("invigilator").get(room["url"]).get_data(as_text=True)


def test_every_kind_of_incident_has_its_word_on_the_sheet():
    assert set(ALL_KINDS) == set(KINDS) | set(TOLD_APART)
