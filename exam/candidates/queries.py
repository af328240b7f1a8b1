"""Reading the candidates of an exam."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from core.encryption import Vault
from core.errors import NotFound
from core.i18n import _
from core.natural_order import natural_key
from core.web.numbers import id_of
from exam.candidates.roster import Known, plain
from exam.schedule.models import ApprovedLeave, Candidate, Exam, ExamSession, Room
from exam.schedule.queries import ROOM_ORDER, on_leave, rooms_of_exam, sessions_of
from exam.sittings.models import Sitting

# As ``ROOM_ORDER``, for a statement that does not join the rooms.
_ROOM_KEY = select(Room.sort_key).where(Room.id == Candidate.room_id).scalar_subquery()
_ROOM_ORDER = (Candidate.room_id.is_not(None), _ROOM_KEY)
SORTS: dict[str, tuple[Any, ...]] = {
    "number": (Candidate.admission_number,),
    "name": (Candidate.name,),
    "unit": (Candidate.unit,),
    "seat": (Candidate.session_id, *_ROOM_ORDER, func.length(Candidate.seat), Candidate.seat),
}
NO_ROOM = "none"


@dataclass(frozen=True)
class Filters:
    """What a list of candidates is narrowed to; ``room`` is an id or ``none``; ``leave`` is ``yes`` or empty."""

    search: str = ""
    session_id: int | None = None
    room: str = ""
    unit: str = ""
    leave: str = ""
    sort: str = "number"


def candidate_of(session: Session, exam_id: int, candidate_id: int) -> Candidate:
    """A candidate of this exam. Raises ``NotFound`` for another exam's."""
    found = session.get(Candidate, candidate_id)
    if found is None or found.exam_id != exam_id:
        raise NotFound(_("这场考试的名单里没有这名考生。请从名单重新选择。"))
    return found


def candidates(exam_id: int, filters: Filters) -> Select[Candidate]:
    """The candidates that match, sorted."""
    statement = select(Candidate).where(Candidate.exam_id == exam_id)
    if filters.search:
        columns = (Candidate.name, Candidate.admission_number, Candidate.unit, Candidate.post)
        statement = statement.where(or_(*(column.contains(filters.search, autoescape=True) for column in columns)))
    if filters.session_id is not None:
        statement = statement.where(Candidate.session_id == filters.session_id)
    if filters.room == NO_ROOM:
        statement = statement.where(Candidate.room_id.is_(None))
    elif id_of(filters.room):
        statement = statement.where(Candidate.room_id == id_of(filters.room))
    if filters.unit:
        statement = statement.where(Candidate.unit == filters.unit)
    if filters.leave:
        statement = statement.where(Candidate.id.in_(on_leave(exam_id)))
    columns_of_sort = SORTS.get(filters.sort.removeprefix("-"), SORTS["number"])
    down = filters.sort.startswith("-")
    return statement.order_by(*(column.desc() if down else column for column in columns_of_sort), Candidate.id)


def units(session: Session, exam_id: int) -> list[tuple[str, int]]:
    """The units of the exam's candidates with their counts, by name."""
    statement = select(Candidate.unit, func.count()).where(Candidate.exam_id == exam_id, Candidate.unit != "")
    found = [(unit, count) for unit, count in session.execute(statement.group_by(Candidate.unit))]
    return sorted(found, key=lambda one: natural_key(one[0]))


def leave_among(session: Session, exam_id: int, ids: Iterable[int]) -> set[int]:
    """Which of these candidates are on approved leave."""
    statement = on_leave(exam_id).where(ApprovedLeave.candidate_id.in_(list(ids)))
    return set(session.scalars(statement))


def leaves_of(session: Session, candidate_id: int) -> list[ApprovedLeave]:
    """Every record of leave and withdrawal of a candidate, the latest first."""
    statement = select(ApprovedLeave).where(ApprovedLeave.candidate_id == candidate_id)
    return list(session.scalars(statement.order_by(ApprovedLeave.id.desc())))


def sitting_of(session: Session, candidate_id: int) -> Sitting | None:
    """The candidate's sitting; None before publication."""
    return session.scalar(select(Sitting).where(Sitting.candidate_id == candidate_id))


def sitting_states_of(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """The state of each candidate's sitting as the table says it."""
    statement = select(Sitting.candidate_id, Sitting.state).where(Sitting.candidate_id.in_(list(ids)))
    return {candidate_id: state for candidate_id, state in session.execute(statement)}  # noqa: C416 (rows, not pairs)


def names_of_places(session: Session, exam_id: int) -> tuple[dict[int, str], dict[int, str]]:
    """The names of the exam's sessions and of its rooms, by id."""
    sessions = {row.id: row.name for row in sessions_of(session, exam_id)}
    rooms = {room.id: room.name for group in rooms_of_exam(session, exam_id).values() for room in group}
    return sessions, rooms


def known(session: Session, exam: Exam, vault: Vault, today: date) -> Known:
    """What a roster is checked against."""
    rows = session.execute(
        select(
            Candidate.admission_number,
            Candidate.identity_sealed,
            Candidate.name,
            Candidate.unit,
            Candidate.session_id,
            Candidate.seat,
            Room.name,
        )
        .outerjoin(Room, Room.id == Candidate.room_id)
        .where(Candidate.exam_id == exam.id)
    ).all()
    rooms = rooms_of_exam(session, exam.id)
    return Known(
        today=today,
        sessions={row.name: row.id for row in sessions_of(session, exam.id)},
        rooms={session_id: [room.name for room in group] for session_id, group in rooms.items()},
        numbers=frozenset(row[0] for row in rows),
        identities=frozenset(vault.open(row[1]) for row in rows if row[1]),
        people=frozenset((plain(row[2]), plain(row[3])) for row in rows),
        seats=frozenset((row[4], row[6] or "", row[5]) for row in rows if row[5]),
    )


def imported_at(session: Session, exam_id: int, instant: datetime) -> int:
    """How many candidates of the exam were registered at this instant, in one import."""
    statement = select(func.count()).select_from(Candidate)
    return session.scalar(statement.where(Candidate.exam_id == exam_id, Candidate.created_at == instant)) or 0


def seat_list(session: Session, exam_id: int, session_id: int | None, room_id: int | None) -> list[Any]:
    """Rows (candidate, session, room) of everybody to be seated: by session, room, seat and number."""
    statement = (
        select(Candidate, ExamSession, Room)
        .join(ExamSession, ExamSession.id == Candidate.session_id)
        .outerjoin(Room, Room.id == Candidate.room_id)
        .where(Candidate.exam_id == exam_id)
    )
    if session_id is not None:
        statement = statement.where(Candidate.session_id == session_id)
    if room_id is not None:
        statement = statement.where(Candidate.room_id == room_id)
    order = (ExamSession.starts_at, ExamSession.id, *ROOM_ORDER, func.length(Candidate.seat), Candidate.seat)
    return list(session.execute(statement.order_by(*order, Candidate.admission_number)))
