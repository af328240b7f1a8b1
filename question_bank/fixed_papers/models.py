"""Drafts of papers that are composed by hand."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from core.database import BigId, Model


class FixedDraft(Model):
    """A paper in the making. A change names the revision it was made from; once frozen it changes no more."""

    __tablename__ = "fixed_drafts"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    title: Mapped[str] = mapped_column(String(200))
    demonstration: Mapped[bool] = mapped_column(default=False)
    # [{"title", "type", "points" (hundredths, 0: none yet), "policy", "versions": [item version ids in order]}, ...]
    sections: Mapped[list[Any]]
    seed: Mapped[str] = mapped_column(String(64))  # of the option order, so that the preview is what will be frozen
    revision: Mapped[int] = mapped_column(default=1)
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("papers.id"))  # what it was frozen as
    created_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]
    changed_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    changed_at: Mapped[datetime]
