"""What the invigilator is shown of a candidate's absences."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from exam.leaving.models import PageEvent
from exam.leaving.rules import LEAVING, Absence, Thresholds, absences
from exam.schedule.models import ExamSession
from exam.sittings.models import Sitting


@dataclass(frozen=True)
class Told:
    """How often and how long (s) a page was left, when last; and how often what else was noted, by kind."""

    times: int
    seconds: int
    latest: datetime | None
    others: dict[str, int]


def absences_of(session: Session, sitting_id: int, started_at: datetime) -> list[Absence]:
    """Every absence of a sitting in the order of time."""
    statement = select(PageEvent.kind, PageEvent.client_at, PageEvent.seconds, PageEvent.received_at)
    rows = session.execute(statement.where(PageEvent.sitting_id == sitting_id, PageEvent.kind.in_(LEAVING)))
    return absences([(row[0], row[1], row[2], row[3]) for row in rows], started_at)


def thresholds_of(session: Session, sitting_id: int) -> Thresholds:
    """Where noting begins in the sitting's session."""
    own = select(ExamSession.leaving_seconds, ExamSession.leaving_times)
    row = session.execute(own.join(Sitting, Sitting.session_id == ExamSession.id).where(Sitting.id == sitting_id)).one()
    return Thresholds(row.leaving_seconds, row.leaving_times)


def told_of(session: Session, sitting: Sitting) -> Told:
    """Everything that the page of a sitting noted, in figures."""
    left = absences_of(session, sitting.id, sitting.started_at) if sitting.started_at else []
    own = select(PageEvent.kind).where(PageEvent.sitting_id == sitting.id, PageEvent.kind.not_in(LEAVING))
    others = Counter(session.scalars(own.order_by(PageEvent.received_at)))
    return Told(len(left), sum(one.seconds for one in left), left[-1].at if left else None, dict(others))
