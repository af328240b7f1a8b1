"""Candidates: registered one by one or from a roster, changed, excused, given new tickets."""

import hashlib
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import delete, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts import sign_in
from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.encryption import Vault, mask
from core.errors import BadInput, Conflict
from core.i18n import _
from exam.candidates import queries
from exam.candidates.roster import Entry, Roster
from exam.schedule.models import ApprovedLeave, Candidate, Exam, ExamSession, Room
from exam.schedule.queries import room_of, session_of, sessions_of
from exam.schedule.rules import next_numbers
from exam.schedule.service import create_sittings, refuse_archived
from exam.sittings.models import Sitting

WAITING = ("registered", "admitted")
_BLIND_ALPHABET = "ABCDEFGHJKMNPQRSTVWXYZ23456789"
_BLIND_LENGTH = 8


def import_roster(
    session: Session,
    actor: Actor,
    clock: Clock,
    exam: Exam,
    roster: Roster,
    *,
    vault: Vault,
    zone: ZoneInfo,
    source_digest: str,
) -> int:
    """Register everybody on a roster that has no errors, with the rooms that it names; return how many.

    ``source_digest`` is the SHA-256 of the file. Raises ``BadInput`` for a roster with errors: nothing is written.
    """
    if not roster.may_be_imported:
        raise BadInput(
            _("名单里有 %(count)s 处错误或没有考生，没有写入任何内容。请改好后重新上传。", count=len(roster.errors))
        )
    rows = register(session, clock, exam, roster.entries, vault=vault, zone=zone)
    record(
        session,
        actor,
        clock,
        "roster_imported",
        "exam",
        exam.id,
        count=len(rows),
        candidates=_digest_of(rows),
        file=source_digest,
    )
    return len(rows)


def add_candidate(
    session: Session, actor: Actor, clock: Clock, exam: Exam, entry: Entry, *, vault: Vault, zone: ZoneInfo
) -> Candidate:
    """Register one candidate whose entry has been checked; after publication the sitting comes with it."""
    row = register(session, clock, exam, [entry], vault=vault, zone=zone)[0]
    record(session, actor, clock, "candidate_added", "candidate", row.id, exam=exam.id)
    return row


def register(
    session: Session, clock: Clock, exam: Exam, entries: Sequence[Entry], *, vault: Vault, zone: ZoneInfo
) -> list[Candidate]:
    """Insert candidates, their new rooms and, in a published exam, their sittings. The caller records it."""
    refuse_archived(exam)
    sessions = {row.id: row for row in sessions_of(session, exam.id)}
    _refuse_ended(clock, exam, [sessions[entry.session_id] for entry in entries])
    rooms = _rooms(session, exam, entries)
    rows = [
        Candidate(
            exam_id=exam.id,
            session_id=entry.session_id,
            room_id=rooms[entry.session_id, entry.room] if entry.room else None,
            seat=entry.seat,
            admission_number=entry.number,
            blind_number=blind,
            name=entry.name,
            unit=entry.unit,
            post=entry.post,
            identity_sealed=vault.seal(entry.identity) if entry.identity else None,
            identity_masked=mask(entry.identity) if entry.identity else "",
            extra_seconds=entry.extra_seconds,
            created_at=clock.now(),
        )
        for entry, blind in zip(
            _numbered(session, exam, entries, sessions, zone), _blind_numbers(session, len(entries)), strict=True
        )
    ]
    session.add_all(rows)
    try:
        session.flush()
    except IntegrityError as problem:
        raise Conflict(
            _("刚刚有人把相同的准考证号写进了名单，本次没有写入任何内容。请重新检查后再导入。"), retry=True
        ) from problem
    if exam.state == "published":
        create_sittings(session, exam.id, rows)
    return rows


def _refuse_ended(clock: Clock, exam: Exam, sessions: Sequence[ExamSession]) -> None:
    ended = next((row for row in sessions if exam.state == "published" and row.ends_at <= clock.now()), None)
    if ended:
        raise Conflict(_("场次“%(name)s”已经结束，不能再加考生，没有写入任何内容。", name=ended.name))


def _rooms(session: Session, exam: Exam, entries: Sequence[Entry]) -> dict[tuple[int, str], int]:
    """The ids of the rooms that the entries name; missing ones are created."""
    wanted = dict.fromkeys((entry.session_id, entry.room) for entry in entries if entry.room)
    statement = select(Room).join(ExamSession, ExamSession.id == Room.session_id).where(ExamSession.exam_id == exam.id)
    found = {(room.session_id, room.name): room.id for room in session.scalars(statement)}
    fresh = [Room(session_id=session_id, name=name) for session_id, name in wanted if (session_id, name) not in found]
    session.add_all(fresh)
    session.flush()
    return found | {(room.session_id, room.name): room.id for room in fresh}


