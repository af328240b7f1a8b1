"""The door to grading: closed sittings under blind numbers. Who it was stands behind the other door, exam.identities."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from sqlalchemy import Row, Select, case, func, select
from sqlalchemy.orm import Session

from core.errors import NotFound
from core.i18n import _
from exam.schedule.models import ApprovedLeave, Candidate, Exam, ExamSession
from exam.sittings.models import Receipt, Sitting
from exam.sittings.receipts import final_answers, is_latest
from exam.sittings.rules import RUNNING

AT_ONCE = 2000


@dataclass(frozen=True, slots=True)
class SessionFacts:
    """One exam session: its times, and how many sittings it has and has closed.

    ``ends_at`` is the session's end as planned; ``last_end`` the instant when nobody's time, with extra time and grace,
    can still run; ``running``: how many are sitting now, whatever the clock says (a pause moves its sitting's deadline).
    """

    session_id: int
    name: str
    starts_at: datetime
    ends_at: datetime
    paper_id: int | None
    sittings: int
    closed: int
    last_end: datetime
    running: int


@dataclass(frozen=True, slots=True)
class ExamFacts:
    """What grading may know of an exam."""

    exam_id: int
    code: str
    title: str
    neutral_title: str
    kind: str
    demonstration: bool
    state: str
    sessions: tuple[SessionFacts, ...]


@dataclass(frozen=True, slots=True)
class ClosedSitting:
    """A closed sitting with its final answers, slot -> response with displayed letters; withdrawn answers left out."""

    sitting_id: int
    blind_number: str
    exam_id: int
    session_id: int
    paper_id: int
    answers: dict[str, list[Any]]
    receipt_digest: str
    closed_at: datetime


@dataclass(frozen=True, slots=True)
class Interviewee:
    """A candidate as an interview panel may know one."""

    blind_number: str


def exam_facts(session: Session, exam_id: int) -> ExamFacts:
    """One exam's facts. Raises NotFound."""
    found = _facts(session, select(Exam).where(Exam.id == exam_id))
    if not found:
        raise NotFound(_("没有找到这场考试。请从考试列表重新进入。"))
    return found[0]


def exams(session: Session) -> list[ExamFacts]:
    """Every exam, the newest first."""
    return _facts(session, select(Exam).order_by(Exam.id.desc()))


def closed_sittings(session: Session, sitting_ids: Sequence[int]) -> list[ClosedSitting]:
    """Those of the named sittings that are closed, in the order of their ids: three statements for two thousand."""
    found: list[ClosedSitting] = []
    ids = sorted(set(sitting_ids))
    for start in range(0, len(ids), AT_ONCE):
        found += _closed(session, ids[start : start + AT_ONCE])
    return found


def closed_ids_without(session: Session, scored: Select[Any], limit: int = 5000) -> list[int]:
    """Ids of closed sittings that the selection of sitting ids does not hold, the oldest first."""
    query = select(Sitting.id).where(Sitting.state == "closed", Sitting.id.not_in(scored))
    return list(session.scalars(query.order_by(Sitting.id).limit(limit)))


def interviewees(session: Session, exam_id: int) -> list[Interviewee]:
    """The exam's candidates by blind number; who is on approved leave is left out."""
    query = select(Candidate.blind_number).where(Candidate.exam_id == exam_id, Candidate.id.not_in(on_leave(exam_id)))
    return [Interviewee(number) for number in session.scalars(query.order_by(Candidate.blind_number))]


def on_leave(exam_id: int) -> Select[Any]:
    """Ids of the exam's candidates whose latest entry of leave grants it."""
    latest = (
        select(func.max(ApprovedLeave.id))
        .join(Candidate, Candidate.id == ApprovedLeave.candidate_id)
        .where(Candidate.exam_id == exam_id)
        .group_by(ApprovedLeave.candidate_id)
    )
    return select(ApprovedLeave.candidate_id).where(ApprovedLeave.id.in_(latest), ApprovedLeave.granted)


def _facts(session: Session, exams: Select[Any]) -> list[ExamFacts]:
    rows = list(session.scalars(exams))
    counted = (
        select(
            Sitting.session_id,
            func.count().label("sittings"),
            func.sum(case((Sitting.state == "closed", 1), else_=0)).label("closed"),
            func.sum(case((Sitting.state.in_(RUNNING), 1), else_=0)).label("running"),
            func.max(Sitting.extra_seconds + Sitting.grace_seconds).label("longer"),
        )
        .where(Sitting.exam_id.in_([row.id for row in rows]))
        .group_by(Sitting.session_id)
        .subquery()
    )
    sessions = session.execute(
        select(ExamSession, counted.c.sittings, counted.c.closed, counted.c.running, counted.c.longer)
        .outerjoin(counted, counted.c.session_id == ExamSession.id)
        .where(ExamSession.exam_id.in_([row.id for row in rows]))
        .order_by(ExamSession.starts_at, ExamSession.id)
    ).all()
    return [_exam(row, [each for each in sessions if each[0].exam_id == row.id]) for row in rows]


def _exam(exam: Exam, sessions: Sequence[Row[Any]]) -> ExamFacts:
    told = tuple(
        SessionFacts(
            row.ExamSession.id,
            row.ExamSession.name,
            row.ExamSession.starts_at,
            row.ExamSession.ends_at,
            row.ExamSession.paper_id,
            row.sittings or 0,
            row.closed or 0,
            row.ExamSession.ends_at + timedelta(seconds=row.longer or 0),
            row.running or 0,
        )
        for row in sessions
    )
    return ExamFacts(
        exam.id, exam.code, exam.title, exam.neutral_title, exam.kind, exam.demonstration, exam.state, told
    )


@lru_cache(maxsize=65536)
def _response(stored: str) -> tuple[Any, ...]:
    # A hall gives the same few answers again and again: reading each text once halves the work.
    return tuple(json.loads(stored))


def _closed(session: Session, ids: Sequence[int]) -> list[ClosedSitting]:
    rows = session.execute(
        select(
            Sitting.id,
            Candidate.blind_number,
            Sitting.exam_id,
            Sitting.session_id,
            Sitting.paper_id,
            Receipt.digest,
            Sitting.closed_at,
        )
        .join(Candidate, Candidate.id == Sitting.candidate_id)
        .join(Receipt, (Receipt.sitting_id == Sitting.id) & is_latest())
        .where(Sitting.id.in_(ids), Sitting.state == "closed")
        .order_by(Sitting.id)
    ).all()
    answers = final_answers(session, [row.id for row in rows])
    return [
        ClosedSitting(
            sitting_id=row.id,
            blind_number=row.blind_number,
            exam_id=row.exam_id,
            session_id=row.session_id,
            paper_id=row.paper_id,
            answers={
                str(slot): list(_response(response))
                for slot, (response, _binding, _seq) in sorted(answers.get(row.id, {}).items())
                if response != "[]"
            },
            receipt_digest=row.digest,
            closed_at=row.closed_at,
        )
        for row in rows
    ]
