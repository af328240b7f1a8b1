"""Setting up a panel: score sheet and rule, members, the draw, beginning and end."""

import hashlib
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.accounts.permissions import Permission, Role, permissions_of
from core.accounts.queries import account
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict
from core.i18n import _
from exam.handover import exam_facts
from grading.interview import readiness
from grading.interview.chain import EXAMINERS, OVER, SINGLE, seat_name
from grading.interview.claims import claim
from grading.interview.drafts import PanelDraft, check_draft
from grading.interview.drawing import DrawProblem, check_numbers, draw_order
from grading.interview.models import InterviewTurn, Panel, PanelDraw, PanelElement, PanelMember, Recusal
from grading.interview.queries import turns_of
from grading.interview.rules import PanelProblem
from grading.interview.words import POSITION_ROLES, POSITIONS


@dataclass(frozen=True)
class Assignment:
    """One person in one position; ``seat`` counts examiners from 1, 0 for the others."""

    position: str
    seat: int
    account_id: int


def create_panel(session: Session, actor: Actor, clock: Clock, exam_id: int, draft: PanelDraft) -> Panel:
    """Set up a panel for an exam. Raises ``NotFound`` for the exam and ``BadInput`` for the draft."""
    facts = exam_facts(session, exam_id)
    if facts.state == "archived":
        raise Conflict(_("考试已归档，考官组未建立。请选择尚未归档的考试。"))
    _check(draft)
    panel = Panel(exam_id=exam_id, created_by=actor.account_id, created_at=clock.now(), **_columns(draft))
    session.add(panel)
    session.flush()
    _write_elements(session, panel.id, draft)
    record(session, actor, clock, "panel_created", "panel", panel.id, exam=exam_id, rule=panel.rule)
    return panel


def edit_panel(session: Session, actor: Actor, clock: Clock, panel_id: int, draft: PanelDraft) -> None:
    """Change sheet, rule and times while the panel is being prepared."""
    _check(draft)
    claim(session, panel_id, "preparing")
    session.execute(update(Panel).where(Panel.id == panel_id).values(**_columns(draft)))
    session.execute(delete(PanelElement).where(PanelElement.panel_id == panel_id))
    _write_elements(session, panel_id, draft)
    session.execute(
        update(PanelMember).where(PanelMember.panel_id == panel_id, PanelMember.seat > draft.seats).values(seat=0)
    )
    record(session, actor, clock, "panel_changed", "panel", panel_id, trim=draft.rule.trim, seats=draft.seats)


def _check(draft: PanelDraft) -> None:
    try:
        check_draft(draft)
    except PanelProblem as problem:
        raise BadInput(str(problem)) from None


def _columns(draft: PanelDraft) -> dict[str, object]:
    rule: dict[str, object] = {"trim": draft.rule.trim, "decimals": draft.rule.decimals}
    if draft.rule.minimum is not None:
        rule["minimum"] = draft.rule.minimum
    return {
        "name": draft.name,
        "rule": rule,
        "minutes": draft.minutes,
        "reminders": list(draft.reminders),
        "seats": draft.seats,
    }


def _write_elements(session: Session, panel_id: int, draft: PanelDraft) -> None:
    for position, element in enumerate(draft.elements, 1):
        bands = [{"name": band.name, "low": str(band.low), "high": str(band.high)} for band in element.bands]
        session.add(
            PanelElement(
                panel_id=panel_id,
                position=position,
                name=element.name,
                weight=element.weight,
                greatest=element.greatest,
                step=element.step,
                criteria=element.criteria,
                bands=bands,
            )
        )
    session.flush()


def assign_members(
    session: Session, actor: Actor, clock: Clock, panel_id: int, assignments: Sequence[Assignment]
) -> None:
    """Give the panel exactly these members while it is being prepared; places may still be empty.

    Raises ``BadInput`` for a person in two places, one without the role, or one who may see names and written scores.
    """
    panel = claim(session, panel_id, "preparing")
    _check_places(panel, assignments)
    for one in assignments:
        _check_person(session, one)
    wanted = {one.account_id: one for one in assignments}
    present = {row.account_id: row for row in session.scalars(select(PanelMember).filter_by(panel_id=panel_id))}
    gone = [row.id for account_id, row in present.items() if account_id not in wanted]
    session.execute(delete(Recusal).where(Recusal.member_id.in_(gone)))
    session.execute(delete(PanelMember).where(PanelMember.id.in_(gone)))
    for account_id, one in wanted.items():
        row = present.get(account_id)
        if row is None:
            row = PanelMember(panel_id=panel_id, account_id=account_id)
            session.add(row)
        row.position, row.seat = one.position, one.seat
    session.flush()
    places = [[one.position, one.seat, one.account_id] for one in assignments]
    record(session, actor, clock, "panel_members_assigned", "panel", panel_id, members=places)


def _check_places(panel: Panel, assignments: Sequence[Assignment]) -> None:
    people = [one.account_id for one in assignments]
    twice = next((person for person in people if people.count(person) > 1), None)
    if twice is not None:
        places = "、".join(_place(one) for one in assignments if one.account_id == twice)
        raise BadInput(_("同一个人被安排在%(places)s，人员未保存。一人只能担任一个岗位，请换人。", places=places))
    for position in SINGLE:
        if sum(one.position == position for one in assignments) > 1:
            raise BadInput(_("%(position)s只能有一名，人员未保存。请保留其中一名。", position=str(POSITIONS[position])))
    seats = [one.seat for one in assignments if one.position in EXAMINERS]
    if len(set(seats)) < len(seats) or any(not 1 <= seat <= panel.seats for seat in seats):
        raise BadInput(_("考官席位应为 1 至 %(seats)s，每席一人，人员未保存。请重新安排席位。", seats=panel.seats))