def _numbered(
    session: Session, exam: Exam, entries: Sequence[Entry], sessions: dict[int, ExamSession], zone: ZoneInfo
) -> list[Entry]:
    """The entries with admission numbers for those who have none: date of the first session, exam, serial."""
    without = sum(1 for entry in entries if not entry.number)
    if not without:
        return list(entries)
    first = min(row.starts_at for row in sessions.values()).astimezone(zone)
    prefix = f"{first:%y%m%d}{exam.id % 100:02d}"
    taken = [*session.scalars(select(Candidate.admission_number).where(Candidate.exam_id == exam.id))]
    taken += [entry.number for entry in entries if entry.number]
    numbers = iter(next_numbers(prefix, taken, without))
    return [entry if entry.number else replace(entry, number=next(numbers)) for entry in entries]


def _blind_numbers(session: Session, count: int) -> list[str]:
    """Unused blind numbers: random, so that nothing of the person or the order shows in them."""
    numbers: set[str] = set()
    while len(numbers) < count:
        numbers |= {
            "".join(secrets.choice(_BLIND_ALPHABET) for _ in range(_BLIND_LENGTH)) for _ in range(count - len(numbers))
        }
        chosen = list(numbers)
        for start in range(0, len(chosen), 500):
            part = chosen[start : start + 500]
            numbers -= set(session.scalars(select(Candidate.blind_number).where(Candidate.blind_number.in_(part))))
    return list(numbers)


@dataclass(frozen=True)
class CandidateData:
    """What can be changed of a candidate."""

    name: str
    unit: str
    post: str
    session_id: int
    room_id: int | None
    seat: str
    extra_seconds: int


def change_candidate(
    session: Session, actor: Actor, clock: Clock, exam: Exam, candidate: Candidate, data: CandidateData
) -> None:
    """Change a candidate. Session and extra time only until the sitting has begun; the sitting follows."""
    refuse_archived(exam)
    target = session_of(session, exam.id, data.session_id)
    if data.room_id is not None:
        room_of(session, target.id, data.room_id)
    _check_seat(session, candidate, data)
    before = (candidate.session_id, candidate.extra_seconds)
    if exam.state == "published" and before != (data.session_id, data.extra_seconds):
        _refuse_ended(clock, exam, [target])
        _move_sitting(session, candidate, target, data.extra_seconds)
    changed = sorted(
        name for name in CandidateData.__dataclass_fields__ if getattr(candidate, name) != getattr(data, name)
    )
    for name in changed:
        setattr(candidate, name, getattr(data, name))
    session.flush()
    record(session, actor, clock, "candidate_changed", "candidate", candidate.id, exam=exam.id, fields=changed)


def _check_seat(session: Session, candidate: Candidate, data: CandidateData) -> None:
    if not data.seat:
        return
    if data.room_id is None:
        raise BadInput(_("填了座位号而没有选考场，未保存。请选择考场，或清空座位号。"))
    taken = select(Candidate.admission_number).where(
        Candidate.session_id == data.session_id,
        Candidate.room_id == data.room_id,
        Candidate.seat == data.seat,
        Candidate.id != candidate.id,
    )
    number = session.scalar(taken.limit(1))
    if number:
        raise Conflict(
            _("座位 %(seat)s 已安排给准考证号 %(number)s，未保存。请换一个座位号。", seat=data.seat, number=number)
        )


def _move_sitting(session: Session, candidate: Candidate, target: ExamSession, extra_seconds: int) -> None:
    moved = (
        update(Sitting)
        .where(Sitting.candidate_id == candidate.id, Sitting.state.in_(WAITING))
        .values(
            session_id=target.id,
            paper_id=target.paper_id,
            grace_seconds=target.grace_seconds,
            extra_seconds=extra_seconds,
        )
    )
    if affected(session, moved) == 0:
        raise Conflict(_("这名考生已经开始作答或已交卷，场次和加时不能在这里改，未保存。加时请到监考页面办理。"))


def remove_candidate(session: Session, actor: Actor, clock: Clock, exam: Exam, candidate: Candidate) -> None:
    """Take somebody off the roster of a planned exam."""
    _refuse_removal(exam)
    if queries.leaves_of(session, candidate.id):
        raise Conflict(_("这名考生登记过请假缓考，记录必须保留，没有移出名单。不参加考试的保留登记即可。"))
    session.execute(delete(Candidate).where(Candidate.id == candidate.id))
    record(session, actor, clock, "candidate_removed", "candidate", candidate.id, exam=exam.id)


