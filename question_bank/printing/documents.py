"""A frozen paper as printed documents: the paper on A4 or folded A3, its answer sheet, and its key apart from both."""

from dataclasses import dataclass
from typing import Any, Literal

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import iso
from core.documents import render_pdf
from question_bank.delivery import deliver
from question_bank.item_types.registry import item_type
from question_bank.items.models import SourceCitation
from question_bank.key_books import key_book
from question_bank.keys import SlotKey
from question_bank.papers.queries import paper as paper_of
from question_bank.papers.rules import plain_points
from question_bank.printing import rules

Sheet = Literal["a4", "a3"]
Sides = Literal["double", "single"]


@dataclass(frozen=True, slots=True)
class Look:
    """How a paper is printed; ``minutes``: the time told on it, None for none."""

    sheet: Sheet = "a4"
    sides: Sides = "double"
    answer_sheet: bool = False
    minutes: int | None = None


def paper_pdf(session: Session, paper_id: int, look: Look, number: int = 0) -> bytes:
    """The paper with its sealed line and score boxes; of a family that of the sitting ``number``. Raises NotFound."""
    return _pdf(
        session,
        "print/papers/paper.html",
        paper_id,
        number,
        sheet=look.sheet,
        sides=look.sides,
        answer_sheet=look.answer_sheet,
        minutes=look.minutes,
    )


def answer_sheet_pdf(session: Session, paper_id: int, number: int = 0) -> bytes:
    """The sheet to answer on: bubbles for choices, lines or squares for the rest. Raises NotFound."""
    return _pdf(session, "print/papers/answer_sheet.html", paper_id, number, sheet="a4")


def key_pdf(session: Session, paper_id: int, number: int = 0) -> bytes:
    """Keys with rationales and citations, under the letters that the paper shows. Raises NotFound."""
    keys = key_book(session, paper_id).of(number)
    sources = _sources(session, [key.version_id for key in keys.values()])
    told = {slot: _told(key) | {"sources": sources.get(key.version_id, [])} for slot, key in keys.items()}
    return _pdf(session, "print/papers/key.html", paper_id, number, sheet="a4", told=told)


def _told(key: SlotKey) -> dict[str, Any]:
    """What a printed key says of a place or of a part; ``scorable``: whether there is a key beside the rationale."""
    return {
        "key": key.mark,
        "scorable": item_type(key.type).scorable(key.content),
        "points": key.points_hundredths,
        "rationale": key.rationale,
        "item_number": key.item_number,
        "parts": [_told(part) | {"number": number} for number, part in enumerate(key.parts, 1)],
    }


def _sources(session: Session, version_ids: list[int]) -> dict[int, list[SourceCitation]]:
    found: dict[int, list[SourceCitation]] = {}
    for row in session.scalars(
        select(SourceCitation).where(SourceCitation.version_id.in_(version_ids)).order_by(SourceCitation.id)
    ):
        found.setdefault(row.version_id, []).append(row)
    return found


def _pdf(session: Session, template: str, paper_id: int, number: int, **values: Any) -> bytes:
    paper, delivered = paper_of(session, paper_id), deliver(session, paper_id, number)
    mark = f"应试编号 {number}" if paper.seed_digest else f"{paper.form} 卷" if paper.form else ""
    # Not flask's render_template: its context belongs to requests, and papers are printed by jobs.
    html = current_app.jinja_env.get_template(template).render(
        paper=delivered,
        mark=mark,
        created=iso(paper.drawn_at),
        code_line="　".join(filter(None, (paper.code, mark, paper.title))),
        plain_points=plain_points,
        option_columns=rules.option_columns,
        may_split=rules.may_split,
        stem_pieces=rules.stem_pieces,
        squares=rules.squares,
        squares_in_a_row=rules.SQUARES_IN_A_ROW,
        rows_to_a_mark=rules.ROWS_TO_A_MARK,
        **values,
    )
    return render_pdf(html)
