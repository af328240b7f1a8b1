"""Sittings: one row for one candidate's one attempt, and the table that the hot path reads and guards by."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import BigId, Model


class Sitting(Model):
    """应试. Rows exist from the moment the session is published, so that starting is one UPDATE.

    State: registered -> admitted (signed in) -> open -> closed; paused between open and open. ``holder`` is the sign-in
    that holds the sitting now, ``binding`` counts the devices' turns; both stand in the guard of every save.
    """

    __tablename__ = "sittings"
    __table_args__ = (
        Index("ix_sittings_session_id_state", "session_id", "state"),
        Index("ix_sittings_state_deadline", "state", "deadline"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidates.id"), unique=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"), index=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("exam_sessions.id"))
    paper_id: Mapped[int] = mapped_column(ForeignKey("papers.id"))
    state: Mapped[str] = mapped_column(String(16), default="registered")
    holder: Mapped[str | None] = mapped_column(String(64))
    binding: Mapped[int] = mapped_column(default=0)
    admitted_at: Mapped[datetime | None]
    notice_digest: Mapped[str | None] = mapped_column(String(64))  # of the notice on personal data that was agreed to
    notice_agreed_at: Mapped[datetime | None]
    commitment_digest: Mapped[str | None] = mapped_column(String(64))
    commitment_signed_at: Mapped[datetime | None]
    started_at: Mapped[datetime | None]
    deadline: Mapped[datetime | None]  # extra time and pauses included
    grace_seconds: Mapped[int] = mapped_column(default=10)
    extra_seconds: Mapped[int] = mapped_column(default=0)
    paused_at: Mapped[datetime | None]
    last_seen_at: Mapped[datetime | None]
    nonce: Mapped[str] = mapped_column(String(64))
    closed_at: Mapped[datetime | None]
    closed_by: Mapped[str | None] = mapped_column(String(16))  # candidate | clock | invigilator
    close_reason: Mapped[str] = mapped_column(Text, default="")
    client_digest: Mapped[str | None] = mapped_column(String(64))  # what the client said it handed in
    # Digest of the pair (client's, server's) that was refused: the same pair again means that nothing can be supplied.
    refused_digest: Mapped[str | None] = mapped_column(String(64))


class Receipt(Model):
    """What a closed sitting's answers were, under a digest and a short code. A later revision never replaces an earlier.

    One with a ``claim_id`` came with an offline hand-in and counts once that claim is confirmed.
    """

    __tablename__ = "receipts"

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True)
    revision: Mapped[int] = mapped_column(primary_key=True, default=1)
    code: Mapped[str] = mapped_column(String(16), unique=True)
    digest: Mapped[str] = mapped_column(String(64))
    answered: Mapped[int]
    issued_at: Mapped[datetime]
    claim_id: Mapped[int | None] = mapped_column(ForeignKey("offline_claims.id"))