def undo_import(session: Session, actor: Actor, clock: Clock, exam: Exam, imported_at: datetime) -> int:
    """Take everybody of one import off the roster of a planned exam; return how many."""
    _refuse_removal(exam)
    rows = session.scalars(
        select(Candidate)
        .where(Candidate.exam_id == exam.id, Candidate.created_at == imported_at)
        .order_by(Candidate.id)
    ).all()
    ids = [row.id for row in rows]
    excused = session.scalar(select(ApprovedLeave.id).where(ApprovedLeave.candidate_id.in_(ids)).limit(1))
    if excused:
        raise Conflict(_("这次导入的考生里已有人登记了请假缓考，不能整批撤销，未作更改。请逐个移出名单。"))
    session.execute(delete(Candidate).where(Candidate.exam_id == exam.id, Candidate.created_at == imported_at))
    record(session, actor, clock, "roster_import_undone", "exam", exam.id, count=len(rows), candidates=_digest_of(rows))
    return len(rows)


def _refuse_removal(exam: Exam) -> None:
    if exam.state != "planned":
        raise Conflict(_("考试已发布，考生不能移出名单，未作更改。不参加的请登记请假缓考。"))


def grant_leave(
    session: Session,
    actor: Actor,
    clock: Clock,
    exam: Exam,
    candidate: Candidate,
    *,
    basis: str,
    approved_by: str,
    approved_on: date,
) -> None:
    """Record approved leave (请假缓考). Raises ``Conflict`` for somebody who has sat or is already excused."""
    sitting = queries.sitting_of(session, candidate.id)
    if sitting and sitting.started_at:
        raise Conflict(_("这名考生已经参加考试，不能登记请假缓考，未作更改。"))
    if queries.leave_among(session, exam.id, [candidate.id]):
        raise Conflict(_("这名考生已登记请假缓考，没有重复登记。如内容有误，请先撤回再登记。"))
    _append_leave(session, actor, clock, exam, candidate, True, basis, approved_by, approved_on)


def withdraw_leave(
    session: Session,
    actor: Actor,
    clock: Clock,
    exam: Exam,
    candidate: Candidate,
    *,
    basis: str,
    approved_by: str,
    approved_on: date,
) -> None:
    """Take approved leave back by a later record. Raises ``Conflict`` where none stands."""
    if not queries.leave_among(session, exam.id, [candidate.id]):
        raise Conflict(_("这名考生现在没有有效的请假缓考，没有可撤回的内容。"))
    _append_leave(session, actor, clock, exam, candidate, False, basis, approved_by, approved_on)


def _append_leave(
    session: Session,
    actor: Actor,
    clock: Clock,
    exam: Exam,
    candidate: Candidate,
    granted: bool,
    basis: str,
    approved_by: str,
    approved_on: date,
) -> None:
    refuse_archived(exam)
    row = ApprovedLeave(
        candidate_id=candidate.id,
        granted=granted,
        basis=basis,
        approved_by=approved_by,
        approved_on=approved_on,
        recorded_by=actor.account_id,
        recorded_at=clock.now(),
    )
    session.add(row)
    session.flush()
    action = "leave_granted" if granted else "leave_withdrawn"
    record(session, actor, clock, action, "candidate", candidate.id, exam=exam.id, leave=row.id)


def reissue_ticket(session: Session, actor: Actor, clock: Clock, exam: Exam, candidate: Candidate) -> int:
    """Void the candidate's ticket codes so far and return the number of the new issue.

    Sign-ins made with the old code end, unless the sitting is under way: nobody is thrown out of an open sitting.
    """
    refuse_archived(exam)
    issue = candidate.ticket_issue
    next_issue = update(Candidate).where(Candidate.id == candidate.id, Candidate.ticket_issue == issue)
    if affected(session, next_issue.values(ticket_issue=issue + 1)) == 0:
        raise Conflict(_("刚刚已有人为这名考生补发过准考证，没有重复补发。请刷新页面后查看。"))
    session.expire(candidate)
    sitting = queries.sitting_of(session, candidate.id)
    if sitting is None or sitting.state in WAITING:
        sign_in.end_all(session, clock, "candidate", candidate.id, "ticket_reissued")
    record(session, actor, clock, "ticket_reissued", "candidate", candidate.id, exam=exam.id, issue=issue + 1)
    return issue + 1


def _digest_of(rows: Sequence[Candidate]) -> str:
    return hashlib.sha256(",".join(str(row.id) for row in rows).encode()).hexdigest()
