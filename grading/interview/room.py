"""Running the interview room: who comes in, when the time runs, who did not come."""

from sqlalchemy import update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict
from core.i18n import _
from grading.interview.chain import next_signature
from grading.interview.claims import claim, move
from grading.interview.models import InterviewTurn
from grading.interview.queries import (
    current_turn,
    latest_results,
    live_sheets,
    missing_seats,
    signatures_of,
    turn_of,
    turns_of,
)
from grading.interview.words import POSITIONS


def call_next(session: Session, actor: Actor, clock: Clock, panel_id: int, turn_id: int) -> InterviewTurn:
    """Call the next candidate; calling the one who is in already changes nothing.

    Raises ``Conflict`` saying what the one before still lacks: which seats have not saved, or whose signature is due.
    """
    claim(session, panel_id, "running")
    turns = turns_of(session, panel_id)
    turn = turn_of(session, panel_id, turn_id)
    inside = current_turn(turns)
    if inside is not None:
        if inside.id == turn_id:
            return turn
        raise Conflict(why_not_next(session, inside), code="not_finished")
    due = next((one for one in turns if one.state == "waiting"), None)
    if due is None or due.id != turn_id:
        raise Conflict(
            _(
                "第 %(number)s 号不是下一位候考的考生，没有叫号。请刷新页面后按显示的号码叫号。",
                number=turn.draw_number,
            )
        )
    move(session, turn_id, ("waiting",), "called", called_at=clock.now(), reason="")
    record(session, actor, clock, "candidate_called", "interview_turn", turn_id, draw_number=turn.draw_number)
    return turn


def why_not_next(session: Session, inside: InterviewTurn) -> str:
    """One sentence: what the candidate in the room still lacks before the next may be called."""
    if inside.state == "called":
        missing = missing_seats(session, inside)
        unsaved: str = _(
            "第 %(number)s 号考生还有 %(count)s 名考官没有保存评分（%(seats)s），不能叫下一位。请提醒其保存。",
            number=inside.draw_number,
            count=len(missing),
            seats="、".join(missing),
        )
        return unsaved
    result = latest_results(session, [inside.id])[inside.id]
    signed = {one.position for one in signatures_of(session, [result]).get(inside.id, [])}
    due = next_signature(signed)
    unsigned: str = _(
        "第 %(number)s 号考生的成绩还没有经监督员确认（现在应由%(position)s签字），不能叫下一位。",
        number=inside.draw_number,
        position=str(POSITIONS[due or "supervisor"]),
    )
    return unsigned


def start_answering(session: Session, actor: Actor, clock: Clock, panel_id: int, turn_id: int) -> None:
    """The chief has said 请回答: the time runs. A second start changes nothing."""
    claim(session, panel_id, "running")
    turn = turn_of(session, panel_id, turn_id)
    if turn.answering_at is not None:
        return
    if not _set(session, turn_id, "called", answering_at=clock.now()):
        raise _not_inside(turn)
    record(session, actor, clock, "answering_started", "interview_turn", turn_id)


def restart_answering(session: Session, actor: Actor, clock: Clock, panel_id: int, turn_id: int, reason: str) -> None:
    """Let the time run anew from now, because it was started wrongly; the reason is kept in the audit log."""
    claim(session, panel_id, "running")
    turn = turn_of(session, panel_id, turn_id)
    if not reason.strip():
        raise BadInput(_("重新计时要写明理由，计时未改变。请填写理由。"))
    if turn.answering_at is None or not _set(session, turn_id, "called", answering_at=clock.now(), finished_at=None):
        raise _not_inside(turn)
    record(session, actor, clock, "answering_restarted", "interview_turn", turn_id, reason=reason.strip())


def finish_answering(session: Session, actor: Actor, clock: Clock, panel_id: int, turn_id: int) -> None:
    """The candidate has finished before the time was up: the clock stops."""
    claim(session, panel_id, "running")
    turn = turn_of(session, panel_id, turn_id)
    if turn.finished_at is not None:
        return
    if turn.answering_at is None or not _set(session, turn_id, "called", finished_at=clock.now()):
        raise _not_inside(turn)
    record(session, actor, clock, "answering_finished", "interview_turn", turn_id)


def mark_absent(session: Session, actor: Actor, clock: Clock, panel_id: int, turn_id: int, reason: str) -> None:
    """The candidate did not come; not possible once an examiner has saved a sheet."""
    claim(session, panel_id, "running")
    turn = turn_of(session, panel_id, turn_id)
    if not reason.strip():
        raise BadInput(_("登记缺考要写明情况，未登记。请填写，例如“点名三次未到”。"))
    if live_sheets(session, [turn_id]):
        raise Conflict(
            _(
                "第 %(number)s 号考生已有考官保存评分，不能登记缺考，未作更改。如确有错误，请由考官更正评分。",
                number=turn.draw_number,
            )
        )
    if not move(session, turn_id, ("waiting", "called"), "absent", reason=reason.strip(), answering_at=None):
        raise Conflict(
            _("第 %(number)s 号考生现在不能登记缺考，未作更改。请刷新页面查看最新状态。", number=turn.draw_number)
        )
    record(session, actor, clock, "interview_absent", "interview_turn", turn_id, reason=reason.strip())


def reinstate(session: Session, actor: Actor, clock: Clock, panel_id: int, turn_id: int, reason: str) -> None:
    """The absent candidate came after all and is let in: waiting again under the same number."""
    claim(session, panel_id, "running")
    turn = turn_of(session, panel_id, turn_id)
    if not reason.strip():
        raise BadInput(_("撤销缺考要写明批准情况，未作更改。请填写理由。"))
    if not move(session, turn_id, ("absent",), "waiting", reason="", called_at=None):
        raise Conflict(
            _("第 %(number)s 号考生没有登记缺考，未作更改。请刷新页面查看最新状态。", number=turn.draw_number)
        )
    record(session, actor, clock, "interview_absence_withdrawn", "interview_turn", turn_id, reason=reason.strip())


def _set(session: Session, turn_id: int, state: str, **values: object) -> bool:
    statement = (
        update(InterviewTurn)
        .where(InterviewTurn.id == turn_id, InterviewTurn.state == state)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    return affected(session, statement) == 1


def _not_inside(turn: InterviewTurn) -> Conflict:
    return Conflict(
        _(
            "第 %(number)s 号考生不在面试中，或还没有开始答题，计时未改变。请刷新页面查看最新状态。",
            number=turn.draw_number,
        )
    )
