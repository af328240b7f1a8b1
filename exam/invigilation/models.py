"""What invigilators do and see: incidents, and changes of somebody's time."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import BigId, Model


class Incident(Model):
    """A fact recorded for a person to judge; nothing follows from it here. The second signer is another person."""

    __tablename__ = "incidents"
    __table_args__ = (Index("ix_incidents_session_id_at", "session_id", "at"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("exam_sessions.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    sitting_id: Mapped[int | None] = mapped_column(ForeignKey("sittings.id"), index=True)
    kind: Mapped[str] = mapped_column(String(32))
    facts: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    recorded_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))  # None: the system
    second_signer: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    second_signed_at: Mapped[datetime | None]
    once: Mapped[str | None] = mapped_column(String(32), unique=True)  # the number of the form that recorded it


class TimeChange(Model):
    """Extra time, a pause or its end, for one sitting; appended."""

    __tablename__ = "time_changes"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), index=True)
    kind: Mapped[str] = mapped_column(String(16))  # extra | pause | resume
    seconds: Mapped[int] = mapped_column(default=0)
    reason: Mapped[str] = mapped_column(String(500))
    by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]
