"""Reading interviews: the doors for outcomes and sheets, and what every page of a panel needs."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from typing import Any, cast

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session

from core.accounts.queries import names_of
from core.errors import Conflict, NotFound
from core.i18n import _
from grading.interview import announcement
from grading.interview.chain import CHAIN, EXAMINERS, UNDER_WAY, Position, seat_name
from grading.interview.models import (
    InterviewResult,
    InterviewSignature,
    InterviewTurn,
    Panel,
    PanelElement,
    PanelMember,
    Recusal,
    ScoreSheet,
)
from grading.interview.rules import Element, PanelRule, Trim

_EVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class ConfirmedResult:
    """A valid interview score: the supervisor has signed it. The single totals stand in ``arithmetic`` only once the
    panel is closed; until then it is the sentence that was announced."""

    result_hundredths: int
    arithmetic: str
    turn_state: str
    panel_name: str
    draw_number: int


@dataclass(frozen=True)
class Signature:
    """One link of the signing chain."""

    position: str
    name: str
    signed_at: datetime


@dataclass(frozen=True)
class TurnSheet:
    """One line of 面试成绩汇总表. ``totals``: seat -> unrounded total, None where that examiner was recused or none saved."""

    draw_number: int
    blind_number: str
    state: str
    reason: str
    totals: dict[int, str | None]
    kept: tuple[dict[str, str], ...]
    dropped: tuple[dict[str, str], ...]
    mean: str | None
    result_hundredths: int | None
    arithmetic: str
    version: int | None
    signatures: tuple[Signature, ...]


@dataclass(frozen=True)
class PanelSheets:
    """All of a closed panel's scores; ``examiners``: (seat, name, is chief)."""

    panel_id: int
    panel_name: str
    exam_id: int
    rule: PanelRule
    elements: tuple[Element, ...]
    examiners: tuple[tuple[int, str, bool], ...]
    others: tuple[tuple[str, str], ...]
    turns: tuple[TurnSheet, ...]


def interview_required(session: Session, exam_id: int) -> bool:
    """Whether the exam has an interview: a panel was set up for it."""
    return session.scalar(select(Panel.id).where(Panel.exam_id == exam_id).limit(1)) is not None


def panels_of_exam(session: Session, exam_id: int) -> list[Panel]:
    """The exam's panels in the order of their making."""
    return list(session.scalars(select(Panel).where(Panel.exam_id == exam_id).order_by(Panel.id)))


def confirmed_results(session: Session, exam_id: int) -> dict[str, ConfirmedResult]:
    """The valid interview scores of an exam by blind number: confirmed by the supervisor, the latest computation."""
    latest = _latest_versions()
    rows = session.execute(
        select(InterviewResult, InterviewTurn, Panel)
        .join(InterviewTurn, InterviewTurn.id == InterviewResult.turn_id)
        .join(Panel, Panel.id == InterviewTurn.panel_id)
        .join(latest, and_(latest.c.turn_id == InterviewResult.turn_id, latest.c.version == InterviewResult.version))
        .join(
            InterviewSignature,
            and_(
                InterviewSignature.turn_id == InterviewResult.turn_id,
                InterviewSignature.result_version == InterviewResult.version,
                InterviewSignature.position == "supervisor",
            ),
        )
        .where(Panel.exam_id == exam_id, InterviewTurn.state == "confirmed")
    )
    found = {}
    for result, turn, panel in rows:
        words = result.arithmetic if panel.state == "closed" else announcement.of(rule_of(panel), result).sentence
        found[turn.blind_number] = ConfirmedResult(
            result.result_hundredths, words, turn.state, panel.name, turn.draw_number
        )
    return found


def _latest_versions() -> Any:
    return (
        select(InterviewResult.turn_id, func.max(InterviewResult.version).label("version"))
        .group_by(InterviewResult.turn_id)
        .subquery()
    )


