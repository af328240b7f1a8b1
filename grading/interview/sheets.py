"""Examiners' sheets, and the result that the last of them brings about. A sheet is kept once, whatever is sent twice."""

from collections.abc import Mapping
from dataclasses import dataclass
from fractions import Fraction

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.audit.service import record
from core.clock import Clock
from core.database import affected
from core.errors import BadInput, Conflict
from core.exact import hundredths, show_exact
from core.i18n import _
from grading.interview.chain import seat_name
from grading.interview.claims import claim, move
from grading.interview.models import (
    InterviewResult,
    InterviewTurn,
    Panel,
    PanelElement,
    PanelMember,
    Recusal,
    ScoreSheet,
)
from grading.interview.queries import (
    element_rows,
    elements_of,
    live_sheets,
    rule_of,
    scoring_members,
    turn_of,
)
from grading.interview.rules import Element, PanelProblem, compute, examiner_total, read_mark

LONGEST_REMARK = 1000


@dataclass(frozen=True)
class Saved:
    """A sheet as it is kept; ``repeated`` when the same sheet had been kept before."""

    sheet: ScoreSheet
    repeated: bool


def save_sheet(
    session: Session,
    actor: Actor,
    clock: Clock,
    panel_id: int,
    turn_id: int,
    member: PanelMember,
    marks: Mapping[str, str],
    remark: str = "",
) -> Saved:
    """Keep an examiner's signed sheet for the candidate in the room; the last one saved brings about the result.

    ``marks``: element name -> text. The same marks again are the same sheet. Raises ``BadInput`` with
    ``details["fields"]`` (element name -> sentence), and ``Conflict`` for a sheet that differs from the kept one.
    """
    panel = claim(session, panel_id, "running")
    turn = turn_of(session, panel_id, turn_id)
    read, remark = _read(session, panel_id, member, marks), _remark(remark)
    kept = _own_sheet(session, turn, member)
    if kept is not None:
        if kept.marks == read and kept.remark == remark:
            return Saved(kept, repeated=True)
        raise Conflict(
            _(
                "第 %(number)s 号考生的评分您已保存过，这次的分数没有保存。要改分，请用“更正”并写明理由。",
                number=turn.draw_number,
            ),
            code="already_saved",
        )
    if turn.state != "called":
        raise Conflict(
            _(
                "第 %(number)s 号考生现在不在评分中，分数没有保存，仍留在您的设备上。请看屏幕上当前的抽签号。",
                number=turn.draw_number,
            ),
            code="not_called",
        )
    _refuse_recused(session, turn, member)
    sheet = _insert(session, clock, turn, member, read, remark, 1)
    record(session, actor, clock, "sheet_saved", "interview_turn", turn.id, sheet=sheet.id, seat=member.seat)
    finish_if_all_saved(session, actor, clock, panel, turn)
    return Saved(sheet, repeated=False)


def correct_sheet(
    session: Session,
    actor: Actor,
    clock: Clock,
    panel_id: int,
    turn_id: int,
    member: PanelMember,
    marks: Mapping[str, str],
    remark: str,
    reason: str,
) -> Saved:
    """Put a new sheet in the place of one's own, which stays, void, with the reason; only before the supervisor confirms.

    A result that stood is computed anew, and its signatures begin again.
    """
    panel = claim(session, panel_id, "running")
    turn = turn_of(session, panel_id, turn_id)
    read, remark = _read(session, panel_id, member, marks), _remark(remark)
    kept = _own_sheet(session, turn, member)
    if kept is None or turn.state not in ("called", "scored"):
        raise Conflict(
            _(
                "第 %(number)s 号考生的评分现在不能更正：成绩已经监督员确认，或您还没有保存过评分。原评分不变。",
                number=turn.draw_number,
            )
        )
    if kept.marks == read and kept.remark == remark:
        return Saved(kept, repeated=True)
    if not reason.strip():
        raise BadInput(
            _("更正要写明理由，原评分不变。请填写理由后再保存。"),
            details={"fields": {"reason": _("请填写更正的理由。")}},
        )
    _void(session, kept, reason.strip())
    sheet = _insert(session, clock, turn, member, read, remark, kept.version + 1)
    record(
        session,
        actor,
        clock,
        "sheet_corrected",
        "interview_turn",
        turn.id,
        sheet=sheet.id,
        void=kept.id,
        seat=member.seat,
        reason=reason.strip(),
    )
    if turn.state == "scored":
        append_result(session, actor, clock, panel, turn, _("更正：%(reason)s", reason=reason.strip()))
    return Saved(sheet, repeated=False)


def finish_if_all_saved(session: Session, actor: Actor, clock: Clock, panel: Panel, turn: InterviewTurn) -> bool:
    """Compute the result if every examiner of the turn has saved; whether this call did it.

    The panel is claimed, so of two who save at once the second sees the first; the conditional move decides all the same.
    """
    saved = {sheet.member_id for sheet in live_sheets(session, [turn.id]).get(turn.id, [])}
    if any(member.id not in saved for member in scoring_members(session, turn)):
        return False
    if not move(session, turn.id, ("called",), "scored", finished_at=turn.finished_at or clock.now()):
        return False
    append_result(session, actor, clock, panel, turn, "")
    return True


