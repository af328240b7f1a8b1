"""The other door to grading: who it was. Permission-checked and audited at every call; never for scoring or panels."""

import hashlib
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.accounts.models import Account, AccountRole
from core.accounts.permissions import Permission, Role, permissions_of
from core.audit.service import record
from core.clock import Clock
from core.errors import Forbidden, NotFound
from core.i18n import _
from exam.handover import on_leave
from exam.schedule.models import ApprovedLeave, Candidate, Exam, ExamSession, Room
from exam.sittings.models import Receipt, Sitting
from exam.sittings.receipts import is_latest
from exam.sittings.rules import RUNNING, effective_state
from exam.timing import Times, latest_start

Attendance = Literal["present", "absent", "leave", "expected", "sitting"]
MAY_KNOW = frozenset(
    {Permission.MANAGE_EXAMS, Permission.READ_RESULTS, Permission.RECORD_DECISIONS, Permission.CHECK_DECISIONS}
)


@dataclass(frozen=True, slots=True)
class Identity:
    """A candidate of an exam with what the exam knows about the attendance."""

    candidate_id: int
    blind_number: str
    admission_number: str
    name: str
    unit: str
    post: str
    session_name: str
    room: str
    seat: str
    sitting_id: int | None
    attendance: Attendance
    leave_basis: str
    receipt_code: str
    receipt_digest: str


def identities_of_exam(session: Session, actor: Actor, clock: Clock, exam_id: int, purpose: str) -> list[Identity]:
    """Everybody of an exam, by admission number; one audit entry tells who asked for them and why.

    Needs a writing transaction. Raises Forbidden for an account without a role that may know, NotFound.
    """
    _refuse_strangers(session, actor)
    if session.get(Exam, exam_id) is None:
        raise NotFound(_("没有找到这场考试。请从考试列表重新进入。"))
    leaves = _leaves(session, exam_id)
    rows = session.execute(
        select(Candidate, ExamSession, Room.name, Sitting, Receipt.code, Receipt.digest)
        .join(ExamSession, ExamSession.id == Candidate.session_id)
        .outerjoin(Room, Room.id == Candidate.room_id)
        .outerjoin(Sitting, Sitting.candidate_id == Candidate.id)
        .outerjoin(Receipt, (Receipt.sitting_id == Sitting.id) & is_latest())
        .where(Candidate.exam_id == exam_id)
        .order_by(Candidate.admission_number)
    )
    found = [
        Identity(
            candidate_id=candidate.id,
            blind_number=candidate.blind_number,
            admission_number=candidate.admission_number,
            name=candidate.name,
            unit=candidate.unit,
            post=candidate.post,
            session_name=own.name,
            room=room or "",
            seat=candidate.seat,
            sitting_id=sitting.id if sitting else None,
            attendance=_attendance(clock, own, sitting, on_leave=candidate.id in leaves),
            leave_basis=leaves.get(candidate.id, ""),
            receipt_code=code or "",
            receipt_digest=digest or "",
        )
        for candidate, own, room, sitting, code, digest in rows
    ]
    told = hashlib.sha256(",".join(str(one.candidate_id) for one in found).encode()).hexdigest()
    record(session, actor, clock, "identities_read", "exam", exam_id, purpose=purpose, count=len(found), digest=told)
    return found


def _refuse_strangers(session: Session, actor: Actor) -> None:
    """The system may know; an account by the roles that it holds now (a job's actor carries none)."""
    if actor.kind == "system":
        return
    roles: list[Role] = []
    if actor.kind == "account":
        held = select(AccountRole.role).join(Account).where(Account.id == actor.id, Account.active)
        roles = [Role(role) for role in session.scalars(held)]
    if not permissions_of(roles) & MAY_KNOW:
        raise Forbidden(_("您没有查看考生身份的权限，操作未执行。如确需办理，请联系安全管理员。"))


def _leaves(session: Session, exam_id: int) -> dict[int, str]:
    query = select(ApprovedLeave.candidate_id, ApprovedLeave.basis).where(
        ApprovedLeave.candidate_id.in_(on_leave(exam_id)), ApprovedLeave.granted
    )
    return {row.candidate_id: row.basis for row in session.execute(query.order_by(ApprovedLeave.id))}


def _attendance(clock: Clock, own: ExamSession, sitting: Sitting | None, *, on_leave: bool) -> Attendance:
    """Who sat was present, whatever else is on record; leave is never absence; absent is who can begin no more."""
    now = clock.now()
    if sitting is not None:
        state = effective_state(sitting.state, sitting.deadline, sitting.grace_seconds, now)
        if state == "closed":
            return "present"
        if state in RUNNING:
            return "sitting"
    if on_leave:
        return "leave"
    times = Times(own.mode, own.starts_at, own.ends_at, own.duration_seconds, own.latest_start_seconds)
    extra = sitting.extra_seconds if sitting is not None else 0
    return "absent" if now >= latest_start(times, extra) else "expected"
