"""Safe Exam Browser: what a session asks for, who is exempted, and which refusals were noted."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import BigId, Model


class SafeBrowser(Model):
    """The configuration of one session, made once and kept: its key changes with every change of it.

    ``required`` false: it was asked for once and no more.
    """

    __tablename__ = "safe_browsers"

    session_id: Mapped[int] = mapped_column(ForeignKey("exam_sessions.id"), primary_key=True)
    required: Mapped[bool] = mapped_column(default=True)
    origin: Mapped[str] = mapped_column(String(255))  # scheme, host and port under which candidates reach the server
    quit_password: Mapped[str] = mapped_column(String(64))  # its SHA-256, as Safe Exam Browser compares it
    exam_keys: Mapped[str] = mapped_column(Text, default="")  # Browser Exam Keys, one a line; empty: not asked for
    configuration: Mapped[str] = mapped_column(Text)  # the .seb file
    config_key: Mapped[str] = mapped_column(String(64))
    changed_at: Mapped[datetime]


class SafeBrowserExemption(Model):
    """A candidate who may go on in any browser, and why. Appended; a withdrawal is a later row with ``granted`` false."""

    __tablename__ = "safe_browser_exemptions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), index=True)
    granted: Mapped[bool] = mapped_column(default=True)
    reason: Mapped[str] = mapped_column(String(500))
    by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    at: Mapped[datetime]


class SafeBrowserNote(Model):
    """A kind of refusal that a sitting has met: it is noted as an incident once."""

    __tablename__ = "safe_browser_notes"

    sitting_id: Mapped[int] = mapped_column(ForeignKey("sittings.id"), primary_key=True)
    fault: Mapped[str] = mapped_column(String(16), primary_key=True)
    noted_at: Mapped[datetime]