def panel_sheets(session: Session, panel_id: int) -> PanelSheets:
    """Examiners' totals, kept and dropped, mean, arithmetic and signatures of a closed panel, by draw number.

    Raises ``Conflict`` while the panel is not closed: nobody compares single scores before.
    """
    panel = panel_of(session, panel_id)
    if panel.state != "closed":
        raise Conflict(
            _(
                "考官组“%(name)s”尚未结束，各考官的评分暂不能查看或导出。请在全部考生面试并由监督员确认后结束该考官组。",
                name=panel.name,
            )
        )
    members = members_of(session, panel_id)
    names = names_of(session, {member.account_id for member in members})
    examiners = [member for member in members if member.position in EXAMINERS]
    return PanelSheets(
        panel.id,
        panel.name,
        panel.exam_id,
        rule_of(panel),
        tuple(elements_of(session, panel_id)),
        tuple((one.seat, names.get(one.account_id, ""), one.position == "chief") for one in examiners),
        tuple((one.position, names.get(one.account_id, "")) for one in members if one.position not in EXAMINERS),
        tuple(_turn_sheets(session, panel, examiners)),
    )


def _turn_sheets(session: Session, panel: Panel, examiners: list[PanelMember]) -> list[TurnSheet]:
    turns = turns_of(session, panel.id)
    ids = [turn.id for turn in turns]
    results = latest_results(session, ids)
    sheets = live_sheets(session, ids)
    signatures = signatures_of(session, results.values())
    rows = []
    for turn in turns:
        mine = {sheet.member_id: sheet.total for sheet in sheets.get(turn.id, [])}
        by_name = {seat_name(one.seat): mine[one.id] for one in examiners if one.id in mine}
        result = results.get(turn.id) if turn.state == "confirmed" else None
        rows.append(
            TurnSheet(
                turn.draw_number,
                turn.blind_number,
                turn.state,
                turn.reason,
                {one.seat: mine.get(one.id) for one in examiners},
                tuple(result.kept) if result else (),
                tuple(result.dropped) if result else (),
                announcement.mean_of(rule_of(panel), result, by_name) if result else None,
                result.result_hundredths if result else None,
                result.arithmetic if result else "",
                result.version if result else None,
                tuple(signatures.get(turn.id, ())) if result else (),
            )
        )
    return rows


def panel_of(session: Session, panel_id: int) -> Panel:
    """The panel as it stands now. Raises ``NotFound``."""
    panel = session.scalar(select(Panel).where(Panel.id == panel_id).execution_options(populate_existing=True))
    if panel is None:
        raise NotFound(_("没有这个考官组，或您不在其中。请从面试列表重新选择。"))
    return panel


def turn_of(session: Session, panel_id: int, turn_id: int) -> InterviewTurn:
    """A turn of this panel as it stands now. Raises ``NotFound`` for another panel's."""
    statement = select(InterviewTurn).where(InterviewTurn.id == turn_id, InterviewTurn.panel_id == panel_id)
    turn = session.scalar(statement.execution_options(populate_existing=True))
    if turn is None:
        raise NotFound(_("这个考官组没有这名考生。请从面试室页面重新选择。"))
    return turn


def rule_of(panel: Panel) -> PanelRule:
    """The panel's rule of aggregation."""
    return PanelRule(cast(Trim, panel.rule["trim"]), int(panel.rule["decimals"]), panel.rule.get("minimum"))


def element_rows(session: Session, panel_id: int) -> list[PanelElement]:
    """The elements of the score sheet in order."""
    statement = select(PanelElement).where(PanelElement.panel_id == panel_id).order_by(PanelElement.position)
    return list(session.scalars(statement))


def elements_of(session: Session, panel_id: int) -> list[Element]:
    """The elements as the rules take them."""
    return [Element(row.name, Fraction(row.weight), Fraction(row.greatest)) for row in element_rows(session, panel_id)]


def members_of(session: Session, panel_id: int) -> list[PanelMember]:
    """Examiners by seat, then the others."""
    statement = select(PanelMember).where(PanelMember.panel_id == panel_id)
    members = session.scalars(statement.execution_options(populate_existing=True))
    return sorted(members, key=lambda member: (member.position not in EXAMINERS, member.seat, member.id))


