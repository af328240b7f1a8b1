"""What a panel still lacks before it can begin, and which candidates it may draw."""

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from core.i18n import _
from exam.handover import interviewees
from grading.interview.chain import EXAMINERS, SINGLE
from grading.interview.models import InterviewTurn, Panel, PanelDraw
from grading.interview.queries import members_of, recusals_of, rule_of, turns_of
from grading.interview.words import POSITIONS


@dataclass(frozen=True)
class Missing:
    """One thing that is missing; ``where``: ``members`` or ``draw``, the page that mends it."""

    text: str
    where: str


def missing(session: Session, panel: Panel) -> list[Missing]:
    """What is missing before the panel can begin; empty when it is complete."""
    return _missing_members(session, panel) + _missing_turns(session, panel)


def _missing_members(session: Session, panel: Panel) -> list[Missing]:
    members = members_of(session, panel.id)
    seated = {member.seat for member in members if member.position in EXAMINERS}
    empty = [str(seat) for seat in range(1, panel.seats + 1) if seat not in seated]
    found = []
    if empty:
        seats = "、".join(empty)
        found.append(Missing(_("缺 %(count)s 名考官（%(seats)s 号席位）", count=len(empty), seats=seats), "members"))
    if 0 in seated:
        found.append(Missing(_("有考官没有席位"), "members"))
    held = {member.position for member in members}
    found += [
        Missing(_("缺%(position)s", position=str(POSITIONS[position])), "members")
        for position in SINGLE
        if position not in held
    ]
    return found


def _missing_turns(session: Session, panel: Panel) -> list[Missing]:
    turns = turns_of(session, panel.id)
    if not turns:
        return [Missing(_("还没有抽签"), "draw")]
    found = []
    pool_now = pool(session, panel)
    gone = [str(turn.draw_number) for turn in turns if turn.blind_number not in pool_now]
    if gone:
        numbers = "、".join(gone)
        found.append(Missing(_("%(numbers)s 号考生已请假或不再是本场考试的考生，需重新抽签", numbers=numbers), "draw"))
    needed = rule_of(panel).needed
    recused: dict[str, int] = {}
    for recusal in recusals_of(session, panel.id):
        recused[recusal.blind_number] = recused.get(recusal.blind_number, 0) + 1
    for turn in turns:
        left = panel.seats - recused.get(turn.blind_number, 0)
        if left < needed:
            text = _(
                "%(number)s 号考生回避后只剩 %(left)s 名考官，规则至少要 %(needed)s 名，需换考官或改由其他考官组面试",
                number=turn.draw_number,
                left=left,
                needed=needed,
            )
            found.append(Missing(text, "members"))
    return found


def pool(session: Session, panel: Panel) -> set[str]:
    """The blind numbers that this panel may draw: candidates of the exam who stand before no other panel."""
    elsewhere = set(
        session.scalars(
            select(InterviewTurn.blind_number)
            .join(Panel, Panel.id == InterviewTurn.panel_id)
            .where(Panel.exam_id == panel.exam_id, Panel.id != panel.id, InterviewTurn.state != "stopped")
        )
    )
    # Whoever this panel had to stop goes to another one.
    stopped = set(
        session.scalars(
            select(InterviewTurn.blind_number).where(
                InterviewTurn.panel_id == panel.id, InterviewTurn.state == "stopped"
            )
        )
    )
    return {one.blind_number for one in interviewees(session, panel.exam_id)} - elsewhere - stopped


def unassigned(session: Session, exam_id: int) -> set[str]:
    """The blind numbers of candidates who stand before no panel yet (those a panel had to stop count)."""
    live = set(
        session.scalars(
            select(InterviewTurn.blind_number)
            .join(Panel, Panel.id == InterviewTurn.panel_id)
            .where(Panel.exam_id == exam_id, InterviewTurn.state != "stopped")
        )
    )
    return {one.blind_number for one in interviewees(session, exam_id)} - live


def draws_of(session: Session, panel_id: int) -> list[PanelDraw]:
    """The panel's draws in order."""
    return list(session.scalars(select(PanelDraw).where(PanelDraw.panel_id == panel_id).order_by(PanelDraw.number)))


def draw_count(session: Session, panel_id: int) -> int:
    """How often the panel has drawn."""
    return session.scalar(select(func.count()).select_from(PanelDraw).where(PanelDraw.panel_id == panel_id)) or 0
