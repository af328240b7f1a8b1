"""决定: taken by a meeting of people, recorded by one person and checked by another, never the same.

A record is never rewritten: a correction is the next revision and is checked anew.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, aliased

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict, NotFound
from core.i18n import _, lazy
from grading.outcomes.models import Decision, Proposal
from grading.outcomes.queries import current_decisions, current_proposals

KINDS = {
    "qualified": lazy("合格"),
    "deferral": lazy("暂缓提拔"),
    "cancellation": lazy("取消提拔资格"),
    "approved_leave": lazy("请假缓考"),
}
MOST_AT_ONCE = 500
LONGEST_BASIS = 1000
LONGEST_COMMENT = 500


@dataclass(frozen=True)
class Meeting:
    """The meeting that decided, as its minutes name it."""

    name: str
    held_on: date
    basis: str
    minutes_number: str


@dataclass(frozen=True)
class Recorded:
    """The decision on one candidate. ``proposal_id`` and ``based_on`` (the revision that stood, 0 for none) are what the
    recorder had before them; ``difference_reason`` is needed where decision and proposal differ."""

    candidate_id: int
    proposal_id: int
    based_on: int
    kind: str
    difference_reason: str = ""


def record_decisions(
    session: Session,
    actor: Actor,
    clock: Clock,
    exam_id: int,
    meeting: Meeting,
    decided: Sequence[Recorded],
    today: date,
) -> list[Decision]:
    """Record what one meeting decided on one or several candidates, all or none.

    ``today`` is the date where the exam is held. Raises ``BadInput`` with ``details["candidate"]`` where one line is
    wrong, ``Conflict`` when a proposal or a decision changed since the form was opened.
    """
    _check_meeting(meeting, today)
    if not decided:
        raise BadInput(_("没有选择考生，没有录入任何决定。请先勾选考生。"), code="nobody")
    if len(decided) > MOST_AT_ONCE:
        raise BadInput(_("一次最多录入 %(most)s 人，请分批录入。", most=MOST_AT_ONCE), code="too_many")
    proposals, standing = current_proposals(session, exam_id), current_decisions(session, exam_id)
    rows = [_decision(clock, actor, exam_id, meeting, line, proposals, standing) for line in decided]
    try:
        with session.begin_nested():
            session.add_all(rows)
    except IntegrityError:
        raise Conflict(
            _("其中有考生的决定刚由别人录入，本次没有录入任何一条。请刷新后重新核对。"), code="stale"
        ) from None
    record(
        session,
        actor,
        clock,
        "decisions_recorded",
        "exam",
        exam_id,
        count=len(rows),
        decisions=[row.id for row in rows],
        corrections=sum(row.revision > 1 for row in rows),
    )
    return rows


def check_decisions(
    session: Session,
    actor: Actor,
    clock: Clock,
    exam_id: int,
    decision_ids: Sequence[int],
    *,
    confirm: bool,
    comment: str,
) -> int:
    """Confirm decisions, or return them with a comment; all or none. Return how many.

    Raises ``NotFound`` for another exam's, ``BadInput`` without a comment on a return, and ``Conflict`` for one's own
    record or one that is no longer waiting.
    """
    comment = comment.strip()
    ids = sorted(set(decision_ids))
    if not ids:
        raise BadInput(_("没有选择决定，没有核对任何一条。请先勾选。"), code="nobody")
    if not confirm and not comment:
        raise BadInput(_("退回必须写明意见，让录入员知道要改什么；没有退回任何一条。"), code="no_comment")
    if len(comment) > LONGEST_COMMENT:
        raise BadInput(_("意见超过 %(most)s 字，请缩短。", most=LONGEST_COMMENT), code="no_comment")
    found = session.scalars(select(Decision).where(Decision.exam_id == exam_id, Decision.id.in_(ids))).all()
    if len(found) < len(ids):
        raise NotFound(_("所选的决定中有不属于这场考试的，没有核对任何一条。请刷新后重新选择。"))
    if any(row.recorded_by == actor.account_id for row in found):
        raise Conflict(_("录入人不能核对自己录入的决定，没有核对任何一条。请由另一位核对员核对。"), code="own_record")
    later = aliased(Decision)
    superseded = (
        select(later.id).where(later.candidate_id == Decision.candidate_id, later.revision > Decision.revision).exists()
    )
    statement = (
        update(Decision)
        .where(
            Decision.id.in_(ids),
            Decision.exam_id == exam_id,
            Decision.state == "recorded",
            Decision.recorded_by != actor.account_id,
            ~superseded,
        )
        .values(
            state="checked" if confirm else "returned",
            checked_by=actor.account_id,
            checked_at=clock.now(),
            check_comment=comment,
        )
        .execution_options(synchronize_session=False)
    )
    if affected(session, statement) < len(ids):
        raise Conflict(_("所选的决定中有的已被核对、退回或更正，没有核对任何一条。请刷新后重新选择。"), code="stale")
    for row in found:
        session.expire(row)
    action = "decisions_confirmed" if confirm else "decisions_returned"
    record(session, actor, clock, action, "exam", exam_id, count=len(ids), decisions=ids)
    return len(ids)


def _check_meeting(meeting: Meeting, today: date) -> None:
    for text, most, code, sentence in (
        (meeting.name, 200, "meeting", _("请写明作出决定的会议（不超过 200 字）。")),
        (meeting.basis, LONGEST_BASIS, "basis", _("请写明依据（不超过 1000 字）。")),
        (meeting.minutes_number, 100, "minutes_number", _("请写明会议纪要（记录）编号（不超过 100 字）。")),
    ):
        if not 0 < len(text.strip()) <= most:
            raise BadInput(sentence, code=code)
    if meeting.held_on > today:
        raise BadInput(_("会议日期在今天之后，决定只能在会议之后录入。请核对日期。"), code="meeting_date")


def _decision(
    clock: Clock,
    actor: Actor,
    exam_id: int,
    meeting: Meeting,
    line: Recorded,
    proposals: Mapping[int, Proposal],
    standing: Mapping[int, Decision],
) -> Decision:
    proposal = proposals.get(line.candidate_id)
    if proposal is None:
        raise NotFound(_("所选的考生不属于这场考试或还没有处理建议，没有录入任何决定。请刷新后重新选择。"))
    about = {"candidate": line.candidate_id}
    if proposal.id != line.proposal_id:
        raise Conflict(
            _("处理建议在您填写期间已更新，没有录入任何决定。请核对新的处理建议后再录入。"), code="stale", details=about
        )
    before = standing.get(line.candidate_id)
    if (before.revision if before else 0) != line.based_on:
        raise Conflict(
            _("这名考生的决定刚由别人录入，本次没有录入任何决定。请刷新后核对。"), code="stale", details=about
        )
    if line.kind not in KINDS:
        raise BadInput(_("请选择会议的决定。"), code="kind", details=about)
    reason = line.difference_reason.strip()
    if line.kind != proposal.kind and not reason:
        raise BadInput(_("决定与处理建议不同，请写明会议的理由。"), code="difference_reason", details=about)
    if len(reason) > LONGEST_BASIS:
        raise BadInput(_("理由超过 %(most)s 字，请缩短。", most=LONGEST_BASIS), code="difference_reason", details=about)
    return Decision(
        exam_id=exam_id,
        candidate_id=line.candidate_id,
        revision=line.based_on + 1,
        proposal_id=proposal.id,
        kind=line.kind,
        meeting=meeting.name.strip(),
        meeting_date=meeting.held_on,
        basis=meeting.basis.strip(),
        minutes_number=meeting.minutes_number.strip(),
        difference_reason=reason,
        state="recorded",
        recorded_by=actor.account_id,
        recorded_at=clock.now(),
        check_comment="",
    )
