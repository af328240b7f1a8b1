"""Reading exams, sessions, rooms and what is still missing before an exam can be published."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Executable, Select, and_, func, or_, select, union
from sqlalchemy.orm import Session

from core.accounts.models import Account, AccountRole
from core.accounts.permissions import Role
from core.clock import Clock
from core.errors import NotFound
from core.i18n import _
from exam.schedule import presets
from exam.schedule.models import ApprovedLeave, Candidate, Exam, ExamSession, Room, RoomInvigilator
from exam.sittings.models import Sitting
from question_bank.delivery import PaperSummary, frozen_papers

SORTS = {"code": Exam.code, "title": Exam.title, "created": Exam.created_at}

# 第二考场 before 第十考场; whoever sits in no room comes first.
ROOM_ORDER = (Room.id.is_not(None), Room.sort_key)


@dataclass(frozen=True)
class Gap:
    """Something missing: ``code`` names it (its sentence: ``words.gap_sentence``), ``blocking`` forbids to publish."""

    code: str
    blocking: bool = True
    session_id: int | None = None
    values: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ExamOfPaper:
    """An exam session that has not ended and whose people sit a paper."""

    paper_id: int
    exam_id: int
    title: str
    session: str
    ends_at: datetime


def unended_exams_of_papers(session: Session, clock: Clock, paper_ids: Sequence[int]) -> list[ExamOfPaper]:
    """The sessions of exams that have not ended and that use one of the papers, the earliest end first."""
    drawn = select(Sitting.session_id, Sitting.paper_id).where(Sitting.paper_id.in_(paper_ids)).distinct()
    planned = select(ExamSession.id, ExamSession.paper_id).where(ExamSession.paper_id.in_(paper_ids))
    using = union(drawn, planned).subquery()
    rows = session.execute(
        select(using.c[1], Exam.id, Exam.neutral_title, ExamSession.name, ExamSession.ends_at)
        .join(ExamSession, ExamSession.id == using.c[0])
        .join(Exam, Exam.id == ExamSession.exam_id)
        .where(Exam.state != "archived", ExamSession.ends_at > clock.now())
        .order_by(ExamSession.ends_at, Exam.id, using.c[1])
    )
    return [ExamOfPaper(*row) for row in rows]


def exam_of(session: Session, exam_id: int) -> Exam:
    """The exam. Raises ``NotFound``."""
    exam = session.get(Exam, exam_id)
    if exam is None:
        raise NotFound(_("没有这场考试。请从考试列表重新选择。"))
    return exam


def session_of(session: Session, exam_id: int, session_id: int) -> ExamSession:
    """A session of this exam. Raises ``NotFound`` for another exam's."""
    found = session.get(ExamSession, session_id)
    if found is None or found.exam_id != exam_id:
        raise NotFound(_("这场考试没有这个场次。请从场次列表重新选择。"))
    return found


def room_of(session: Session, session_id: int, room_id: int) -> Room:
    """A room of this session. Raises ``NotFound`` for another session's."""
    found = session.get(Room, room_id)
    if found is None or found.session_id != session_id:
        raise NotFound(_("这个场次没有这个考场。请从场次列表重新选择。"))
    return found


def exams(search: str = "", kind: str = "", state: str = "", sort: str = "") -> Select[Exam]:
    """The exams that match, sorted by one of ``SORTS`` (``-`` before it: descending), the newest first by default."""
    statement = select(Exam)
    if search:
        statement = statement.where(or_(Exam.code.contains(search, autoescape=True), _title_contains(search)))
    if kind:
        statement = statement.where(Exam.kind == kind)
    if state:
        statement = statement.where(Exam.state == state)
    column = SORTS.get(sort.removeprefix("-"))
    if column is None:
        return statement.order_by(Exam.id.desc())
    return statement.order_by(column.desc() if sort.startswith("-") else column.asc(), Exam.id)


def _title_contains(search: str) -> Any:
    return or_(Exam.title.contains(search, autoescape=True), Exam.neutral_title.contains(search, autoescape=True))


def sessions_of(session: Session, exam_id: int) -> list[ExamSession]:
    """The exam's sessions by their start."""
    statement = select(ExamSession).where(ExamSession.exam_id == exam_id)
    return list(session.scalars(statement.order_by(ExamSession.starts_at, ExamSession.id)))


def sessions_by_exam(session: Session, exam_ids: Iterable[int]) -> dict[int, list[ExamSession]]:
    """The sessions of several exams at once."""
    found: dict[int, list[ExamSession]] = {}
    statement = select(ExamSession).where(ExamSession.exam_id.in_(list(exam_ids)))
    for row in session.scalars(statement.order_by(ExamSession.starts_at, ExamSession.id)):
        found.setdefault(row.exam_id, []).append(row)
    return found


def rooms_of_exam(session: Session, exam_id: int) -> dict[int, list[Room]]:
    """The rooms of every session of the exam, as people count them."""
    found: dict[int, list[Room]] = {}
    statement = select(Room).join(ExamSession, ExamSession.id == Room.session_id)
    for room in session.scalars(statement.where(ExamSession.exam_id == exam_id).order_by(*ROOM_ORDER, Room.id)):
        found.setdefault(room.session_id, []).append(room)
    return found


