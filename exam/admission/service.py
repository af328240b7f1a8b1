"""A candidate's way to the sitting: signing in by ticket code, the notice, the commitment."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import current_app
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.accounts import sign_in
from core.accounts.actors import Actor
from core.accounts.models import SignIn
from core.audit.service import record
from core.clock import Clock, iso
from core.database import affected
from core.errors import BadInput, Conflict
from core.i18n import _
from exam import timing
from exam.addresses.rules import is_outside, parse_ranges
from exam.admission.rules import code_matches, normalised_admission_number, same_name
from exam.schedule.models import Candidate, Exam, ExamSession, Room
from exam.sittings import devices, incidents
from exam.sittings.models import Sitting
from exam.sittings.rules import RUNNING, effective_state, text_digest
from exam.timing import Times


@dataclass(frozen=True, slots=True)
class Admission:
    """A candidate with the sitting and what an exam's pages need to tell about it."""

    candidate: Candidate
    sitting: Sitting
    exam: Exam
    session: ExamSession

    @property
    def times(self) -> Times:
        """The session's times for exam.timing."""
        own = self.session
        return Times(
            own.mode,
            own.starts_at,
            own.ends_at,
            own.duration_seconds,
            own.latest_start_seconds,
            own.earliest_submission_seconds,
        )

    @property
    def closes_at(self) -> datetime:
        """When this candidate's time is up at the latest."""
        return self.sitting.deadline or timing.deadline(self.times, self.session.ends_at, self.sitting.extra_seconds)

    def state(self, now: datetime) -> str:
        """The sitting's state as it must be read."""
        return effective_state(self.sitting.state, self.sitting.deadline, self.sitting.grace_seconds, now)


@dataclass(frozen=True, slots=True)
class SignedIn:
    """The answer to a sign-in; ``row`` None: this browser was signed in as this candidate already."""

    admission: Admission
    row: SignIn | None
    now: datetime

    def as_json(self) -> dict[str, Any]:
        """As interfaces state it."""
        own = self.admission
        return {
            "candidate": own.candidate.id,
            "exams": [
                {
                    "exam": own.exam.id,
                    "title": own.exam.neutral_title,
                    "sitting": own.sitting.id,
                    "state": own.state(self.now),
                    "opens_at": iso(own.session.starts_at),
                    "closes_at": iso(own.closes_at),
                    "commitment": own.exam.commitment,  # the text whose SHA-256 the start asks for
                }
            ],
        }


def sign_in_candidate(
    session: Session, clock: Clock, number: str, code: str, *, address: str, device: str, present: Actor | None
) -> SignedIn:
    """Check admission number and ticket code and begin a session of the candidate.

    ``present``: who this browser is signed in as; the same candidate keeps its sign-in, and thereby its sitting.
    Failures are limited per admission number, never per address: a hall stands behind one. Raises ``LockedOut``,
    ``BadInput`` (wrong, the same words whether the number exists or not), ``not_open`` before admission begins.
    """
    number = normalised_admission_number(number)
    if not number:
        raise _wrong()
    subject = f"admission:{number}"
    failed_before = sign_in.refuse_if_locked(session, clock, subject)
    own = _matching(session, number, code)
    if own is None:
        raise _wrong(lambda failed: sign_in.count_failure(failed, clock, subject, None))
    now = clock.now()
    if now < own.session.admission_opens_at:
        raise Conflict(
            _("准考证号和登录码正确，但还没有到入场时间。请在准考证所示的入场时间之后再登录。"),
            code="not_open",
            retry=True,
        )
    if failed_before:
        sign_in.clear_failures(session, subject)
    if present and present.kind == "candidate" and present.id == own.candidate.id:
        return SignedIn(own, None, now)
    row = sign_in.begin(session, clock, "candidate", own.candidate.id, address=address, device=device)
    actor = Actor("candidate", own.candidate.id, sign_in=row.id)
    record(session, actor, clock, "sign_in", "candidate", own.candidate.id)
    _admit(session, clock, own)
    _note_address(session, clock, own, address)
    if not own.session.invigilated and own.state(now) in RUNNING:
        devices.take_over_on_sign_in(session, actor, clock, own.sitting.id, row.id)
    return SignedIn(own, row, now)


