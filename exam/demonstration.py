"""The exams of the worked demonstration: an ability test with 12 candidates, and a discipline quiz."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.clock import Clock
from core.encryption import Vault
from exam.admission.rules import ticket_code
from exam.candidates.roster import Entry
from exam.candidates.service import register
from exam.schedule import presets
from exam.schedule.models import Exam, ExamSession
from exam.schedule.rules import Mode, Times
from exam.schedule.service import ExamData, SessionData, add_room, add_session, change_room, create_exam, publish

# Fictitious on purpose: surnames of the primer and a running number.
_NAMES = "赵一 钱二 孙三 李四 周五 吴六 郑七 冯八 陈九 褚十 卫十一 蒋十二".split()  # noqa: SIM905 (read as a list of names)
_UNITS = ("演示县发展改革局", "演示县教育局", "演示县水利局", "演示镇人民政府")
_POSTS = ("副局长", "办公室主任", "科长")
_PREFIX = {"DEMO-ABILITY": "YS01", "DEMO-QUIZ": "YS02"}


@dataclass(frozen=True)
class Place:
    """Where the demonstration is loaded: what the services need beside the session."""

    vault: Vault
    zone: ZoneInfo
    ticket_secret: str


@dataclass(frozen=True)
class Ticket:
    """One candidate's way in, printed once."""

    admission_number: str
    name: str
    code: str


@dataclass(frozen=True)
class DemonstrationExam:
    """An exam that was published, with its tickets."""

    exam_id: int
    title: str
    starts_at: datetime
    ends_at: datetime
    tickets: Sequence[Ticket]


def load_ability_test(
    session: Session, actor: Actor, clock: Clock, place: Place, paper_id: int, invigilators: Sequence[int]
) -> DemonstrationExam:
    """A fixed session of two hours that begins five minutes from now, 12 candidates in one room, two invigilators."""
    starts_at = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=5)
    times = Times(Mode.FIXED, clock.now(), starts_at, starts_at + timedelta(hours=2), 7200)
    data = ExamData(
        "DEMO-ABILITY", "演示·拟提拔人选素质能力测试", "素质能力测试（演示）", "ability_test", demonstration=True
    )
    return _load(session, actor, clock, place, data, SessionData("第一场", times, True, paper_id), invigilators)


def load_quiz(session: Session, actor: Actor, clock: Clock, place: Place, paper_id: int) -> DemonstrationExam:
    """A quiz of 20 minutes that may be taken at any time within two weeks, from anywhere."""
    starts_at = clock.now().replace(second=0, microsecond=0) + timedelta(minutes=1)
    times = Times(Mode.WINDOW, clock.now(), starts_at, starts_at + timedelta(days=14), 1200)
    data = ExamData(
        "DEMO-QUIZ", "演示·法规纪律小测", "法规知识测验（演示）", "discipline_quiz", True, demonstration=True
    )
    return _load(session, actor, clock, place, data, SessionData("开放时段", times, False, paper_id), ())


def _load(
    session: Session,
    actor: Actor,
    clock: Clock,
    place: Place,
    data: ExamData,
    session_data: SessionData,
    invigilators: Sequence[int],
) -> DemonstrationExam:
    exam = create_exam(
        session, actor, clock, data, notice=_filled(presets.notice("演示单位")), commitment=presets.COMMITMENT
    )
    row = add_session(session, actor, clock, exam, session_data)
    room_name = ""
    if invigilators:
        room = add_room(session, actor, clock, row, "第一考场")
        change_room(session, actor, clock, room, name=room.name, invigilators=invigilators)
        room_name = room.name
    candidates = register(
        session, clock, exam, _entries(data.code, row.id, room_name), vault=place.vault, zone=place.zone
    )
    publish(session, actor, clock, exam)
    tickets = [
        Ticket(one.admission_number, one.name, ticket_code(place.ticket_secret, exam.id, one.id, one.ticket_issue))
        for one in candidates
    ]
    return _summary(exam, row, tickets)


def _entries(code: str, session_id: int, room: str) -> list[Entry]:
    return [
        Entry(
            row=number,
            name=name,
            unit=_UNITS[number % len(_UNITS)],
            post=_POSTS[number % len(_POSTS)],
            number=f"{_PREFIX[code]}{number:04d}",
            session_id=session_id,
            room=room,
            seat=f"{number:02d}" if room else "",
        )
        for number, name in enumerate(_NAMES, start=1)
    ]


def _filled(notice: str) -> str:
    """The preset notice with its open places filled for a demonstration that holds nobody's data."""
    return re.sub(r"【请填写[^】]*】", "（演示，不处理真实个人信息）", notice)


def _summary(exam: Exam, row: ExamSession, tickets: Sequence[Ticket]) -> DemonstrationExam:
    return DemonstrationExam(exam.id, exam.title, row.starts_at, row.ends_at, tickets)
