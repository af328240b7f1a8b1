"""Rule sets, proposals and the decisions of meetings."""

from datetime import date, datetime
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from core.database import BigId, Model


class RuleSetVersion(Model):
    """An immutable version of the rules by which an exam's proposals are made; the highest version counts."""

    __tablename__ = "rule_set_versions"

    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"), primary_key=True)
    version: Mapped[int] = mapped_column(primary_key=True)
    rules: Mapped[dict[str, Any]]
    reason: Mapped[str] = mapped_column(Text, default="")
    set_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    set_at: Mapped[datetime]


class Proposal(Model):
    """处理建议 for one candidate, computed under one rule-set version; appended, the highest run counts."""

    __tablename__ = "proposals"
    __table_args__ = (UniqueConstraint("candidate_id", "run"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"), index=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidates.id"))
    run: Mapped[int]
    rule_set_version: Mapped[int]
    kind: Mapped[str] = mapped_column(String(24))  # qualified | deferral | cancellation | approved_leave | pending
    paper_hundredths: Mapped[int | None]  # as scored, on the paper's own scale
    paper_max_hundredths: Mapped[int | None]
    interview_hundredths: Mapped[int | None]
    composite_hundredths: Mapped[int | None]
    arithmetic: Mapped[str] = mapped_column(Text)
    reasons: Mapped[list[Any]]
    facts: Mapped[dict[str, Any]]  # everything the rules were given, so that the proposal can be replayed
    computed_at: Mapped[datetime]


class PreviousFailure(Model):
    """How often a candidate failed before this exam, on what basis; appended by the organizer, the latest row counts."""

    __tablename__ = "previous_failures"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"), index=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidates.id"), index=True)
    failures: Mapped[int]
    basis: Mapped[str] = mapped_column(String(500))
    recorded_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    recorded_at: Mapped[datetime]


class Decision(Model):
    """决定 of a meeting, recorded by one person and checked by another. Appended; a correction is a later row.

    State: recorded -> checked, or recorded -> returned.
    """

    __tablename__ = "decisions"
    # Two records at once collide on the revision: one wins, the other is told.
    __table_args__ = (UniqueConstraint("candidate_id", "revision"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"), index=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidates.id"), index=True)
    revision: Mapped[int]  # 1 is the first record; a correction has the next number
    proposal_id: Mapped[int] = mapped_column(ForeignKey("proposals.id"))
    kind: Mapped[str] = mapped_column(String(24))  # qualified | deferral | cancellation | approved_leave
    meeting: Mapped[str] = mapped_column(String(200))
    meeting_date: Mapped[date]
    basis: Mapped[str] = mapped_column(Text)
    minutes_number: Mapped[str] = mapped_column(String(100))
    difference_reason: Mapped[str] = mapped_column(Text, default="")  # needed where decision and proposal differ
    state: Mapped[str] = mapped_column(String(16), default="recorded")
    recorded_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    recorded_at: Mapped[datetime]
    checked_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    checked_at: Mapped[datetime | None]
    check_comment: Mapped[str] = mapped_column(Text, default="")
