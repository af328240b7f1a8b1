"""What an invigilator's desk shows: rooms, seats with their progress, incidents. Being assigned to a room is the permission."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, Subquery, and_, func, or_, select
from sqlalchemy.orm import Session, aliased

from core.accounts.actors import Actor
from core.accounts.models import Account, FailureCount
from core.accounts.permissions import Permission
from core.clock import to_milliseconds
from core.errors import NotFound
from core.i18n import _
from core.web.paging import Page
from exam.invigilation.models import Incident, TimeChange
from exam.invigilation.rules import Facts, Seat, seat_of
from exam.invigilation.statements import Watch
from exam.schedule.models import Candidate, Exam, ExamSession, Room, RoomInvigilator
from exam.schedule.queries import ROOM_ORDER, on_leave
from exam.sittings.models import Sitting

AROUND = timedelta(hours=16)  # how long before and after its times a room stands among "today's"


@dataclass(frozen=True)
class Post:
    """Where somebody watches: a room, or (organizers) a whole session."""

    exam: Exam
    session: ExamSession
    room: Room | None

    @property
    def name(self) -> str:
        """The room's name, or the session's."""
        return self.room.name if self.room else self.session.name

    @property
    def place(self) -> dict[str, Any]:
        """The argument that names the post in an address."""
        return {"room_id": self.room.id} if self.room else {"session_id": self.session.id}

    def watch(self, account_id: int = 0) -> Watch:
        """The post for the statements of polling; whoever asks has been let by already."""
        own = self.session
        room = self.room.id if self.room else None
        return Watch(
            account_id, self.exam.id, self.exam.state, own.id, to_milliseconds(own.ends_at), own.paper_id, room
        )


@dataclass(frozen=True)
class Attended:
    """One candidate at a post and how the seat stands."""

    candidate: Candidate
    sitting: Sitting
    seat: Seat


def may_watch_all(actor: Actor) -> bool:
    """Whether every room is open to the actor: to organizers it is."""
    return actor.may(Permission.MANAGE_EXAMS)


def post_of(session: Session, actor: Actor, room_id: int | None, session_id: int | None) -> Post:
    """The post, if it is the actor's. Raises ``NotFound`` for another's room as for one that does not exist."""
    post = post_at(session, room_id, session_id)
    if not (may_watch_all(actor) or (room_id is not None and _is_assigned(session, actor, room_id))):
        raise _no_such_post()
    return post


def post_at(session: Session, room_id: int | None, session_id: int | None) -> Post:
    """The room with this number, or for None the session; whoever asks has been let by. Raises ``NotFound``."""
    statement = select(Exam, ExamSession, Room).join(ExamSession, ExamSession.exam_id == Exam.id)
    if room_id is not None:
        statement = statement.join(Room, Room.session_id == ExamSession.id).where(Room.id == room_id)
    else:
        statement = statement.outerjoin(Room, Room.id.is_(None)).where(ExamSession.id == session_id)
    row = session.execute(statement.where(Exam.state != "planned")).one_or_none()
    if row is None:
        raise _no_such_post()
    return Post(row[0], row[1], row[2])


def _no_such_post() -> NotFound:
    return NotFound(_("没有这个考场，或它不由您监考。请从“监考”页面进入自己的考场。"))


def _is_assigned(session: Session, actor: Actor, room_id: int) -> bool:
    return session.get(RoomInvigilator, (room_id, actor.account_id)) is not None


def posts_for(session: Session, actor: Actor, now: datetime, *, all_days: bool = False) -> list[tuple[Post, int]]:
    """The actor's rooms with how many sit there; organizers see every room, and sessions with people outside of rooms."""
    statement = (
        select(Exam, ExamSession, Room, func.count(Candidate.id))
        .join(ExamSession, ExamSession.exam_id == Exam.id)
        .join(Candidate, Candidate.session_id == ExamSession.id)
        .outerjoin(Room, Room.id == Candidate.room_id)
        .where(Exam.state == "published")
        .group_by(Exam.id, ExamSession.id, Room.id)
        .order_by(ExamSession.starts_at, Exam.id, ExamSession.id)
        .order_by(*ROOM_ORDER)
    )
    if not all_days:
        statement = statement.where(_around(now))
    if not may_watch_all(actor):
        mine = select(RoomInvigilator.room_id).where(RoomInvigilator.account_id == actor.account_id)
        statement = statement.where(Room.id.in_(mine))
    return [(Post(row[0], row[1], row[2]), row[3]) for row in session.execute(statement)]


def _around(now: datetime) -> ColumnElement[bool]:
    return and_(ExamSession.admission_opens_at <= now + AROUND, ExamSession.ends_at >= now - AROUND)


