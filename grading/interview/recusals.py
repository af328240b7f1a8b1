"""回避: a member does not score a candidate. Recorded late, it recomputes what it touches, or stops it below the minimum."""

from collections.abc import Collection

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.errors import BadInput
from core.i18n import _
from grading.interview.chain import EXAMINERS
from grading.interview.claims import claim, move
from grading.interview.models import InterviewTurn, Panel, PanelMember, Recusal
from grading.interview.queries import rule_of, scoring_members, turn_of
from grading.interview.sheets import append_result, finish_if_all_saved, void_sheets


def recuse(
    session: Session,
    actor: Actor,
    clock: Clock,
    panel_id: int,
    member_id: int,
    turn_ids: Collection[int],
    reason: str,
) -> list[InterviewTurn]:
    """Take an examiner out of the scoring of these candidates; the turns that had to be stopped are returned.

    A sheet that was saved becomes void and the result is computed anew without it; its signatures begin again. Where
    fewer examiners remain than the rule needs, the turn is stopped. A closed panel opens again for what is recomputed.
    """
    panel = claim(session, panel_id, "preparing", "running", "closed")
    reason = reason.strip()
    if not reason:
        raise BadInput(_("回避要写明事由，未作更改。请填写，例如“近亲属”“利害关系”。"))
    member = session.get(PanelMember, member_id)
    if member is None or member.panel_id != panel_id or member.position not in EXAMINERS:
        raise BadInput(_("所选的人不是这个考官组的考官，未作更改。请从考官名单中选择。"))
    turns = [turn_of(session, panel_id, turn_id) for turn_id in turn_ids]
    if not turns:
        raise BadInput(_("没有选择考生，未作更改。请选择要回避的考生。"))
    return [turn for turn in turns if _recuse_one(session, actor, clock, panel, member, turn, reason)]


def _recuse_one(
    session: Session,
    actor: Actor,
    clock: Clock,
    panel: Panel,
    member: PanelMember,
    turn: InterviewTurn,
    reason: str,
) -> bool:
    """Whether the turn had to be stopped."""
    if _recused(session, member, turn):
        return False
    session.add(
        Recusal(
            panel_id=panel.id,
            member_id=member.id,
            blind_number=turn.blind_number,
            reason=reason,
            recorded_by=actor.account_id,
            recorded_at=clock.now(),
        )
    )
    session.flush()
    why = _("回避：%(reason)s", reason=reason)
    void = void_sheets(session, turn, member.id, why)
    record(
        session,
        actor,
        clock,
        "recusal_recorded",
        "interview_turn",
        turn.id,
        panel=panel.id,
        member=member.id,
        state=turn.state,
        void=void,
        reason=reason,
    )
    if panel.state == "preparing" or turn.state in ("absent", "stopped"):
        return False
    return _consequence(session, actor, clock, panel, turn, why)


def _consequence(session: Session, actor: Actor, clock: Clock, panel: Panel, turn: InterviewTurn, why: str) -> bool:
    left, needed = len(scoring_members(session, turn)), rule_of(panel).needed
    if left < needed:
        sentence = _(
            "%(why)s；回避后只剩 %(left)s 名考官，计分规则至少要 %(needed)s 名，本组对该考生的面试中止，应改由其他考官组面试。",
            why=why,
            left=left,
            needed=needed,
        )
        move(session, turn.id, ("waiting", "called", "scored", "confirmed"), "stopped", reason=sentence)
        record(session, actor, clock, "interview_stopped", "interview_turn", turn.id, left=left, needed=needed)
        return True
    if turn.state == "called":
        finish_if_all_saved(session, actor, clock, panel, turn)
    elif turn.state in ("scored", "confirmed"):
        append_result(session, actor, clock, panel, turn, why)
        if move(session, turn.id, ("confirmed",), "scored"):
            _open_again(session, panel)
    return False


def _open_again(session: Session, panel: Panel) -> None:
    # The recomputed result needs its signatures, which are given in a running panel only.
    statement = update(Panel).where(Panel.id == panel.id, Panel.state == "closed").values(state="running")
    session.execute(statement.execution_options(synchronize_session=False))


def _recused(session: Session, member: PanelMember, turn: InterviewTurn) -> bool:
    statement = select(Recusal.id).where(
        Recusal.panel_id == turn.panel_id, Recusal.member_id == member.id, Recusal.blind_number == turn.blind_number
    )
    return session.scalar(statement) is not None
