"""An exam with candidates and a panel of seven, built through the services, for tests of interviews."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from core.clock import Clock
from exam.schedule.models import Candidate, Exam, ExamSession
from grading.interview import room, service, sheets, signing
from grading.interview.chain import CHAIN
from grading.interview.drafts import ElementDraft, PanelDraft
from grading.interview.models import InterviewTurn, Panel, PanelMember
from grading.interview.queries import latest_results, members_of, turns_of
from grading.interview.rules import PanelRule
from grading.interview.service import Assignment
from tests.conftest import Cast

EXAMINERS = ("examiner", *(f"examiner_{number}" for number in range(2, 8)))
STAFF = ("interview_staff", "interview_staff_2", "interview_staff_3")
ELEMENTS = (
    ElementDraft("综合分析", "40", "10"),
    ElementDraft("语言表达", "35", "10", "0.25"),
    ElementDraft("举止", "25", "20", "0.01"),
)


def draft(**changes: Any) -> PanelDraft:
    """A panel of seven with three elements, trimming totals."""
    values: dict[str, Any] = {
        "name": "第一考官组",
        "elements": ELEMENTS,
        "rule": PanelRule(),
        "minutes": 15,
        "reminders": (180, 60, 0),
        "seats": 7,
    }
    return PanelDraft(**(values | changes))


def make_exam(session: Session, clock: Clock, candidates: int = 3, code: str = "A1") -> Exam:
    """An exam with candidates whose blind numbers are ``<code>-001`` and so on."""
    now = clock.now()
    exam = Exam(
        code=code,
        title="素质能力测试（面试）",
        neutral_title="素质能力测试",
        kind="ability_test",
        state="published",
        notice="告知",
        commitment="承诺",
        created_at=now,
    )
    session.add(exam)
    session.flush()
    own = ExamSession(
        exam_id=exam.id,
        name="第一场",
        mode="fixed",
        admission_opens_at=now,
        starts_at=now + timedelta(hours=1),
        ends_at=now + timedelta(hours=2),
        duration_seconds=3600,
    )
    session.add(own)
    session.flush()
    for number in range(1, candidates + 1):
        session.add(
            Candidate(
                exam_id=exam.id,
                session_id=own.id,
                admission_number=f"{code}{number:04d}",
                blind_number=f"{code}-{number:03d}",
                name=f"考生姓名{number}",
                unit="市某局",
                post="科长",
                created_at=now,
            )
        )
    session.flush()
    return exam


def blind_numbers(count: int, code: str = "A1") -> list[str]:
    """The blind numbers of ``make_exam``."""
    return [f"{code}-{number:03d}" for number in range(1, count + 1)]


def assignments(cast: Cast, seats: int = 7, chief: int = 1) -> list[Assignment]:
    """Everybody at their place; seat 1 is the chief's."""
    found = [
        Assignment("chief" if seat == chief else "examiner", seat, cast.accounts[EXAMINERS[seat - 1]].id)
        for seat in range(1, seats + 1)
    ]
    for position, name in zip(("timekeeper", "score_clerk", "checker"), STAFF, strict=True):
        found.append(Assignment(position, 0, cast.accounts[name].id))
    found.append(Assignment("supervisor", 0, cast.accounts["supervisor"].id))
    return found


