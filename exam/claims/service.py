"""Offline hand-in: a code is written down, a sealed file that fits it is taken as a claim, a person decides.

Nothing counts before that decision; every act and every refused file is recorded.
"""

import hashlib
import json
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, insert, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.errors import BadInput, Conflict, TooLarge
from core.i18n import _
from exam.claims import keys, sealing
from exam.claims.models import ClaimDecision, ClaimStep, OfflineClaim, OfflineCode
from exam.claims.queries import Claim, latest_claim, latest_code, stored_steps
from exam.claims.rules import (
    PROPOSED,
    Bounds,
    Journal,
    JudgedStep,
    NoJournal,
    journal_code,
    judge,
    read_code,
    read_journal,
    show_code,
)
from exam.invigilation.models import Incident
from exam.invigilation.queries import Post
from exam.sittings import closing, incidents, receipts
from exam.sittings.models import Receipt, Sitting
from exam.sittings.receipts import Closed, FinalAnswers
from exam.sittings.rules import canonical_json, receipt_code
from question_bank.delivery import BadResponse, DeliveredPaper, canonical_response, deliver

LONGEST_REASON = 500


def until(post: Post, sitting: Sitting) -> datetime | None:
    """Until when codes and files of this sitting are taken; None where none are."""
    seconds = post.session.offline_seconds
    return sitting.deadline + timedelta(seconds=seconds) if seconds and sitting.deadline else None


def note_code(
    session: Session, actor: Actor, clock: Clock, post: Post, sitting: Sitting, typed: str, once: str | None = None
) -> OfflineCode:
    """Write down the code that the candidate's page shows, with an incident that a second person signs.

    The code that stands already is left as it is. Raises ``BadInput`` for what is no code, ``Conflict`` before the
    deadline, after the allowed time, where the candidate handed in, and for a form (``once``) that is sent twice.
    """
    code = read_code(typed)
    if not code:
        raise BadInput(
            _("“%(typed)s”不是离线交卷码，没有登记。它是考生页面上 8 位字母和数字，请照原样输入。", typed=typed[:20])
        )
    _refuse_out_of_time(post, sitting, clock.now())
    standing = latest_code(session, sitting.id)
    if standing and standing.code == code:
        return standing
    facts = f"考生页面显示离线交卷码 {show_code(code)}：截止时有作答未能送达服务器。"
    try:
        with session.begin_nested():
            incident = incidents.note(session, clock, sitting.id, incidents.OFFLINE_CODE, facts, actor)
            incident.once = once
    except IntegrityError:
        raise Conflict(_("这张表单刚刚已经登记过，没有重复登记。请核对下面登记过的码。")) from None
    row = OfflineCode(
        sitting_id=sitting.id, code=code, incident_id=incident.id, noted_by=actor.account_id, noted_at=clock.now()
    )
    session.add(row)
    session.flush()
    record(session, actor, clock, "offline_code_noted", "sitting", sitting.id, code=code, incident=incident.id)
    return row


