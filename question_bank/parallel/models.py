"""Sets of parallel forms: what was asked, what the solver answered, and the papers that came of it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import BigId, Model


class FormSet(Model):
    """One order of parallel forms. State moves queued -> solved | infeasible | failed, by conditional UPDATE.

    ``request`` is everything that the solver saw, ``solution`` what it answered: together they prove the forms without
    any solver (``question_bank.parallel.rules.violations``).
    """

    __tablename__ = "form_sets"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    blueprint_id: Mapped[int] = mapped_column(ForeignKey("blueprints.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    demonstration: Mapped[bool]
    sections: Mapped[list[Any]]  # [[title, type, points in hundredths, policy], ...] as the blueprint was
    request: Mapped[dict[str, Any]]
    request_digest: Mapped[str] = mapped_column(String(64))  # SHA-256 of its RFC 8785 form
    state: Mapped[str] = mapped_column(String(16), default="queued")
    solution: Mapped[list[Any] | None] = mapped_column(JSON)
    outcome: Mapped[dict[str, Any] | None] = mapped_column(
        JSON
    )  # the solver's bound and gap, the report or the conflicts
    run_id: Mapped[int | None] = mapped_column(BigId)
    ordered_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    ordered_at: Mapped[datetime]
    finished_at: Mapped[datetime | None]


class FormSetPaper(Model):
    """The paper of one form: A, B, C …"""

    __tablename__ = "form_set_papers"

    form_set_id: Mapped[int] = mapped_column(ForeignKey("form_sets.id"), primary_key=True)
    form: Mapped[str] = mapped_column(String(2), primary_key=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"), unique=True)