@dataclass
class Stage:
    """A panel that is played by tests: ``who(position or seat)`` acts through the services."""

    session: Session
    clock: Clock
    cast: Cast
    panel_id: int

    @property
    def panel(self) -> Panel:
        """The panel as it stands."""
        return self.session.get(Panel, self.panel_id, populate_existing=True)  # type: ignore[return-value]

    def turn(self, number: int) -> InterviewTurn:
        """The turn under a draw number, as it stands."""
        return next(turn for turn in turns_of(self.session, self.panel_id) if turn.draw_number == number)

    def member(self, place: int | str) -> PanelMember:
        """An examiner by seat, another by position."""
        return next(
            one
            for one in members_of(self.session, self.panel_id)
            if (one.seat == place if isinstance(place, int) else one.position == place)
        )

    def actor(self, place: int | str) -> Any:
        """The actor at that place."""
        account_id = self.member(place).account_id
        name = next(name for name, account in self.cast.accounts.items() if account.id == account_id)
        return self.cast.actor(name)

    def call(self, number: int) -> None:
        """The timekeeper calls a number."""
        room.call_next(self.session, self.actor("timekeeper"), self.clock, self.panel_id, self.turn(number).id)

    def save(self, seat: int, number: int, marks: dict[str, str], remark: str = "") -> sheets.Saved:
        """An examiner saves."""
        return sheets.save_sheet(
            self.session,
            self.actor(seat),
            self.clock,
            self.panel_id,
            self.turn(number).id,
            self.member(seat),
            marks,
            remark,
        )

    def correct(self, seat: int, number: int, marks: dict[str, str], reason: str) -> sheets.Saved:
        """An examiner corrects."""
        return sheets.correct_sheet(
            self.session,
            self.actor(seat),
            self.clock,
            self.panel_id,
            self.turn(number).id,
            self.member(seat),
            marks,
            "",
            reason,
        )

    def sign(self, position: str, number: int, version: int | None = None) -> None:
        """A position signs the latest result, or the version named."""
        turn = self.turn(number)
        result = latest_results(self.session, [turn.id]).get(turn.id)
        shown = version if version is not None else result.version if result else 1
        signing.sign(
            self.session, self.actor(position), self.clock, self.panel_id, turn.id, self.member(position), shown
        )

    def sign_all(self, number: int) -> None:
        """The whole chain signs."""
        for position in CHAIN:
            self.sign(position, number)

    def result(self, number: int) -> Any:
        """The latest result of a turn."""
        turn = self.turn(number)
        return latest_results(self.session, [turn.id])[turn.id]


def same_marks(value: str, last: str | None = None) -> dict[str, str]:
    """Marks for the three elements: ``value`` of ten for each (the third has twenty)."""
    return {"综合分析": value, "语言表达": value, "举止": last or str(2 * int(value))}


def add_staff(session: Session, clock: Clock, cast: Cast) -> None:
    """Two more people of the interview room's staff, beside the cast's one."""
    from core.accounts import service as accounts
    from core.accounts.actors import SYSTEM
    from core.accounts.permissions import Role
    from tests.conftest import PASSWORD, _hash

    original, accounts.hash_password = accounts.hash_password, lambda _password: _hash(PASSWORD)  # type: ignore[assignment]
    try:
        for name in STAFF[1:]:
            account, _password = accounts.create_account(
                session,
                SYSTEM,
                clock,
                username=name,
                name=f"{name} 姓名",
                unit="市委组织部",
                roles=[Role.INTERVIEW_STAFF],
            )
            account.must_change_password = False
            cast.accounts[name] = account
    finally:
        accounts.hash_password = original


def make_panel(
    session: Session,
    clock: Clock,
    cast: Cast,
    *,
    candidates: int = 3,
    seats: int = 7,
    start: bool = True,
    **changes: Any,
) -> Stage:
    """A panel over an exam of its own, drawn by hand so that candidate 1 has number 1; running unless told otherwise."""
    add_staff(session, clock, cast)
    organizer = cast.actor("organizer")
    exam = make_exam(session, clock, candidates)
    panel = service.create_panel(session, organizer, clock, exam.id, draft(seats=seats, **changes))
    service.assign_members(session, organizer, clock, panel.id, assignments(cast, seats))
    numbers = {blind: place for place, blind in enumerate(blind_numbers(candidates), 1)}
    service.draw_by_hand(session, organizer, clock, panel.id, numbers)
    if start:
        service.start_panel(session, organizer, clock, panel.id)
    return Stage(session, clock, cast, panel.id)