def append_result(
    session: Session, actor: Actor, clock: Clock, panel: Panel, turn: InterviewTurn, reason: str
) -> InterviewResult:
    """Append a computation of the turn from its live sheets; signatures under earlier ones no longer count."""
    sheets = {sheet.member_id: sheet for sheet in live_sheets(session, [turn.id]).get(turn.id, [])}
    scoring = [member for member in scoring_members(session, turn) if member.id in sheets]
    marks = {
        seat_name(member.seat): {name: Fraction(text) for name, text in sheets[member.id].marks.items()}
        for member in scoring
    }
    try:
        computed = compute(rule_of(panel), elements_of(session, panel.id), marks)
    except PanelProblem as problem:
        raise Conflict(str(problem)) from None
    version = 1 + (
        session.scalar(select(func.max(InterviewResult.version)).where(InterviewResult.turn_id == turn.id)) or 0
    )
    result = InterviewResult(
        turn_id=turn.id,
        version=version,
        blind_number=turn.blind_number,
        exam_id=panel.exam_id,
        result_hundredths=hundredths(computed.result),
        sheet_ids=[sheets[member.id].id for member in scoring],
        kept=[counted.as_json() for counted in computed.kept],
        dropped=[counted.as_json() for counted in computed.dropped],
        arithmetic=computed.arithmetic,
        reason=reason,
        computed_at=clock.now(),
    )
    session.add(result)
    session.flush()
    record(session, actor, clock, "interview_scored", "interview_turn", turn.id, version=version)
    return result


def void_sheets(session: Session, turn: InterviewTurn, member_id: int, reason: str) -> list[int]:
    """Make a member's live sheets for a turn void, keeping them; their ids."""
    mine = [sheet for sheet in live_sheets(session, [turn.id]).get(turn.id, []) if sheet.member_id == member_id]
    for sheet in mine:
        _void(session, sheet, reason)
    return [sheet.id for sheet in mine]


def read_marks(rows: list[PanelElement], examiner: str, marks: Mapping[str, str]) -> dict[str, Fraction]:
    """The marks of a sheet, each within its range and step. Raises ``BadInput`` with a sentence beside each wrong one."""
    read, wrong = {}, {}
    for row in rows:
        element = Element(row.name, Fraction(row.weight), Fraction(row.greatest))
        try:
            read[row.name] = read_mark(marks.get(row.name, ""), element, examiner, Fraction(row.step))
        except PanelProblem as problem:
            wrong[row.name] = str(problem)
    if wrong:
        raise BadInput(
            _("有 %(count)s 项得分需要改正，评分没有保存，填过的分数都还在。请改正后再保存。", count=len(wrong)),
            details={"fields": wrong},
        )
    return read


def _read(session: Session, panel_id: int, member: PanelMember, marks: Mapping[str, str]) -> dict[str, str]:
    read = read_marks(element_rows(session, panel_id), seat_name(member.seat), marks)
    return {name: show_exact(mark) for name, mark in read.items()}


def _remark(text: str) -> str:
    remark = text.strip()
    if len(remark) > LONGEST_REMARK:
        raise BadInput(
            _("评语超过 %(most)s 字，评分没有保存。请缩短评语。", most=LONGEST_REMARK),
            details={"fields": {"remark": _("最多 %(most)s 字。", most=LONGEST_REMARK)}},
        )
    return remark


def _own_sheet(session: Session, turn: InterviewTurn, member: PanelMember) -> ScoreSheet | None:
    live = live_sheets(session, [turn.id]).get(turn.id, [])
    return next((sheet for sheet in live if sheet.member_id == member.id), None)


def _refuse_recused(session: Session, turn: InterviewTurn, member: PanelMember) -> None:
    statement = select(Recusal.id).where(
        Recusal.panel_id == turn.panel_id, Recusal.member_id == member.id, Recusal.blind_number == turn.blind_number
    )
    if session.scalar(statement) is not None:
        raise Conflict(_("您对第 %(number)s 号考生已回避，不参加评分，分数没有保存。", number=turn.draw_number))


def _insert(
    session: Session,
    clock: Clock,
    turn: InterviewTurn,
    member: PanelMember,
    marks: dict[str, str],
    remark: str,
    version: int,
) -> ScoreSheet:
    exact = {name: Fraction(text) for name, text in marks.items()}
    total = examiner_total(elements_of(session, turn.panel_id), exact)
    sheet = ScoreSheet(
        turn_id=turn.id,
        member_id=member.id,
        version=version,
        marks=marks,
        total=show_exact(total),
        remark=remark,
        saved_at=clock.now(),
    )
    session.add(sheet)
    session.flush()
    return sheet


def _void(session: Session, sheet: ScoreSheet, reason: str) -> None:
    statement = (
        update(ScoreSheet)
        .where(ScoreSheet.id == sheet.id, ScoreSheet.void.is_(False))
        .values(void=True, void_reason=reason)
    )
    if affected(session, statement) != 1:
        raise Conflict(_("这张评分表刚刚已作废，未作更改。请刷新页面查看最新状态。"))
