"""The signing chain under a result: one after the other, and without the supervisor the score is not valid."""

from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.errors import Conflict, Forbidden
from core.i18n import _
from grading.interview.chain import EXAMINERS, next_signature
from grading.interview.claims import claim, move
from grading.interview.models import InterviewSignature, InterviewTurn, PanelMember
from grading.interview.queries import acting_chief, latest_results, signatures_of, turn_of
from grading.interview.words import POSITIONS


def signing_position(session: Session, turn: InterviewTurn, member: PanelMember) -> str:
    """In which position a member signs under a turn; a recused chief is represented by the first scoring examiner.

    Raises ``Forbidden`` for an examiner who has nothing to announce here.
    """
    if member.position not in EXAMINERS:
        return member.position
    chief = acting_chief(session, turn)
    if chief is None or chief.id != member.id:
        raise Forbidden(
            _("第 %(number)s 号考生的成绩不由您审核宣布，未签字。请由主考官或代行的考官办理。", number=turn.draw_number)
        )
    return "chief"


def sign(
    session: Session, actor: Actor, clock: Clock, panel_id: int, turn_id: int, member: PanelMember, version: int
) -> None:
    """Sign the result that was shown (``version``); the supervisor's signature makes it valid.

    Signing twice changes nothing. Raises ``Conflict`` when it is another's turn, or the result was computed anew.
    """
    claim(session, panel_id, "running")
    turn = turn_of(session, panel_id, turn_id)
    result = latest_results(session, [turn_id]).get(turn_id)
    if result is None or turn.state not in ("scored", "confirmed"):
        raise Conflict(_("第 %(number)s 号考生还没有成绩可签，未签字。请等全部考官保存评分。", number=turn.draw_number))
    if result.version != version:
        raise Conflict(
            _(
                "第 %(number)s 号考生的成绩刚刚重新计算过，您看到的不是最新成绩，未签字。请核对新的成绩后再签。",
                number=turn.draw_number,
            ),
            code="recomputed",
        )
    position = signing_position(session, turn, member)
    signed = {one.position for one in signatures_of(session, [result]).get(turn_id, [])}
    if position in signed:
        return
    due = next_signature(signed)
    if due != position:
        raise Conflict(
            _(
                "现在应由%(due)s签字，您未签字。签字顺序是计时员、计分员、复核员、主考官、监督员。",
                due=str(POSITIONS[due or "supervisor"]),
            ),
            code="not_your_turn",
        )
    session.add(
        InterviewSignature(
            turn_id=turn_id,
            result_version=version,
            position=position,
            account_id=actor.account_id,
            signed_at=clock.now(),
        )
    )
    session.flush()
    if position == "supervisor" and not move(session, turn_id, ("scored",), "confirmed"):
        raise Conflict(_("这名考生的状态刚刚被改变，未确认。请刷新页面查看最新状态。"))
    record(session, actor, clock, "result_signed", "interview_turn", turn_id, version=version, position=position)