def here(post: Post) -> ColumnElement[bool]:
    """The condition that a candidate sits at this post."""
    if post.room:
        return Candidate.room_id == post.room.id
    return Candidate.session_id == post.session.id


def at_this(post: Post) -> ColumnElement[bool]:
    """The condition that an incident belongs to this post."""
    if post.room:
        return and_(Incident.session_id == post.session.id, Incident.room_id == post.room.id)
    return Incident.session_id == post.session.id


def seated_statement(post: Post, search: str = "") -> Select[Sitting]:
    """The sittings at a post, room by room in the order of seats, narrowed to names and numbers that contain ``search``."""
    statement = (
        select(Sitting)
        .join(Candidate, Candidate.id == Sitting.candidate_id)
        .outerjoin(Room, Room.id == Candidate.room_id)
        .where(here(post))
        .order_by(*ROOM_ORDER)
        .order_by(func.length(Candidate.seat), Candidate.seat, Candidate.admission_number)
    )
    if search:
        words = (Candidate.name, Candidate.admission_number)
        statement = statement.where(or_(*(column.icontains(search, autoescape=True) for column in words)))
    return statement


def attendance(session: Session, post: Post, now: datetime) -> list[Attended]:
    """Everybody at a post in the order of seats with how each seat stands; two statements, however many sit there."""
    excused = set(session.scalars(on_leave(post.exam.id)))
    rows = session.execute(seated_statement(post).add_columns(Candidate))
    found = []
    for sitting, person in rows:
        facts = _facts(sitting, person.id in excused, post.session.ends_at)
        found.append(Attended(person, sitting, seat_of(facts, now)))
    return found


def _facts(own: Sitting, on_leave: bool, ends_at: datetime) -> Facts:
    return Facts(
        own.state,
        on_leave,
        own.started_at is not None,
        own.deadline,
        own.grace_seconds,
        own.last_seen_at,
        ends_at + timedelta(seconds=own.extra_seconds),
    )


def locked_out(session: Session, numbers: Iterable[str], now: datetime) -> dict[str, datetime]:
    """Which admission numbers are locked out of signing in, and until when."""
    subjects = {subject_of(number): number for number in numbers}
    statement = select(FailureCount.subject, FailureCount.locked_until).where(
        FailureCount.subject.in_(list(subjects)), FailureCount.locked_until > now
    )
    return {subjects[subject]: until for subject, until in session.execute(statement) if until}


def subject_of(admission_number: str) -> str:
    """Under which name failures of signing in with this number are counted."""
    return f"admission:{admission_number}"


def sitting_at(session: Session, post: Post, sitting_id: int) -> tuple[Sitting, Candidate]:
    """A sitting at this post with its candidate. Raises ``NotFound`` for one that is elsewhere."""
    statement = select(Sitting, Candidate).join(Candidate, Candidate.id == Sitting.candidate_id)
    row = session.execute(statement.where(Sitting.id == sitting_id, here(post))).one_or_none()
    if row is None:
        raise NotFound(_("这个考场里没有这名考生。请从考场页面重新选择。"))
    return row[0], row[1]


def sittings_at(session: Session, post: Post, ids: Iterable[int] | None) -> list[Sitting]:
    """The sittings at this post with these ids, or all of them for None; what is elsewhere is left out."""
    statement = seated_statement(post)
    if ids is not None:
        statement = statement.where(Sitting.id.in_(list(ids)))
    return list(session.scalars(statement))


@dataclass(frozen=True)
class Told:
    """An incident with whom it is about, in which room, and who recorded and signed it.

    ``count``: how many incidents were recorded together in its words, this one being the first of them.
    """

    incident: Incident
    candidate: Candidate | None
    room: str
    recorder: str
    signer: str
    count: int = 1

    @property
    def awaits_signature(self) -> bool:
        """Whether the second signature is still missing."""
        return self.incident.second_signer is None


def incidents_at(session: Session, post: Post, sitting_id: int | None = None) -> list[Told]:
    """The incidents of a post, or of one sitting there: those that await a signature first, then the latest."""
    statement = _told().where(at_this(post))
    return _read(session, statement if sitting_id is None else statement.where(Incident.sitting_id == sitting_id))


def told_of(session: Session, incidents: Iterable[Incident]) -> list[Told]:
    """These incidents in the order of their numbers."""
    chosen = _told().where(Incident.id.in_([one.id for one in incidents]))
    return _read(session, chosen.order_by(None).order_by(Incident.id))