def _refuse_out_of_time(post: Post, sitting: Sitting, now: datetime) -> None:
    last = until(post, sitting)
    if not post.session.offline_seconds:
        raise Conflict(_("本场次没有开放离线交卷，未作登记。如有作答未送达，请记录情况并报告考务管理员。"))
    if sitting.deadline is None or last is None:
        raise Conflict(_("这名考生没有开始作答，没有可以离线交的卷。"))
    if sitting.closed_by == "candidate":
        raise Conflict(_("这名考生已经本人交卷，交卷时的作答都在服务器上，不接受离线交卷。"))
    if sitting.state != "closed":
        raise Conflict(_("这名考生的时间还没有到，尚未收卷，不能登记或上传。请在收卷之后办理。"))
    if now >= last:
        raise Conflict(
            _("已超过离线交卷的期限（收卷后 %(minutes)s 分钟），未作登记。", minutes=post.session.offline_seconds // 60)
        )


@dataclass(frozen=True, slots=True)
class _Opened:
    journal: Journal
    code: OfflineCode


def take_file(session: Session, actor: Actor, clock: Clock, post: Post, sitting: Sitting, data: bytes) -> OfflineClaim:
    """Take a sealed file as the candidate's claim: a later revision of the receipt, an incident, every step judged.

    Only a file that opens with the exam's key, belongs to this sitting and matches the code noted last is taken. Raises
    ``BadInput``, ``Conflict`` and ``TooLarge`` with one sentence each; nothing is stored then.
    """
    _refuse_out_of_time(post, sitting, clock.now())
    _refuse_second(session, sitting)
    opened = _open(session, sitting, data)
    paper = deliver(session, sitting.paper_id)
    judged = _judge(session, sitting, paper, opened.journal)
    _refuse_nothing_new(judged)
    previous = session.scalar(select(func.max(Receipt.revision)).where(Receipt.sitting_id == sitting.id)) or 0
    facts = f"上传了与离线交卷码 {show_code(opened.code.code)} 相符的密封文件，其中服务器没有收到的作答 {_proposed(judged)} 步，作为考生主张的第 {previous + 1} 版回执，待考务管理员确认。"
    incident = incidents.note(session, clock, sitting.id, incidents.OFFLINE_CLAIM, facts, actor)
    claim = OfflineClaim(
        sitting_id=sitting.id,
        exam_id=sitting.exam_id,
        code_id=opened.code.id,
        revision=previous + 1,
        file=data,
        file_digest=hashlib.sha256(data).hexdigest(),
        incident_id=incident.id,
        uploaded_by=actor.account_id,
        uploaded_at=clock.now(),
    )
    session.add(claim)
    try:
        session.flush()
    except IntegrityError:
        raise _pending() from None
    session.execute(insert(ClaimStep), [_row(claim.id, one) for one in judged])
    digest = _issue(session, clock, sitting, claim, paper, judged)
    record(
        session,
        actor,
        clock,
        "offline_claim_taken",
        "sitting",
        sitting.id,
        claim=claim.id,
        file=claim.file_digest,
        code=opened.code.code,
        steps=len(judged),
        proposed=_proposed(judged),
        revision=claim.revision,
        digest=digest,
    )
    return claim


def note_refusal(session: Session, actor: Actor, clock: Clock, sitting_id: int, code: str, data: bytes) -> None:
    """Record that a file was not taken, and why."""
    digest = hashlib.sha256(data).hexdigest()
    record(session, actor, clock, "offline_file_refused", "sitting", sitting_id, reason=code, file=digest)


def decide(session: Session, actor: Actor, clock: Clock, claim: Claim, *, verdict: str, reason: str) -> None:
    """Confirm or refuse a claim, once, with a reason. A confirmed one counts from here on and is scored anew.

    Raises ``BadInput`` without a reason, ``Conflict`` for whoever noted the code or brought the file, before the second
    person has signed the code, and once it is decided.
    """
    if verdict not in ("confirmed", "refused") or not 0 < len(reason.strip()) <= LONGEST_REASON:
        raise BadInput(_("请选择确认或不予采纳，并写明理由（不超过 500 字），没有作出决定。"))
    if actor.account_id in (claim.claim.uploaded_by, claim.code.noted_by):
        raise Conflict(_("离线交卷码由您登记，或文件由您上传，须由另一名考务管理员决定，没有作出决定。"))
    signer = session.scalar(select(Incident.second_signer).where(Incident.id == claim.code.incident_id))
    if verdict == "confirmed" and signer is None:
        raise Conflict(_("离线交卷码还没有第二人签字，不能确认。请先由另一名监考员在考场情况里签字。"))
    values = {"claim_id": claim.claim.id, "verdict": verdict, "reason": reason.strip()}
    values |= {"decided_by": actor.account_id, "decided_at": clock.now()}
    try:
        with session.begin_nested():
            session.execute(insert(ClaimDecision), [values])
    except IntegrityError:
        raise Conflict(_("这份离线交卷已有人作出决定，没有重复决定。请刷新页面查看。")) from None
    about = {"claim": claim.claim.id, "revision": claim.claim.revision, "reason": reason.strip()}
    act = "offline_claim_confirmed" if verdict == "confirmed" else "offline_claim_refused"
    record(session, actor, clock, act, "sitting", claim.claim.sitting_id, **about)
    if verdict == "confirmed":
        closing.announce(session, [claim.sitting.session_id])


def _refuse_second(session: Session, sitting: Sitting) -> None:
    before = latest_claim(session, sitting.id)
    if before and before.standing == "pending":
        raise _pending()
    if before and before.standing == "confirmed":
        raise Conflict(_("这名考生的离线交卷已经确认，不能再上传。"))


def _pending() -> Conflict:
    return Conflict(_("这名考生的密封文件已经上传，正等待考务管理员确认，没有重复上传。"))


def _open(session: Session, sitting: Sitting, data: bytes) -> _Opened:
    """Everything that a file must fulfil, in the order in which a person can mend it."""
    if not data:
        raise BadInput(_("没有选择文件，或文件是空的，没有上传。请选择考生电脑上保存的密封文件。"), code="empty")
    if len(data) > sealing.LARGEST_FILE:
        raise TooLarge(_("文件超过 32 MB，不是本系统的密封文件，没有上传。请选择考生页面保存的那个文件。"))
    code = latest_code(session, sitting.id)
    if code is None:
        raise Conflict(_("还没有登记这名考生的离线交卷码，文件没有上传。请先登记考生页面上的 8 位码。"), code="no_code")
    try:
        file = sealing.read_file(data)
    except sealing.NoSealedFile:
        raise BadInput(_("这不是本系统的密封文件，没有上传。请选择考生页面保存的那个文件。"), code="garbage") from None
    if file.sitting != sitting.id:
        raise BadInput(_("这个密封文件不是这名考生的，没有上传。请核对座位，在对应考生处上传。"), code="other_sitting")
    try:
        private = keys.private_key(session, sitting.exam_id)
    except ValueError:
        message = _("服务器的数据密钥已经更换，打不开这场考试的密封密钥，没有上传。请立即报告系统管理员。")
        raise Conflict(message, code="no_key") from None
    if private is None:
        raise Conflict(_("这场考试发布时没有生成密封密钥，不能接受密封文件。请记录情况并报告考务管理员。"))
    return _Opened(_match(sitting, code, file, private), code)


def _match(sitting: Sitting, code: OfflineCode, file: sealing.SealedFile, private: str) -> Journal:
    try:
        plaintext = sealing.open_file(file, private)
    except sealing.NotForThisKey:
        message = _("密封文件打不开：它属于另一场考试，或已被改动，没有上传。请回到考生电脑重新保存一次。")
        raise BadInput(message, code="wrong_key") from None
    try:
        journal = read_journal(plaintext)
    except NoJournal:
        message = _("密封文件里的内容不是作答记录，没有上传。请回到考生电脑重新保存一次。")
        raise BadInput(message, code="no_journal") from None
    if (journal.sitting, journal.nonce) != (sitting.id, sitting.nonce):
        message = _("密封文件里的作答不是这名考生这场考试的，没有上传。请核对座位后重新选择文件。")
        raise BadInput(message, code="other_sitting")
    if not secrets.compare_digest(journal_code(plaintext, journal.nonce), code.code):
        message = _(
            "文件与登记的离线交卷码 %(code)s 不符，没有上传。请核对考生页面上的码：登记错了请重新登记，文件存错了请重新保存。",
            code=show_code(code.code),
        )
        raise BadInput(message, code="other_code")
    return journal


def _judge(session: Session, sitting: Sitting, paper: DeliveredPaper, journal: Journal) -> list[JudgedStep]:
    slots = {slot.slot: slot for section in paper.sections for slot in section.slots}

    def canonical(name: str, response: object) -> str | None:
        try:
            return canonical_json(canonical_response(slots[name], response))
        except (KeyError, BadResponse):
            return None

    ends = [instant for instant in (sitting.deadline, sitting.closed_at) if instant is not None]
    # A forced submission ended the sitting before its deadline.
    last = min(ends) if sitting.closed_by == "invigilator" else sitting.deadline or min(ends)
    bounds = Bounds(sitting.started_at or last, last, sitting.binding)
    return judge(journal.steps, stored_steps(session, sitting.id), bounds, canonical)


def _refuse_nothing_new(judged: Sequence[JudgedStep]) -> None:
    found = {one.judgement for one in judged}
    if PROPOSED in found:
        return
    if "too_late" in found:
        message = _("文件里服务器没有收到的作答都是截止时间之后的，不能采纳，没有上传。")
        raise BadInput(message, code="too_late")
    if found <= {"known"}:
        raise BadInput(_("文件里的作答服务器都已收到，不需要离线交卷，没有上传。"), code="nothing_new")
    message = _("文件里服务器没有收到的作答，题号、序号、时间或格式都与本场考试不符，不能采纳，没有上传。")
    raise BadInput(message, code="unfit")


def _proposed(judged: Sequence[JudgedStep]) -> int:
    return sum(one.judgement == PROPOSED for one in judged)


def _row(claim_id: int, one: JudgedStep) -> dict[str, object]:
    step = one.step
    return {
        "claim_id": claim_id,
        "binding": step.binding,
        "seq": step.seq,
        "slot": step.slot,
        "response": one.response or json.dumps(step.response)[:LONGEST_REASON],
        "client_at": step.at,
        "judgement": one.judgement,
    }


def _issue(
    session: Session,
    clock: Clock,
    sitting: Sitting,
    claim: OfflineClaim,
    paper: DeliveredPaper,
    judged: Sequence[JudgedStep],
) -> str:
    """The claim's receipt: over the stored answers with the proposed ones laid over them. Returns its digest."""
    answers: FinalAnswers = dict(receipts.final_answers(session, [sitting.id]).get(sitting.id, {}))
    receipts.lay_over(
        answers,
        (
            (int(one.step.slot), one.response, one.step.binding, one.step.seq)
            for one in judged
            if one.judgement == PROPOSED
        ),
    )
    closed = Closed(sitting.id, sitting.session_id, sitting.paper_id, sitting.nonce)
    digest = receipts.digest_of(closed, paper.digest, answers)
    session.add(
        Receipt(
            sitting_id=sitting.id,
            revision=claim.revision,
            code=receipt_code(secrets.randbits(50)),
            digest=digest,
            answered=receipts.answered(answers),
            issued_at=clock.now(),
            claim_id=claim.id,
        )
    )
    session.flush()
    return digest
