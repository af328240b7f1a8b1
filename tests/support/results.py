"""An exam that has been sat: a drawn paper, five candidates with hand-computed scores, closed sittings with receipts.

Paper (10.00): 1, 2 single choice of 2.00; 3 multiple choice of 3.00 (half for incomplete); 4 true or false of 1.00;
5 fill in the blank of 2.00 (proportional, two blanks in any order). Candidates:

    1  everything right                                            10.00
    2  one single wrong, two of three options, one of two blanks    2.00 + 0 + 1.50 + 1.00 + 1.00 = 5.50
    3  handed in an empty paper                                     0.00
    4  never came                                                   absent
    5  on approved leave
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

from flask import Flask
from sqlalchemy.orm import Session

from core.accounts.actors import SYSTEM
from core.clock import Clock
from core.clock import clock as the_clock
from core.database import transaction
from exam.answers.models import AnswerStep
from exam.schedule.models import ApprovedLeave, Candidate, Exam, ExamSession
from exam.sittings.models import Receipt, Sitting
from grading.interview import service as panels
from grading.scoring.jobs import score_waiting
from question_bank.keys import SlotKey, keys_of_paper
from question_bank.papers.blueprints import create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.models import Paper
from question_bank.papers.service import draw_paper
from tests.conftest import Cast
from tests.support import interview
from tests.support.bank import fill, multiple, published, single, true_false

SECTIONS = (
    SectionDraft("单项选择题", "single_choice", (DemandDraft(2),), 200, "all_or_nothing"),
    SectionDraft("多项选择题", "multiple_choice", (DemandDraft(1),), 300, "half_for_incomplete"),
    SectionDraft("判断题", "true_false", (DemandDraft(1),), 100, "all_or_nothing"),
    SectionDraft("填空题", "fill_blank", (DemandDraft(1),), 200, "proportional"),
)
NAMES = ("甲一", "乙二", "丙三", "丁四", "戊五")


@dataclass
class World:
    """The exam and its people."""

    session: Session
    clock: Clock
    cast: Cast
    exam: Exam
    own: ExamSession
    paper: Paper
    keys: dict[str, SlotKey]
    candidates: list[Candidate]

    @property
    def exam_id(self) -> int:
        """The exam's id."""
        return self.exam.id

    def sitting(self, number: int) -> Sitting:
        """The sitting of candidate 1, 2 …"""
        return self.session.query(Sitting).filter_by(candidate_id=self.candidates[number - 1].id).one()

    def close(self, number: int, answers: dict[str, list[str]]) -> Sitting:
        """A closed sitting with these answers under a receipt."""
        candidate, now = self.candidates[number - 1], self.clock.now()
        sitting = Sitting(
            candidate_id=candidate.id,
            exam_id=self.exam.id,
            session_id=self.own.id,
            paper_id=self.paper.id,
            state="closed",
            binding=1,
            started_at=self.own.starts_at,
            deadline=self.own.ends_at,
            nonce=f"nonce-{number}",
            closed_at=now,
            closed_by="candidate",
        )
        self.session.add(sitting)
        self.session.flush()
        for seq, (slot, response) in enumerate(answers.items(), 1):
            text = json.dumps(response, ensure_ascii=False)
            self.session.add(
                AnswerStep(sitting_id=sitting.id, binding=1, seq=seq, slot=int(slot), response=text, received_at=now)
            )
        self.session.add(
            Receipt(
                sitting_id=sitting.id,
                code=f"CODE{sitting.id:04d}",
                digest=f"{number}" * 64,
                answered=len(answers),
                issued_at=now,
            )
        )
        self.session.flush()
        return sitting

    def right(self, slot: str) -> list[str]:
        """The right response to a slot, in displayed letters."""
        key = self.keys[slot]
        return [accepted[0] for accepted in key.key] if key.type == "fill_blank" else list(key.key)

    def wrong(self, slot: str) -> list[str]:
        """A wrong choice."""
        return [next(label for label in self.keys[slot].labels if label not in self.keys[slot].key)]