def admission_of(session: Session, candidate_id: int, sitting_id: int | None = None) -> Admission | None:
    """The candidate's admission (by its sitting's id, where a URL names one); None when it is not theirs."""
    query = _admissions().where(Candidate.id == candidate_id)
    if sitting_id is not None:
        query = query.where(Sitting.id == sitting_id)
    row = session.execute(query).one_or_none()
    return Admission(*row) if row else None


def room_name(session: Session, candidate: Candidate) -> str:
    """The candidate's room; empty for none."""
    room = session.get(Room, candidate.room_id) if candidate.room_id else None
    return room.name if room else ""


def agree_to_notice(session: Session, actor: Actor, clock: Clock, own: Admission) -> None:
    """Record that the notice on personal data was read and agreed to; a second time changes nothing."""
    digest = text_digest(own.exam.notice)
    first = update(Sitting).where(Sitting.id == own.sitting.id, Sitting.notice_agreed_at.is_(None))
    if affected(session, first.values(notice_digest=digest, notice_agreed_at=clock.now())):
        record(session, actor, clock, "notice_agreed", "sitting", own.sitting.id, digest=digest)


def sign_commitment(session: Session, actor: Actor, clock: Clock, own: Admission, name: str, digest: str) -> None:
    """Sign the commitment's exact text with one's own name. Raises ``BadInput``, and ``Conflict`` if the text changed."""
    expected = text_digest(own.exam.commitment)
    if digest != expected:
        raise Conflict(_("承诺书的文本刚刚更新，尚未签署。请重新阅读后再签署。"))
    if not same_name(name, own.candidate.name):
        raise BadInput(
            _("签名与登记的姓名不一致，尚未签署。请输入本人姓名；如登记的姓名有误，请告知监考员或考务人员。")
        )
    unsigned = update(Sitting).where(
        Sitting.id == own.sitting.id, Sitting.commitment_digest.is_distinct_from(expected), Sitting.started_at.is_(None)
    )
    if affected(session, unsigned.values(commitment_digest=expected, commitment_signed_at=clock.now())):
        record(session, actor, clock, "commitment_signed", "sitting", own.sitting.id, digest=expected)


def sign_out_candidate(session: Session, actor: Actor, clock: Clock) -> None:
    """End the candidate's session on this device."""
    sign_in.end(session, clock, actor.sign_in or "", "signed_out")
    record(session, actor, clock, "sign_out", "candidate", actor.id)


def _admissions() -> Any:
    return (
        select(Candidate, Sitting, Exam, ExamSession)
        .join(Sitting, Sitting.candidate_id == Candidate.id)
        .join(Exam, Exam.id == Candidate.exam_id)
        .join(ExamSession, ExamSession.id == Sitting.session_id)
        .where(Exam.state == "published")
    )


def _matching(session: Session, number: str, code: str) -> Admission | None:
    """An admission number may stand in several exams; the code is of one only."""
    secret = current_app.extensions["settings"].ticket_secret
    for row in session.execute(_admissions().where(Candidate.admission_number == number)):
        own = Admission(*row)
        if code_matches(code, secret, own.exam.id, own.candidate.id, own.candidate.ticket_issue):
            return own
    return None


def _admit(session: Session, clock: Clock, own: Admission) -> None:
    # The row at hand follows: its new values stand in the statement.
    first = update(Sitting).where(Sitting.id == own.sitting.id, Sitting.state == "registered")
    session.execute(first.values(state="admitted", admitted_at=clock.now()))


def _note_address(session: Session, clock: Clock, own: Admission, address: str) -> None:
    """A sign-in from outside of the room's ranges is let in like any other, and noted."""
    room = session.get(Room, own.candidate.room_id) if own.candidate.room_id else None
    if room and is_outside(address, parse_ranges(room.address_ranges)):
        facts = f"考生从 {address or '未知地址'} 登录，不在考场“{room.name}”登记的地址段内；已照常登录，请监考员核实。"
        incidents.note(session, clock, own.sitting.id, incidents.ADDRESS_OUTSIDE, facts)


def _wrong(afterwards: Any = None) -> BadInput:
    return BadInput(
        _("准考证号或登录码不正确，未能登录。请对照准考证重新输入；连续 5 次错误将锁定 15 分钟，监考员可以解除。"),
        code="wrong_credentials",
        afterwards=afterwards,
    )
