"""A frozen paper as printed documents: the paper on A4 or folded A3, its answer sheet, and its key apart from both."""

from dataclasses import dataclass
from typing import Any, Literal

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.clock import iso
from core.documents import render_pdf
from question_bank.delivery import DeliveredPaper, deliver
from question_bank.items.models import SourceCitation
from question_bank.keys import keys_of_paper
from question_bank.papers.models import Paper
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


def paper_pdf(session: Session, paper_id: int, look: Look) -> bytes:
    """The paper with its sealed line and score boxes. Raises NotFound."""
    paper = paper_of(session, paper_id)
    html = _html(
        "print/papers/paper.html",
        paper,
        deliver(session, paper_id),
        sheet=look.sheet,
        sides=look.sides,
        answer_sheet=look.answer_sheet,
        minutes=look.minutes,
    )
    return render_pdf(html)


def answer_sheet_pdf(session: Session, paper_id: int) -> bytes:
    """The sheet to answer on: bubbles for choices, lines for the rest. Raises NotFound."""
    paper = paper_of(session, paper_id)
    return render_pdf(_html("print/papers/answer_sheet.html", paper, deliver(session, paper_id), sheet="a4"))


def key_pdf(session: Session, paper_id: int) -> bytes:
    """Keys with rationales and citations, under the letters that the paper shows. Raises NotFound."""
    paper = paper_of(session, paper_id)
    keys = keys_of_paper(session, paper_id)
    sources = _sources(session, [key.version_id for key in keys.values()])
    told = {
        slot: {
            "key": key.mark,
            "rationale": "\n".join(filter(None, (key.rationale, *(part.rationale for part in key.parts)))),
            "item_number": key.item_number,
            "sources": sources.get(key.version_id, []),
        }
        for slot, key in keys.items()
    }
    return render_pdf(_html("print/papers/key.html", paper, deliver(session, paper_id), sheet="a4", told=told))


def _sources(session: Session, version_ids: list[int]) -> dict[int, list[SourceCitation]]:
    found: dict[int, list[SourceCitation]] = {}
    for row in session.scalars(
        select(SourceCitation).where(SourceCitation.version_id.in_(version_ids)).order_by(SourceCitation.id)
    ):
        found.setdefault(row.version_id, []).append(row)
    return found


def _html(template: str, paper: Paper, delivered: DeliveredPaper, **values: Any) -> str:
    # Not flask's render_template: its context belongs to requests, and papers are printed by jobs.
    return current_app.jinja_env.get_template(template).render(
        paper=delivered,
        form=paper.form or "",
        created=iso(paper.drawn_at),
        code_line=f"{paper.code}　{paper.title}",
        plain_points=plain_points,
        option_columns=rules.option_columns,
        may_split=rules.may_split,
        stem_pieces=rules.stem_pieces,
        **values,
    )
