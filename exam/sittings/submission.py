"""Handing in: the sitting closes first, then its answers are read, and both digests are compared.

Nearly every hand-in is a plain one, done at once by the hot path's statements; all else is told apart and settled here.
"""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock, from_milliseconds, to_milliseconds
from core.database import affected
from core.errors import Conflict
from core.i18n import _
from exam import timing
from exam.answers import statements
from exam.answers.service import Device, why_not
from exam.answers.statements import Facts
from exam.schedule.models import ExamSession
from exam.sittings import closing, incidents, receipts
from exam.sittings import statements as sitting_statements
from exam.sittings.models import Sitting
from exam.sittings.receipts import Closed, FinalAnswers, Issued
from exam.sittings.refusals import no_such_sitting, refusal
from exam.sittings.rules import text_digest
from exam.timing import Times


@dataclass(frozen=True, slots=True)
class HandIn:
    """What the client says it hands in; ``final``: it has nothing more to supply."""

    digest: str
    final: bool = False


def submit_at_once(
    clock: Clock, device: Device, sitting_id: int, hand_in: HandIn, received_at: datetime
) -> Issued | None:
    """Close an open sitting whose answers have the digest that the client states, and return its receipt.

    None: nothing was changed, and ``submit`` tells why, or settles it.
    """
    code = receipts.fresh_code()
    done = sitting_statements.hand_in(
        sitting=sitting_id,
        candidate=device.candidate_id,
        holder=device.sign_in,
        digest=hand_in.digest,
        received=to_milliseconds(received_at),
        code=code,
        at=to_milliseconds(clock.now()),
    )
    if done is None:
        return None
    return Issued(code, hand_in.digest, done.nonce, done.answered, received_at, closed_by="candidate")


def submit(
    session: Session, clock: Clock, device: Device, sitting_id: int, hand_in: HandIn, received_at: datetime
) -> Issued:
    """Close the sitting for its candidate and return the receipt; the same one again once it is closed, however it was.

    While it is open, a digest that differs is refused with what the server holds (``conflict``). The same digest against
    the same answers a second time, or ``final``, closes by the server's digest and notes an incident: nothing more can
    be supplied. Raises the refusals of interfaces.
    """
    facts = statements.facts(sitting=sitting_id, candidate=device.candidate_id, sign_in=device.sign_in)
    if facts is None:
        raise no_such_sitting()
    code = why_not(facts, device.sign_in, None, received_at)
    if code in ("late", "closed"):
        if facts.state == "open":
            closing.close_overdue(session, clock, only=sitting_id)
        return _receipt(session, sitting_id)
    if code:
        raise refusal(code)
    _refuse_too_early(session, facts, received_at)
    if not _close(session, device, sitting_id, hand_in, received_at):
        # Since the look above, the clock, the invigilator or the same click a second time was faster.
        return _receipt(session, sitting_id)
    answers = receipts.stored_answers(session, [sitting_id]).get(sitting_id, {})
    closed = Closed(sitting_id, 0, facts.paper_id, facts.nonce)
    digest = receipts.digest_of(closed, facts.paper, answers)
    actor = Actor("candidate", device.candidate_id, sign_in=device.sign_in)
    if digest != hand_in.digest:
        _settle_difference(session, actor, clock, sitting_id, hand_in, digest, answers)
    codes = receipts.insert_receipts(session, clock, {sitting_id: (digest, answers)})
    record(session, actor, clock, "submitted", "sitting", sitting_id, digest=digest)
    return Issued(
        codes[sitting_id], digest, facts.nonce, receipts.answered(answers), received_at, closed_by="candidate"
    )


def _receipt(session: Session, sitting_id: int) -> Issued:
    receipt = receipts.receipt_of(session, sitting_id)
    if receipt is None:
        raise refusal("paused")
    return receipt


def _refuse_too_early(session: Session, facts: Facts, received_at: datetime) -> None:
    if not facts.earliest_submission_seconds:
        return
    row = session.execute(
        select(
            ExamSession.mode,
            ExamSession.starts_at,
            ExamSession.ends_at,
            ExamSession.duration_seconds,
            ExamSession.latest_start_seconds,
            ExamSession.earliest_submission_seconds,
        )
        .join(Sitting, Sitting.session_id == ExamSession.id)
        .where(Sitting.id == facts.sitting_id)
    ).one()
    earliest = timing.earliest_submission(Times(*row), from_milliseconds(facts.started_at or 0))
    if received_at < earliest:
        minutes = -(-(to_milliseconds(earliest) - to_milliseconds(received_at)) // 60_000)
        message = _(
            "还没有到可以交卷的时间，未交卷，作答都在。请继续检查，约 %(minutes)s 分钟后可以交卷。", minutes=minutes
        )
        raise refusal("not_open", message)


def _close(session: Session, device: Device, sitting_id: int, hand_in: HandIn, received_at: datetime) -> bool:
    """The conditional UPDATE: it waits for saves under way, and saves that come later store nothing."""
    statement = (
        update(Sitting)
        .where(Sitting.id == sitting_id, Sitting.state == "open", Sitting.holder == device.sign_in)
        .values(state="closed", closed_at=received_at, closed_by="candidate", client_digest=hand_in.digest)
        .execution_options(synchronize_session=False)
    )
    return affected(session, statement) == 1


def _settle_difference(
    session: Session,
    actor: Actor,
    clock: Clock,
    sitting_id: int,
    hand_in: HandIn,
    digest: str,
    answers: FinalAnswers,
) -> None:
    """Refuse the difference once; accept it when nothing more can be supplied, and note that."""
    pair = text_digest(f"{hand_in.digest} {digest}")
    refused = session.scalar(select(Sitting.refused_digest).where(Sitting.id == sitting_id))
    if not hand_in.final and refused != pair:
        raise Conflict(
            _("服务器上的作答与本机不一致，尚未交卷。请补交缺少的作答后再次交卷；作答没有丢失。"),
            retry=True,
            details={
                "digest": digest,
                "held": {
                    str(slot): {"binding": binding, "seq": seq}
                    for slot, (_response, binding, seq) in sorted(answers.items())
                },
            },
            afterwards=lambda own: _remember_refusal(own, sitting_id, pair),
        )
    facts = f"交卷时考生设备上的作答与服务器不一致，且未能补交；已按服务器保存的作答收卷。设备摘要 {hand_in.digest}，服务器摘要 {digest}。"
    incidents.note(session, clock, sitting_id, incidents.DIGEST_MISMATCH, facts)
    record(session, actor, clock, "digest_mismatch", "sitting", sitting_id, client=hand_in.digest, server=digest)


def _remember_refusal(own: Session, sitting_id: int, pair: str) -> None:
    open_still = update(Sitting).where(Sitting.id == sitting_id, Sitting.state == "open")
    own.execute(open_still.values(refused_digest=pair))