def invigilators_of_exam(session: Session, exam_id: int) -> dict[int, list[Account]]:
    """Who invigilates each room of the exam."""
    found: dict[int, list[Account]] = {}
    statement = (
        select(RoomInvigilator.room_id, Account)
        .join(Account, Account.id == RoomInvigilator.account_id)
        .join(Room, Room.id == RoomInvigilator.room_id)
        .join(ExamSession, ExamSession.id == Room.session_id)
        .where(ExamSession.exam_id == exam_id)
        .order_by(Account.name, Account.id)
    )
    for room_id, account in session.execute(statement):
        found.setdefault(room_id, []).append(account)
    return found


def possible_invigilators(session: Session) -> list[Account]:
    """Active accounts that hold the invigilator's role."""
    holds = and_(AccountRole.account_id == Account.id, AccountRole.role == Role.INVIGILATOR.value)
    statement = select(Account).join(AccountRole, holds).where(Account.active)
    return list(session.scalars(statement.order_by(Account.name, Account.id)).unique())


def _counts(session: Session, statement: Executable) -> dict[Any, int]:
    return {row[0]: row[1] for row in session.execute(statement)}


def candidate_counts(session: Session, exam_ids: Iterable[int]) -> dict[int, int]:
    """How many candidates each exam has."""
    statement = select(Candidate.exam_id, func.count()).where(Candidate.exam_id.in_(list(exam_ids)))
    return _counts(session, statement.group_by(Candidate.exam_id))


def counts_by_session(session: Session, exam_id: int) -> dict[int, int]:
    """How many candidates each session of the exam has."""
    statement = select(Candidate.session_id, func.count()).where(Candidate.exam_id == exam_id)
    return _counts(session, statement.group_by(Candidate.session_id))


def counts_by_room(session: Session, exam_id: int) -> dict[int | None, int]:
    """How many candidates each room of the exam has; under None those without one."""
    statement = select(Candidate.room_id, func.count()).where(Candidate.exam_id == exam_id)
    return _counts(session, statement.group_by(Candidate.room_id))


def on_leave(exam_id: int) -> Select[int]:
    """The ids of the exam's candidates whose latest record of leave stands."""
    latest = (
        select(func.max(ApprovedLeave.id))
        .join(Candidate, Candidate.id == ApprovedLeave.candidate_id)
        .where(Candidate.exam_id == exam_id)
        .group_by(ApprovedLeave.candidate_id)
    )
    return select(ApprovedLeave.candidate_id).where(ApprovedLeave.id.in_(latest), ApprovedLeave.granted)


def leave_count(session: Session, exam_id: int) -> int:
    """How many candidates of the exam are on approved leave."""
    return session.scalar(select(func.count()).select_from(on_leave(exam_id).subquery())) or 0


def sitting_states(session: Session, exam_id: int) -> Counter[str]:
    """How many sittings of the exam are in each state; ``absent`` counts the closed ones that nobody ever began."""
    begun = Sitting.started_at.is_not(None)
    statement = select(Sitting.state, begun, func.count()).where(Sitting.exam_id == exam_id)
    counts: Counter[str] = Counter()
    for state, was_begun, count in session.execute(statement.group_by(Sitting.state, begun)):
        counts["absent" if state == "closed" and not was_begun else state] += count
    return counts


def papers_for(session: Session, exam: Exam) -> list[PaperSummary]:
    """The frozen papers that this exam may use: a demonstration paper only in a demonstration."""
    return [paper for paper in frozen_papers(session) if exam.demonstration or not paper.demonstration]


def gaps(session: Session, exam: Exam, now: datetime) -> list[Gap]:
    """What is missing before the exam can be published, the blocking things first."""
    sessions = sessions_of(session, exam.id)
    found = [Gap("no_session")] if not sessions else []
    for name, text in (("notice", exam.notice), ("commitment", exam.commitment)):
        if not text.strip():
            found.append(Gap(f"no_{name}"))
        elif presets.UNFILLED in text:
            found.append(Gap(f"unfilled_{name}", values={"count": text.count(presets.UNFILLED)}))
    if sessions and not candidate_counts(session, [exam.id]):
        found.append(Gap("no_candidates"))
    rooms = rooms_of_exam(session, exam.id)
    by_session = counts_by_session(session, exam.id)
    by_room = counts_by_room(session, exam.id)
    watched = invigilators_of_exam(session, exam.id)
    roomless = _without_room(session, exam.id)
    for one in sessions:
        about: dict[str, Any] = {"session": one.name}
        if one.paper_id is None:
            found.append(Gap("no_paper", session_id=one.id, values=about))
        if one.starts_at <= now:
            found.append(Gap("started", session_id=one.id, values=about))
        if by_session and not by_session.get(one.id):
            found.append(Gap("empty_session", session_id=one.id, values=about))
        if one.invigilated and roomless.get(one.id):
            found.append(Gap("no_room", session_id=one.id, values={**about, "count": roomless[one.id]}))
        unwatched = [room.name for room in rooms.get(one.id, []) if by_room.get(room.id) and not watched.get(room.id)]
        if one.invigilated and unwatched:
            about = {**about, "rooms": "、".join(unwatched[:5]) + ("…" if len(unwatched) > 5 else "")}
            found.append(Gap("no_invigilator", blocking=False, session_id=one.id, values=about))
    return sorted(found, key=lambda gap: not gap.blocking)


def _without_room(session: Session, exam_id: int) -> dict[int, int]:
    statement = select(Candidate.session_id, func.count()).where(
        Candidate.exam_id == exam_id, Candidate.room_id.is_(None)
    )
    return _counts(session, statement.group_by(Candidate.session_id))