def examiners_of(session: Session, panel_id: int) -> list[PanelMember]:
    """The scoring members by seat, the chief among them."""
    return [member for member in members_of(session, panel_id) if member.position in EXAMINERS]


def turns_of(session: Session, panel_id: int) -> list[InterviewTurn]:
    """The turns by draw number."""
    statement = select(InterviewTurn).where(InterviewTurn.panel_id == panel_id).order_by(InterviewTurn.draw_number)
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def recusals_of(session: Session, panel_id: int) -> list[Recusal]:
    """The panel's recusals, oldest first."""
    return list(session.scalars(select(Recusal).where(Recusal.panel_id == panel_id).order_by(Recusal.id)))


def scoring_members(session: Session, turn: InterviewTurn) -> list[PanelMember]:
    """Who scores this turn: the examiners without the recused, by seat."""
    gone = {one.member_id for one in recusals_of(session, turn.panel_id) if one.blind_number == turn.blind_number}
    return [member for member in examiners_of(session, turn.panel_id) if member.id not in gone]


def current_turn(turns: Iterable[InterviewTurn]) -> InterviewTurn | None:
    """Whom the room is busy with: the candidate who is in, else the last one whose result is still being signed.

    A late recusal may have opened an earlier turn again; it waits its turn.
    """
    busy = [turn for turn in turns if turn.state in UNDER_WAY]
    return max(busy, key=lambda turn: (turn.state == "called", turn.called_at or _EVER, turn.draw_number), default=None)


def acting_chief(session: Session, turn: InterviewTurn) -> PanelMember | None:
    """Who announces this turn: the chief examiner, or for a recused chief the first examiner by seat who scores."""
    scoring = scoring_members(session, turn)
    chief = next((member for member in scoring if member.position == "chief"), None)
    return chief or next(iter(scoring), None)


def live_sheets(session: Session, turn_ids: Iterable[int]) -> dict[int, list[ScoreSheet]]:
    """The sheets that are not void, by turn."""
    statement = select(ScoreSheet).where(ScoreSheet.turn_id.in_(list(turn_ids)), ScoreSheet.void.is_(False))
    found: dict[int, list[ScoreSheet]] = {}
    for sheet in session.scalars(statement.order_by(ScoreSheet.id).execution_options(populate_existing=True)):
        found.setdefault(sheet.turn_id, []).append(sheet)
    return found


def sheets_of(session: Session, turn_id: int) -> list[ScoreSheet]:
    """Every sheet of a turn, void ones too, in the order of saving."""
    statement = select(ScoreSheet).where(ScoreSheet.turn_id == turn_id).order_by(ScoreSheet.id)
    return list(session.scalars(statement.execution_options(populate_existing=True)))


def latest_results(session: Session, turn_ids: Iterable[int]) -> dict[int, InterviewResult]:
    """The latest computation of each turn."""
    statement = select(InterviewResult).where(InterviewResult.turn_id.in_(list(turn_ids)))
    return {result.turn_id: result for result in session.scalars(statement.order_by(InterviewResult.version))}


def signatures_of(session: Session, results: Iterable[InterviewResult]) -> dict[int, list[Signature]]:
    """The signatures under these results, by turn, in the order of signing."""
    versions = {result.turn_id: result.version for result in results}
    statement = select(InterviewSignature).where(InterviewSignature.turn_id.in_(list(versions)))
    rows = [row for row in session.scalars(statement) if row.result_version == versions[row.turn_id]]
    names = names_of(session, {row.account_id for row in rows})
    found: dict[int, list[Signature]] = {}
    for row in sorted(rows, key=lambda row: CHAIN.index(cast(Position, row.position))):
        found.setdefault(row.turn_id, []).append(Signature(row.position, names.get(row.account_id, ""), row.signed_at))
    return found


def missing_seats(session: Session, turn: InterviewTurn) -> list[str]:
    """The seats (not names) of the examiners who have not saved this turn yet."""
    saved = {sheet.member_id for sheet in live_sheets(session, [turn.id]).get(turn.id, [])}
    return [seat_name(member.seat) for member in scoring_members(session, turn) if member.id not in saved]
