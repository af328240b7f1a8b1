"""What the interview room looks like at this moment: who is in, who has saved, whose signature is due."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from core.accounts.queries import names_of
from grading.interview import announcement
from grading.interview.announcement import Announcement
from grading.interview.chain import CHAIN, EXAMINERS, OVER, next_signature, seat_name
from grading.interview.models import InterviewResult, InterviewTurn, Panel, PanelElement, PanelMember, ScoreSheet
from grading.interview.queries import (
    Signature,
    current_turn,
    element_rows,
    examiners_of,
    latest_results,
    live_sheets,
    members_of,
    recusals_of,
    rule_of,
    sheets_of,
    signatures_of,
    turns_of,
)
from grading.interview.room import why_not_next


@dataclass(frozen=True)
class Seat:
    """An examiner's seat in one turn: ``saved``, ``missing`` or ``recused``."""

    number: int
    name: str
    chief: bool
    state: str


@dataclass(frozen=True)
class Line:
    """One turn as the room sees it."""

    turn: InterviewTurn
    seats: tuple[Seat, ...]
    result: InterviewResult | None
    signatures: tuple[Signature, ...]
    due: str | None

    @property
    def saved(self) -> int:
        """How many examiners have saved."""
        return sum(seat.state == "saved" for seat in self.seats)

    @property
    def scoring(self) -> int:
        """How many examiners score."""
        return sum(seat.state != "recused" for seat in self.seats)


@dataclass(frozen=True)
class Room:
    """A panel with all its turns; ``hindrance`` says why the next candidate may not be called yet."""

    panel: Panel
    lines: tuple[Line, ...]
    inside: Line | None
    following: InterviewTurn | None
    hindrance: str
    over: int


def room(session: Session, panel: Panel) -> Room:
    """The room of a panel."""
    turns = turns_of(session, panel.id)
    ids = [turn.id for turn in turns]
    examiners = examiners_of(session, panel.id)
    sheets = live_sheets(session, ids)
    gone = {(one.member_id, one.blind_number) for one in recusals_of(session, panel.id)}
    results = latest_results(session, ids)
    signatures = signatures_of(session, results.values())
    lines = []
    for turn in turns:
        saved = {sheet.member_id for sheet in sheets.get(turn.id, [])}
        seats = tuple(_seat(member, turn, saved, gone) for member in examiners)
        result = results.get(turn.id) if turn.state in ("scored", "confirmed") else None
        signed = tuple(signatures.get(turn.id, ())) if result else ()
        due = next_signature({one.position for one in signed}) if turn.state == "scored" else None
        lines.append(Line(turn, seats, result, signed, due))
    busy = current_turn(turns)
    inside = next((line for line in lines if line.turn is busy), None)
    following = next((turn for turn in turns if turn.state == "waiting"), None)
    hindrance = why_not_next(session, inside.turn) if inside else ""
    return Room(panel, tuple(lines), inside, following, hindrance, sum(turn.state in OVER for turn in turns))


def _seat(member: PanelMember, turn: InterviewTurn, saved: set[int], gone: set[tuple[int, str]]) -> Seat:
    recused = (member.id, turn.blind_number) in gone
    state = "recused" if recused else "saved" if member.id in saved else "missing"
    return Seat(member.seat, seat_name(member.seat), member.position == "chief", state)


@dataclass(frozen=True)
class SheetLine:
    """One examiner's sheet as those who check it see it."""

    seat: str
    chief: bool
    sheet: ScoreSheet


@dataclass(frozen=True)
class Signing:
    """A turn with its sheets, its result and its chain of signatures; ``steps``: (position, signature or None)."""

    panel: Panel
    turn: InterviewTurn
    elements: tuple[PanelElement, ...]
    sheets: tuple[SheetLine, ...]
    void: tuple[SheetLine, ...]
    recused: tuple[str, ...]
    result: InterviewResult | None
    words: Announcement | None
    steps: tuple[tuple[str, Signature | None], ...]
    due: str | None


def signing(session: Session, panel: Panel, turn: InterviewTurn) -> Signing:
    """Everything about one turn that is checked and signed."""
    examiners = {member.id: member for member in examiners_of(session, panel.id)}
    lines = [
        SheetLine(seat_name(examiners[one.member_id].seat), examiners[one.member_id].position == "chief", one)
        for one in sorted(sheets_of(session, turn.id), key=lambda sheet: (examiners[sheet.member_id].seat, sheet.id))
    ]
    gone = {one.member_id for one in recusals_of(session, panel.id) if one.blind_number == turn.blind_number}
    result = latest_results(session, [turn.id]).get(turn.id) if turn.state in ("scored", "confirmed") else None
    signed = {one.position: one for one in signatures_of(session, [result]).get(turn.id, [])} if result else {}
    return Signing(
        panel,
        turn,
        tuple(element_rows(session, panel.id)),
        tuple(line for line in lines if not line.sheet.void),
        tuple(line for line in lines if line.sheet.void),
        tuple(seat_name(member.seat) for member in examiners.values() if member.id in gone),
        result,
        announcement.of(rule_of(panel), result) if result else None,
        tuple((position, signed.get(position)) for position in CHAIN),
        next_signature(signed) if turn.state == "scored" else None,
    )


@dataclass(frozen=True)
class Person:
    """A member of the panel with the name, for who organises it."""

    member: PanelMember
    name: str


def people(session: Session, panel_id: int) -> list[Person]:
    """The panel's members with their names: examiners by seat, then the others."""
    members = members_of(session, panel_id)
    names = names_of(session, {member.account_id for member in members})
    return [Person(member, names.get(member.account_id, "")) for member in members]


def examiner_choices(session: Session, panel_id: int) -> list[tuple[int, str]]:
    """(member id, ``考官3 姓名``) of the panel's examiners."""
    return [
        (one.member.id, f"{seat_name(one.member.seat)} {one.name}")
        for one in people(session, panel_id)
        if one.member.position in EXAMINERS
    ]