def _check_person(session: Session, one: Assignment) -> None:
    person = account(session, one.account_id)
    roles = {Role(held.role) for held in person.roles}
    if not person.active or POSITION_ROLES[one.position] not in roles:
        raise BadInput(
            _(
                "%(place)s所选的账号没有相应角色或已停用，人员未保存。请换人，或联系安全管理员授予角色。",
                place=_place(one),
            )
        )
    if one.position in EXAMINERS and permissions_of(roles) & {Permission.MANAGE_EXAMS, Permission.READ_RESULTS}:
        raise BadInput(
            _(
                "%(place)s所选的账号能看到考生姓名或笔试成绩，不能担任考官，人员未保存。请换人。",
                place=_place(one),
            )
        )


def _place(one: Assignment) -> str:
    return seat_name(one.seat) if one.position in EXAMINERS else str(POSITIONS[one.position])


def draw_by_seed(
    session: Session, actor: Actor, clock: Clock, panel_id: int, blind_numbers: Collection[str], reason: str = ""
) -> None:
    """Draw the order of these candidates by a fresh stored seed; a repeated draw needs a reason and is kept beside the
    earlier one. Raises ``BadInput``, ``Conflict``."""
    seed = secrets.token_hex(16)
    _draw(session, actor, clock, panel_id, draw_order(seed, set(blind_numbers)), "seed", seed, reason)


def draw_by_hand(
    session: Session, actor: Actor, clock: Clock, panel_id: int, numbers: Mapping[str, int], reason: str = ""
) -> None:
    """Take over the numbers that candidates drew as lots: 1 to n, each once."""
    try:
        order = check_numbers(numbers)
    except DrawProblem as problem:
        raise BadInput(str(problem)) from None
    _draw(session, actor, clock, panel_id, order, "hand", None, reason)


def _draw(
    session: Session,
    actor: Actor,
    clock: Clock,
    panel_id: int,
    order: Sequence[str],
    method: str,
    seed: str | None,
    reason: str,
) -> None:
    panel = claim(session, panel_id, "preparing")
    if not order:
        raise BadInput(_("没有选择考生，未抽签。请至少选择一名考生。"))
    pool = readiness.pool(session, panel)
    unknown = [blind for blind in order if blind not in pool]
    if unknown:
        raise BadInput(
            _(
                "有 %(count)s 名考生不在可抽签的范围内（不是本场考试的考生、已请假，或已分到其他考官组），未抽签。请刷新名单后重试。",
                count=len(unknown),
            )
        )
    number = 1 + (session.scalar(select(func.max(PanelDraw.number)).where(PanelDraw.panel_id == panel_id)) or 0)
    if number > 1 and not reason.strip():
        raise BadInput(_("已经抽过签，重新抽签要写明理由，抽签结果未改变。请填写重新抽签的理由。"))
    session.execute(delete(InterviewTurn).where(InterviewTurn.panel_id == panel_id))
    numbered = [[place, blind] for place, blind in enumerate(order, 1)]
    session.add_all(
        InterviewTurn(panel_id=panel_id, draw_number=place, blind_number=blind) for place, blind in enumerate(order, 1)
    )
    session.add(
        PanelDraw(
            panel_id=panel_id,
            number=number,
            method=method,
            seed=seed,
            order=numbered,
            reason=reason.strip(),
            drawn_by=actor.account_id,
            drawn_at=clock.now(),
        )
    )
    session.flush()
    digest = hashlib.sha256("\n".join(order).encode()).hexdigest()
    record(
        session,
        actor,
        clock,
        "panel_drawn",
        "panel",
        panel_id,
        method=method,
        draw=number,
        count=len(order),
        digest=digest,
    )


def start_panel(session: Session, actor: Actor, clock: Clock, panel_id: int) -> None:
    """Begin: from now on sheet, members and draw stand fast. Raises ``Conflict`` naming what is missing."""
    panel = claim(session, panel_id, "preparing")
    missing = readiness.missing(session, panel)
    if missing:
        points = "；".join(gap.text for gap in missing)
        raise Conflict(_("考官组还不能开始：%(points)s。请补齐后再开始。", points=points), code="incomplete")
    _move(session, panel_id, "preparing", "running")
    record(session, actor, clock, "panel_started", "panel", panel_id)


def close_panel(session: Session, actor: Actor, clock: Clock, panel_id: int) -> None:
    """End the panel once every turn is over; afterwards single scores may be seen. Raises ``Conflict``."""
    claim(session, panel_id, "running")
    waiting = [turn for turn in turns_of(session, panel_id) if turn.state not in OVER]
    if waiting:
        numbers = "、".join(str(turn.draw_number) for turn in waiting[:10])
        raise Conflict(
            _(
                "还有 %(count)s 名考生（%(numbers)s 号）没有面试完或成绩未经监督员确认，考官组未结束。请办完后再结束。",
                count=len(waiting),
                numbers=numbers,
            )
        )
    _move(session, panel_id, "running", "closed")
    record(session, actor, clock, "panel_closed", "panel", panel_id)


def _move(session: Session, panel_id: int, before: str, after: str) -> None:
    statement = update(Panel).where(Panel.id == panel_id, Panel.state == before).values(state=after)
    if affected(session, statement) != 1:
        raise Conflict(_("考官组的状态刚刚被别人改变，未作更改。请刷新页面查看最新状态。"))
