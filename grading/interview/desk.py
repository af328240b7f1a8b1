"""What an examiner's page depends on, and nothing more: another examiner's saving must not reload it."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from grading.interview.chain import next_signature
from grading.interview.models import InterviewTurn, Panel, PanelElement, PanelMember, ScoreSheet
from grading.interview.queries import (
    acting_chief,
    current_turn,
    element_rows,
    latest_results,
    live_sheets,
    recusals_of,
    signatures_of,
    turns_of,
)


@dataclass(frozen=True)
class Desk:
    """One examiner's desk: the candidate in the room, one's own sheet, whether one scores, whether one has to announce."""

    panel: Panel
    member: PanelMember
    elements: tuple[PanelElement, ...]
    turn: InterviewTurn | None
    sheet: ScoreSheet | None
    recused: bool
    announce: bool
    over: int
    total: int

    @property
    def key(self) -> tuple[object, ...]:
        """Names this state of the desk."""
        turn = self.turn
        return (
            self.panel.state,
            self.member.id,
            turn and (turn.id, turn.state, turn.answering_at, turn.finished_at),
            self.sheet and self.sheet.id,
            self.recused,
            self.announce,
            self.over,
        )


def desk(session: Session, panel: Panel, member: PanelMember) -> Desk:
    """The desk of a scoring member."""
    turns = turns_of(session, panel.id)
    turn = current_turn(turns) if panel.state == "running" else None
    sheet, recused, announce = None, False, False
    if turn is not None:
        live = live_sheets(session, [turn.id]).get(turn.id, [])
        sheet = next((one for one in live if one.member_id == member.id), None)
        recused = any(
            one.member_id == member.id and one.blind_number == turn.blind_number
            for one in recusals_of(session, panel.id)
        )
        chief = acting_chief(session, turn)
        announces = chief is not None and chief.id == member.id
        announce = announces and turn.state == "scored" and _due(session, turn) == "chief"
    over = sum(one.state in ("confirmed", "absent", "stopped") for one in turns)
    elements = tuple(element_rows(session, panel.id))
    return Desk(panel, member, elements, turn, sheet, recused, announce, over, len(turns))


def _due(session: Session, turn: InterviewTurn) -> str | None:
    result = latest_results(session, [turn.id])[turn.id]
    return next_signature({one.position for one in signatures_of(session, [result]).get(turn.id, [])})
