"""Exams, their sessions and rooms, and the candidates expected there."""

from datetime import date, datetime

from sqlalchemy import ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, validates

from core.database import BigId, Model
from core.natural_order import natural_key


class Exam(Model):
    """One exam: an ability test with paper and interview, a discipline quiz, or practice.

    State: planned -> published (candidates may enter) -> archived. What else a timeline shows is derived from facts.
    """

    __tablename__ = "exams"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    code: Mapped[str] = mapped_column(String(32), unique=True)
    title: Mapped[str] = mapped_column(String(200))  # for the people who organise it
    neutral_title: Mapped[str] = mapped_column(String(200))  # what candidates and posted lists see
    kind: Mapped[str] = mapped_column(String(32))  # ability_test | discipline_quiz | practice
    demonstration: Mapped[bool] = mapped_column(default=False)
    open_book: Mapped[bool] = mapped_column(default=False)
    state: Mapped[str] = mapped_column(String(16), default="planned")
    notice: Mapped[str] = mapped_column(Text)  # 个人信息处理告知
    commitment: Mapped[str] = mapped_column(Text)  # 承诺书, whose exact text is hashed and signed
    created_by: Mapped[int | None] = mapped_column(ForeignKey("accounts.id"))
    created_at: Mapped[datetime]


class ExamSession(Model):
    """场次. Fixed: everybody sits from ``starts_at`` to ``ends_at``. Window: anybody starts between them and has
    ``duration_seconds``, at most to ``ends_at``."""

    __tablename__ = "exam_sessions"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"), index=True)
    name: Mapped[str] = mapped_column(String(100))
    mode: Mapped[str] = mapped_column(String(16))  # fixed | window
    admission_opens_at: Mapped[datetime]  # sign-in and waiting room from here on
    starts_at: Mapped[datetime]
    ends_at: Mapped[datetime]
    duration_seconds: Mapped[int]
    grace_seconds: Mapped[int] = mapped_column(default=10)
    latest_start_seconds: Mapped[
        int | None
    ]  # after starts_at nobody may begin any more (迟到不得入场); None: to the end
    earliest_submission_seconds: Mapped[int] = mapped_column(default=0)
    invigilated: Mapped[bool] = mapped_column(default=True)  # a second device needs the invigilator's release
    paper_id: Mapped[int | None] = mapped_column(ForeignKey("papers.id"))
    # How long after somebody's deadline a sealed file is taken; 0: not at all.
    offline_seconds: Mapped[int] = mapped_column(default=1800)
    layout: Mapped[str] = mapped_column(String(16), default="all")  # all items on one page, or one (single) at a time
    # From where on leaving the page is noted: an absence longer than so many seconds, so many absences; 0: never.
    leaving_seconds: Mapped[int] = mapped_column(default=30)
    leaving_times: Mapped[int] = mapped_column(default=5)
    full_screen: Mapped[bool] = mapped_column(
        default=False
    )  # the page asks for it; nobody is kept from going on without


class Room(Model):
    """考场 of one session."""

    __tablename__ = "rooms"
    __table_args__ = (UniqueConstraint("session_id", "name"),)

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    session_id: Mapped[int] = mapped_column(ForeignKey("exam_sessions.id"))
    name: Mapped[str] = mapped_column(String(100))
    sort_key: Mapped[bytes] = mapped_column(LargeBinary)  # of the name, with which it changes
    address_ranges: Mapped[str] = mapped_column(Text, default="")  # CIDR, one a line; empty: from anywhere

    @validates("name")
    def _sort_by(self, _key: str, name: str) -> str:
        self.sort_key = natural_key(name)
        return name


class RoomInvigilator(Model):
    """Who invigilates a room."""

    __tablename__ = "room_invigilators"

    room_id: Mapped[int] = mapped_column(ForeignKey("rooms.id"), primary_key=True)
    account_id: Mapped[int] = mapped_column(ForeignKey("accounts.id"), primary_key=True)


class Candidate(Model):
    """考生: one person's registration for one exam. The blind number stands for the person in scoring and interviews."""

    __tablename__ = "candidates"
    __table_args__ = (
        UniqueConstraint("exam_id", "admission_number"),
        Index("ix_candidates_admission_number", "admission_number"),
        Index("ix_candidates_session_id_room_id", "session_id", "room_id"),
    )

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    exam_id: Mapped[int] = mapped_column(ForeignKey("exams.id"))
    session_id: Mapped[int] = mapped_column(ForeignKey("exam_sessions.id"))
    room_id: Mapped[int | None] = mapped_column(ForeignKey("rooms.id"))
    seat: Mapped[str] = mapped_column(String(16), default="")
    admission_number: Mapped[str] = mapped_column(String(32))
    blind_number: Mapped[str] = mapped_column(String(16), unique=True)
    name: Mapped[str] = mapped_column(String(64))
    unit: Mapped[str] = mapped_column(String(200), default="")
    post: Mapped[str] = mapped_column(String(200), default="")
    identity_sealed: Mapped[str | None] = mapped_column(Text)  # encrypted with the data key
    identity_masked: Mapped[str] = mapped_column(String(32), default="")
    ticket_issue: Mapped[int] = mapped_column(default=1)  # a reissue voids the codes of earlier issues
    extra_seconds: Mapped[int] = mapped_column(default=0)  # accommodation known beforehand
    created_at: Mapped[datetime]


class ApprovedLeave(Model):
    """请假缓考: approved beforehand or afterwards, with basis and approver; never counted as absence. Appended;
    a withdrawal is a later row with ``granted`` false."""

    __tablename__ = "approved_leaves"

    id: Mapped[int] = mapped_column(BigId, primary_key=True)
    candidate_id: Mapped[int] = mapped_column(ForeignKey("candidates.id"), index=True)
    granted: Mapped[bool] = mapped_column(default=True)
    basis: Mapped[str] = mapped_column(String(500))
    approved_by: Mapped[str] = mapped_column(String(100))
    approved_on: Mapped[date]
    recorded_by: Mapped[int] = mapped_column(ForeignKey("accounts.id"))
    recorded_at: Mapped[datetime]