def make_world(session: Session, cast: Cast, clock: Clock, *, code: str = "E1", sat: bool = True) -> World:
    """The exam of this module's account; ``sat`` also closes the sittings of candidates 1 to 3 and grants the leave."""
    organizer = cast.actor("organizer")
    for number in range(2):
        published(session, cast, clock, single(f"{code} 第 {number} 道单选（　　）。"))
    published(session, cast, clock, multiple(f"{code} 公务员的考核方式包括（　　）。"))
    published(session, cast, clock, true_false(f"{code} 公务员可以兼任企业职务并领取报酬。"))
    published(session, cast, clock, fill(f"{code} 考核分为平时考核、____和____。"))
    paper = draw_paper(
        session, organizer, clock, create_blueprint(session, organizer, clock, f"{code} 测试", SECTIONS), "甲卷"
    )
    now = clock.now()
    exam = Exam(
        code=code,
        title="素质能力测试",
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
        admission_opens_at=now - timedelta(hours=4),
        starts_at=now - timedelta(hours=3),
        ends_at=now - timedelta(hours=1),
        duration_seconds=7200,
        paper_id=paper.id,
    )
    session.add(own)
    session.flush()
    candidates = [
        Candidate(
            exam_id=exam.id,
            session_id=own.id,
            admission_number=f"{code}{number:04d}",
            blind_number=f"{code}-{number:03d}",
            name=name,
            unit="市某局" if number % 2 else "某区委办",
            post="科长",
            seat=f"{number:02d}",
            created_at=now,
        )
        for number, name in enumerate(NAMES, 1)
    ]
    session.add_all(candidates)
    session.flush()
    world = World(session, clock, cast, exam, own, paper, keys_of_paper(session, paper.id), candidates)
    if sat:
        _sit(world)
    return world


def _sit(world: World) -> None:
    world.close(1, {slot: world.right(slot) for slot in world.keys})
    world.close(
        2,
        {
            "1": world.right("1"),
            "2": world.wrong("2"),
            "3": world.right("3")[:2],
            "4": world.right("4"),
            "5": [world.right("5")[0], ""],
        },
    )
    world.close(3, {})
    world.session.add(
        ApprovedLeave(
            candidate_id=world.candidates[4].id,
            basis="因公出差，组通〔2026〕3 号",
            approved_by="市委组织部",
            approved_on=world.clock.now().date(),
            recorded_by=world.cast.accounts["organizer"].id,
            recorded_at=world.clock.now(),
        )
    )
    world.session.flush()


def interviewed(world: World, *, close: bool = True) -> interview.Stage:
    """A panel of seven over the world's first four candidates; results 80.00, 50.00, 95.00, and number 4 absent.

    Number 1: totals 70 80 80 90 90 80 60 -> without 90 and 60: (70+80+80+90+80)/5 = 80.00.
    """
    session, clock, cast = world.session, world.clock, world.cast
    interview.add_staff(session, clock, cast)
    organizer = cast.actor("organizer")
    panel = panels.create_panel(session, organizer, clock, world.exam.id, interview.draft())
    panels.assign_members(session, organizer, clock, panel.id, interview.assignments(cast))
    numbers = {one.blind_number: place for place, one in enumerate(world.candidates[:4], 1)}
    panels.draw_by_hand(session, organizer, clock, panel.id, numbers)
    panels.start_panel(session, organizer, clock, panel.id)
    stage = interview.Stage(session, clock, cast, panel.id)
    for number, marks in ((1, "7889986"), (2, "5555555"), (3, "")):
        stage.call(number)
        for seat in range(1, 8):
            given = (
                interview.same_marks(marks[seat - 1]) if marks else {"综合分析": "9.5", "语言表达": "9.5", "举止": "19"}
            )
            stage.save(seat, number, given)
        stage.sign_all(number)
    return stage


@contextmanager
def database(app: Flask) -> Iterator[Session]:
    """A writing session of its own: tests of pages must not hold an application context while they browse."""
    with app.app_context(), transaction("write") as session:
        yield session


def scored_world(app: Flask, cast: Cast, clock: Clock) -> World:
    """The world, committed and scored."""
    with database(app) as session:
        world = make_world(session, cast, clock)
    score(app)
    return world


def score(app: Flask) -> None:
    """Score what waits, as the worker would."""
    with app.app_context():
        score_waiting(SYSTEM, the_clock)
