"""Answers as append-only steps."""

from datetime import datetime

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import BigId, Model


class AnswerStep(Model):
    """One acknowledged step: the response to a slot as it was then. For one slot the highest (binding, seq) counts."""

    __tablename__ = "answer_steps"

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True)
    binding: Mapped[int] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(primary_key=True)
    slot: Mapped[int]
    response: Mapped[str] = mapped_column(Text)  # canonical JSON, displayed letters
    client_at: Mapped[str] = mapped_column(String(40), default="")  # what the browser's clock said; decides nothing
    received_at: Mapped[datetime]


class LateStep(Model):
    """A step that came too late or after closing: kept for a person to see, counted by nobody."""

    __tablename__ = "late_steps"
    __table_args__ = (Index("ix_late_steps_sitting_id", "sitting_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sitting_id: Mapped[int] = mapped_column(BigInteger)
    binding: Mapped[int]
    seq: Mapped[int] = mapped_column(BigInteger)
    slot: Mapped[str] = mapped_column(String(16))
    response: Mapped[str] = mapped_column(Text)
    code: Mapped[str] = mapped_column(String(16))
    received_at: Mapped[datetime]