def _read(session: Session, statement: Any) -> list[Told]:
    return [
        Told(own, candidate, room or "", recorder or "", signer or "", *count)
        for own, candidate, room, recorder, signer, *count in session.execute(statement)
    ]


def recorded_together(session: Session, post: Post, page: int, per_page: int, *, waiting: bool = False) -> Page[Told]:
    """As ``incidents_at``, those recorded together told once: an act on four thousand people is one line to read."""
    total = count_together(session, post, waiting=waiting)
    pages = max(1, -(-total // per_page))
    page = min(page, pages)
    together = _together(post, waiting)
    statement = _told().join(together, together.c.first == Incident.id).add_columns(together.c.count)
    rows = _read(session, statement.limit(per_page).offset((page - 1) * per_page))
    return Page(rows, page, pages, total, per_page)


def count_together(session: Session, post: Post, *, waiting: bool) -> int:
    """How many lines ``recorded_together`` has in all."""
    return session.scalar(select(func.count()).select_from(_together(post, waiting))) or 0


def _told() -> Any:
    recorder, signer = aliased(Account), aliased(Account)
    return (
        select(Incident, Candidate, Room.name, recorder.name, signer.name)
        .outerjoin(Sitting, Sitting.id == Incident.sitting_id)
        .outerjoin(Candidate, Candidate.id == Sitting.candidate_id)
        .outerjoin(Room, Room.id == Incident.room_id)
        .outerjoin(recorder, recorder.id == Incident.recorded_by)
        .outerjoin(signer, signer.id == Incident.second_signer)
        .order_by(Incident.second_signer.is_not(None), Incident.at.desc(), Incident.id.desc())
    )


def _together(post: Post, waiting: bool) -> Subquery:
    same = (Incident.kind, Incident.facts, Incident.at, Incident.recorded_by)
    signed = (Incident.second_signer, Incident.second_signed_at)
    statement = select(func.min(Incident.id).label("first"), func.count().label("count")).where(at_this(post))
    if waiting:
        statement = statement.where(Incident.second_signer.is_(None))
    return statement.group_by(*same, *signed).subquery()


def together_with(post: Post, incident: Incident) -> Select[Incident]:
    """The incidents of the post that were recorded together with this one, itself included, with the same signature."""
    return (
        select(Incident)
        .where(at_this(post), Incident.kind == incident.kind, Incident.facts == incident.facts)
        .where(Incident.at == incident.at, Incident.recorded_by.is_not_distinct_from(incident.recorded_by))
        .where(Incident.second_signer.is_not_distinct_from(incident.second_signer))
        .where(Incident.second_signed_at.is_not_distinct_from(incident.second_signed_at))
        .order_by(Incident.id)
    )


def all_together_with(session: Session, post: Post, incident: Incident) -> list[Incident]:
    """Every one of them."""
    return list(session.scalars(together_with(post, incident)))


def incident_count(session: Session, post: Post) -> int:
    """How many incidents a post has."""
    return session.scalar(select(func.count()).select_from(Incident).where(at_this(post))) or 0


def incident_at(session: Session, post: Post, incident_id: int) -> Incident:
    """An incident of this post. Raises ``NotFound``."""
    found = session.get(Incident, incident_id)
    elsewhere = found is None or found.session_id != post.session.id
    if found is None or elsewhere or (post.room and found.room_id != post.room.id):
        raise NotFound(_("这个考场没有这条情况记录。请从考场页面重新选择。"))
    return found


def time_changes_of(session: Session, sitting_id: int) -> list[tuple[TimeChange, str]]:
    """Every extra time, pause and end of a pause of a sitting with who gave it, the latest first."""
    statement = select(TimeChange, Account.name).join(Account, Account.id == TimeChange.by)
    rows = session.execute(statement.where(TimeChange.sitting_id == sitting_id).order_by(TimeChange.id.desc()))
    return [(row[0], row[1]) for row in rows]


def unsigned_for(session: Session, actor: Actor, now: datetime) -> list[tuple[int, int]]:
    """The rooms among today's where incidents await this actor's signature: (room id, how many)."""
    statement = (
        select(Incident.room_id, func.count())
        .join(ExamSession, ExamSession.id == Incident.session_id)
        .where(_around(now), Incident.room_id.is_not(None), Incident.second_signer.is_(None))
        .where(or_(Incident.recorded_by.is_(None), Incident.recorded_by != actor.account_id))
        .group_by(Incident.room_id)
    )
    if not may_watch_all(actor):
        mine = select(RoomInvigilator.room_id).where(RoomInvigilator.account_id == actor.account_id)
        statement = statement.where(Incident.room_id.in_(mine))
    return [(room_id, count) for room_id, count in session.execute(statement) if room_id]
