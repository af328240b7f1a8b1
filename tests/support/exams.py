"""Exams for tests: a paper, an exam with a session, candidates; made by the services where there is one."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from flask import current_app
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.clock import Clock
from exam.candidates.roster import Entry
from exam.candidates.service import register
from exam.schedule import service
from exam.schedule.models import Candidate, Exam, ExamSession
from exam.schedule.rules import Mode, Times
from question_bank.papers.models import Paper

SHANGHAI = ZoneInfo("Asia/Shanghai")
NAMES = ("王建国", "李秀英", "张伟", "刘洋", "陈静", "杨帆", "赵磊", "黄敏", "周涛", "吴迪", "徐丽", "孙鹏")


def make_paper(session: Session, code: str = "P-1", *, demonstration: bool = False, clock: Clock) -> Paper:
    """A frozen paper without items: enough for whatever only refers to it."""
    paper = Paper(
        code=code,
        title=f"试卷 {code}",
        demonstration=demonstration,
        seed="0" * 64,
        pool=[],
        digest="0" * 64,
        total_hundredths=10000,
        drawn_at=clock.now(),
    )
    session.add(paper)
    session.flush()
    return paper


def make_exam(session: Session, actor: Actor, clock: Clock, **changes: Any) -> Exam:
    """A planned exam whose texts are complete."""
    values: dict[str, Any] = {
        "code": "KS-1",
        "title": "提拔对象测试",
        "neutral_title": "素质能力测试",
        "kind": "ability_test",
        **changes,
    }
    return service.create_exam(
        session, actor, clock, service.ExamData(**values), notice="告知书全文", commitment="承诺书全文"
    )


def times(starts_at: datetime, minutes: int = 60, **changes: Any) -> Times:
    """Times of a fixed session with half an hour of admission before it."""
    values: dict[str, Any] = {
        "mode": Mode.FIXED,
        "admission_opens_at": starts_at - timedelta(minutes=30),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(minutes=minutes),
        "duration_seconds": minutes * 60,
        **changes,
    }
    return Times(**values)


def make_session(
    session: Session,
    actor: Actor,
    clock: Clock,
    exam: Exam,
    *,
    paper_id: int | None = None,
    name: str = "上午场",
    invigilated: bool = True,
    starts_in: timedelta = timedelta(hours=2),
    **changes: Any,
) -> ExamSession:
    """A session that starts in two hours."""
    data = service.SessionData(name, times(clock.now() + starts_in, **changes), invigilated, paper_id)
    return service.add_session(session, actor, clock, exam, data)


def make_candidates(
    session: Session, clock: Clock, exam: Exam, row: ExamSession, count: int = 3, room: str = "第一考场"
) -> list[Candidate]:
    """Candidates 26110001 and on, in one room, seats 1 and on."""
    entries = [
        Entry(
            row=number,
            name=NAMES[(number - 1) % len(NAMES)],
            unit="市发展改革委",
            post="科长",
            number=f"2611{number:04d}",
            session_id=row.id,
            room=room,
            seat=str(number) if room else "",
        )
        for number in range(1, count + 1)
    ]
    return register(session, clock, exam, entries, vault=current_app.extensions["vault"], zone=SHANGHAI)


def make_published_exam(
    session: Session, actor: Actor, clock: Clock, *, count: int = 3, **changes: Any
) -> tuple[Exam, ExamSession, list[Candidate]]:
    """A published exam of one session and one room."""
    paper = make_paper(session, clock=clock)
    exam = make_exam(session, actor, clock)
    row = make_session(session, actor, clock, exam, paper_id=paper.id, **changes)
    candidates = make_candidates(session, clock, exam, row, count)
    service.publish(session, actor, clock, exam)
    return exam, row, candidates
