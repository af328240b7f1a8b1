"""Scores of closed sittings: appended, never rewritten. The current score is the one with the highest run."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import Model


class PaperScore(Model):
    """One scoring of one sitting. Run 1 is the first; a rescore after a key change is a later run with its reason."""

    __tablename__ = "paper_scores"

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True)
    run: Mapped[int] = mapped_column(primary_key=True)
    blind_number: Mapped[str] = mapped_column(String(16), index=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"), index=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"))
    total_hundredths: Mapped[int]
    max_hundredths: Mapped[int]
    answers_digest: Mapped[str] = mapped_column(
        String(64)
    )  # the receipt's digest: what was scored is what was handed in
    reason: Mapped[str] = mapped_column(Text, default="")
    scored_at: Mapped[datetime]


class ItemScore(Model):
    """One slot's part of a scoring, with the sentence that explains it."""

    __tablename__ = "item_scores"

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True)
    run: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(ForeignKey("item_versions.id"), index=True)
    policy: Mapped[str] = mapped_column(String(32))
    response: Mapped[str] = mapped_column(Text)  # canonical JSON
    score_hundredths: Mapped[int]
    max_hundredths: Mapped[int]
    arithmetic: Mapped[str] = mapped_column(Text)


class ScoringProblem(Model):
    """Why a closed sitting could not be scored: no mark is guessed. Working state: the row goes when a scoring succeeds."""

    __tablename__ = "scoring_problems"

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"), index=True)
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"))
    slot: Mapped[str] = mapped_column(String(16), default="")
    item_number: Mapped[str] = mapped_column(String(16), default="")
    sentence: Mapped[str] = mapped_column(Text)
    found_at: Mapped[datetime]
