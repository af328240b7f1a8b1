"""Interview panels: elements and rule, members, draw numbers, examiners' score sheets, results and the signing chain."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from core.database import BigId, Model


class Panel(Model):
    """考官组 of one exam with its rule of aggregation. State: preparing -> running -> closed.

    Every act in a panel first raises ``revision`` under a condition on the state: acts of one panel follow one another,
    whoever is first, and a page knows by the number whether it is still current.
    """

    __tablename__ = "panels"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    rule: Mapped[dict[str, Any]]  # {"trim": "totals", "decimals": 2}
    minutes: Mapped[int] = mapped_column(default=15)  # for one candidate
    reminders: Mapped[list[Any]]  # seconds left at which the timekeeper's signs go up, 0 the last
    seats: Mapped[int] = mapped_column(default=7)  # examiners, the chief among them
    revision: Mapped[int] = mapped_column(default=0)
    state: Mapped[str] = mapped_column(String(16), default="preparing")
    created_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]


class PanelElement(Model):
    """测评要素: weight in the whole and greatest mark, both exact decimals as text, with bands 好/中/差."""

    __tablename__ = "panel_elements"

    panel_id: Mapped[int] = mapped_column(ForeignKey("panels.id"), primary_key=True)
    position: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(String(100))
    weight: Mapped[str] = mapped_column(String(16))
    greatest: Mapped[str] = mapped_column(String(16))
    step: Mapped[str] = mapped_column(String(16), default="0.5")
    criteria: Mapped[str] = mapped_column(Text, default="")
    bands: Mapped[list[Any]]  # [{"name": "好", "low": "8", "high": "10"}, ...]


class PanelMember(Model):
    """One person's place on a panel: examiner, chief, timekeeper, score_clerk, checker, supervisor."""

    __tablename__ = "panel_members"
    __table_args__ = (UniqueConstraint("panel_id", "account_id"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panels.id"))
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), index=True)
    position: Mapped[str] = mapped_column(String(16))
    seat: Mapped[int] = mapped_column(default=0)  # 考官 1..n


class Recusal(Model):
    """回避: a member does not score a candidate. A late one recomputes the result without that member.

    It is bound to the candidate, not to the turn: it outlives a repeated draw.
    """

    __tablename__ = "recusals"
    __table_args__ = (UniqueConstraint("panel_id", "member_id", "blind_number"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panels.id"))
    member_id: Mapped[int] = mapped_column(ForeignKey("panel_members.id"))
    blind_number: Mapped[str] = mapped_column(String(16))
    reason: Mapped[str] = mapped_column(Text)
    recorded_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    recorded_at: Mapped[datetime]


class PanelDraw(Model):
    """One draw of the order, appended; the last one before the panel began counts. Replayable: ``drawing.draw_order``."""

    __tablename__ = "panel_draws"

    panel_id: Mapped[int] = mapped_column(ForeignKey("panels.id"), primary_key=True)
    number: Mapped[int] = mapped_column(primary_key=True)
    method: Mapped[str] = mapped_column(String(16))  # seed | hand
    seed: Mapped[str | None] = mapped_column(String(64))
    order: Mapped[list[Any]]  # [[draw number, blind number], ...]
    reason: Mapped[str] = mapped_column(Text, default="")
    drawn_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    drawn_at: Mapped[datetime]


class InterviewTurn(Model):
    """One candidate before one panel, under a drawn number.

    State: waiting -> called -> scored (all have saved) -> confirmed (supervisor signed); or absent; or stopped, where
    recusals left too few examiners and the candidate goes to another panel.
    """

    __tablename__ = "interview_turns"
    __table_args__ = (
        UniqueConstraint("panel_id", "draw_number"),
        UniqueConstraint("panel_id", "blind_number"),
        # A candidate stands before one panel only.
        Index(
            "ix_interview_turns_one_panel",
            "blind_number",
            unique=True,
            sqlite_where=text("state <> 'stopped'"),
            postgresql_where=text("state <> 'stopped'"),
        ),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    panel_id: Mapped[int] = mapped_column(ForeignKey("panels.id"))
    draw_number: Mapped[int]
    blind_number: Mapped[str] = mapped_column(String(16))
    state: Mapped[str] = mapped_column(String(16), default="waiting")
    reason: Mapped[str] = mapped_column(Text, default="")  # why absent, or stopped
    called_at: Mapped[datetime | None]
    answering_at: Mapped[datetime | None]  # 请回答: the timekeeper's start
    finished_at: Mapped[datetime | None]


class ScoreSheet(Model):
    """One examiner's saved sheet for one turn. A correction is a new version; the old one stays, void, with a reason."""

    __tablename__ = "score_sheets"
    __table_args__ = (UniqueConstraint("turn_id", "member_id", "version"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    turn_id: Mapped[int] = mapped_column(ForeignKey("interview_turns.id"), index=True)
    member_id: Mapped[int] = mapped_column(ForeignKey("panel_members.id"))
    version: Mapped[int]
    marks: Mapped[dict[str, Any]]  # element name -> exact decimal as text
    total: Mapped[str] = mapped_column(String(64))  # unrounded: a decimal, or a fraction such as 247/3
    remark: Mapped[str] = mapped_column(Text, default="")
    saved_at: Mapped[datetime]
    void: Mapped[bool] = mapped_column(default=False)
    void_reason: Mapped[str] = mapped_column(Text, default="")


class InterviewResult(Model):
    """The computed result of a turn; appended, the highest version counts and only once confirmed."""

    __tablename__ = "interview_results"

    turn_id: Mapped[int] = mapped_column(ForeignKey("interview_turns.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    blind_number: Mapped[str] = mapped_column(String(16), index=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"), index=True)
    result_hundredths: Mapped[int]
    sheet_ids: Mapped[list[Any]]
    kept: Mapped[list[Any]]
    dropped: Mapped[list[Any]]
    arithmetic: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text, default="")
    computed_at: Mapped[datetime]


class InterviewSignature(Model):
    """One link of the signing chain under one result: timekeeper, score_clerk, checker, chief, supervisor."""

    __tablename__ = "interview_signatures"

    turn_id: Mapped[int] = mapped_column(ForeignKey("interview_turns.id"), primary_key=True)
    result_version: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[str] = mapped_column(String(16), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    signed_at: Mapped[datetime]
