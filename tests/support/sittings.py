"""A published exam with a small paper and some candidates, as it stands when people begin to sit."""

import hashlib
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import rfc8785
from flask import Flask
from sqlalchemy import func, inspect, select
from sqlalchemy.orm import Session

from core.database import transaction
from exam.admission.rules import ticket_code
from exam.schedule.models import Candidate, Exam, ExamSession, Room
from exam.sittings.models import Sitting
from question_bank.item_types.registry import item_type
from question_bank.items.models import Item, ItemVersion
from question_bank.papers.models import Paper, PaperSection, PaperSlot
from tests.conftest import Browser

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
NOTICE = "我们只为本次测试使用您的姓名、单位和准考证号。"
COMMITMENT = "我承诺：独立作答，遵守考场纪律。"
COMMITMENT_DIGEST = hashlib.sha256(COMMITMENT.encode()).hexdigest()
NAMES = ("王小明", "李爱华", "买买提·艾力", "欧阳𠮷")
CONTENTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("single_choice", {"stem": "下列哪一项是正确的？", "options": [{"label": x, "text": f"选项{x}"} for x in "ABCD"]}),
    ("multiple_choice", {"stem": "下列哪些是正确的？", "options": [{"label": x, "text": f"选项{x}"} for x in "ABCD"]}),
    ("true_false", {"stem": "公务员应当<清正廉洁>。"}),
    ("fill_blank", {"stem": "坚持____，坚持____。", "blanks": 2}),
)


@dataclass(frozen=True)
class Seat:
    """One candidate's place in the exam: ids, number and ticket code."""

    candidate: int
    sitting: int
    number: str
    code: str
    name: str


@dataclass
class World:
    """The exam as it stands in the database; committed."""

    app: Flask
    exam: int
    session: int
    paper: int
    paper_digest: str
    seats: list[Seat] = field(default_factory=list)

    def sit(self, index: int = 0) -> "Client":
        """A fresh browser, signed in as the candidate at this seat."""
        client = Client(self.app, self, self.seats[index])
        answer = client.sign_in()
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return client

    def open(self, index: int = 0) -> "Client":
        """A browser with the sitting of this seat open."""
        client = self.sit(index)
        answer = client.start()
        assert answer.status_code == 200, answer.get_data(as_text=True)
        return client

    def row(self, index: int = 0) -> Sitting:
        """The sitting of this seat as the database holds it."""
        with self.app.app_context(), transaction("read") as session:
            return session.get_one(Sitting, self.seats[index].sitting)

    def change(self, index: int = 0, **values: Any) -> None:
        """Change a sitting's row directly."""
        with self.app.app_context(), transaction("write") as session:
            sitting = session.get_one(Sitting, self.seats[index].sitting)
            for name, value in values.items():
                setattr(sitting, name, value)

    def all(self, table: Any) -> list[Any]:
        """Every row of a table, in the order of its primary key."""
        with self.app.app_context(), transaction("read") as session:
            return list(session.scalars(select(table).order_by(*inspect(table).primary_key)))

    def count(self, table: Any) -> int:
        """How many rows a table has."""
        with self.app.app_context(), transaction("read") as session:
            return session.scalar(select(func.count()).select_from(table)) or 0


class Client(Browser):
    """A candidate's device that speaks the JSON endpoints as any program would."""

    def __init__(self, app: Flask, world: World, seat: Seat) -> None:
        super().__init__(app)
        self.world = world
        self.seat = seat
        self.base = f"/api/v1/sittings/{seat.sitting}"

    def sign_in(self, **changes: str) -> Any:  # type: ignore[override]
        """GET csrf, POST sign-in."""
        body = {"admission_number": self.seat.number, "ticket_code": self.seat.code, **changes}
        return self.send("POST", "/api/v1/sign-in", body)

    def start(self, commitment: str | None = COMMITMENT_DIGEST) -> Any:
        """Begin, or go on."""
        return self.send("POST", f"{self.base}/start", {"commitment": commitment})

    def state(self, **headers: str) -> Any:
        """GET the sitting."""
        return self.get(self.base, headers=headers)

    def save(self, *steps: tuple[int, str, Any], binding: int = 1) -> Any:
        """Save (seq, slot, response) steps."""
        body = [{"seq": seq, "slot": slot, "response": response, "at": "x"} for seq, slot, response in steps]
        # Written out here, with escapes: a device may send what no UTF-8 text can hold.
        text = json.dumps({"binding": binding, "steps": body})
        headers = {"X-CSRFToken": self.token(), "Content-Type": "application/json"}
        return self.client.put(f"{self.base}/answers", data=text, headers=headers)

    def digest(self, answers: dict[str, Any]) -> str:
        """The digest as an independent client computes it, from what GET tells."""
        state = self.state().get_json()
        whole = {"v": 1, "sitting": self.seat.sitting, "paper": state["paper"], "nonce": state["nonce"]}
        ordered = [[slot, answers[slot]] for slot in sorted(answers, key=int) if answers[slot]]
        return hashlib.sha256(rfc8785.dumps({**whole, "answers": ordered})).hexdigest()

    def submit(self, digest: str, **more: Any) -> Any:
        """Hand in."""
        return self.send("POST", f"{self.base}/submission", {"digest": digest, **more})


def make_world(
    app: Flask,
    *,
    mode: str = "fixed",
    invigilated: bool = True,
    starts_at: datetime = NOON - timedelta(minutes=1),
    minutes: int = 60,
    duration_seconds: int = 1800,
    candidates: int = 2,
    **changes: Any,
) -> World:
    """Insert a published exam whose session began a minute before noon; ``changes`` go to the session's row."""
    with app.app_context(), transaction("write") as session:
        paper = _paper(session)
        exam = Exam(
            code="E1",
            title="拟提拔人选测试",
            neutral_title="素质能力测试",
            kind="ability_test",
            state="published",
            notice=NOTICE,
            commitment=COMMITMENT,
            created_at=NOON,
        )
        session.add(exam)
        session.flush()
        own = ExamSession(
            **{
                "exam_id": exam.id,
                "name": "上午场",
                "mode": mode,
                "admission_opens_at": starts_at - timedelta(minutes=30),
                "starts_at": starts_at,
                "ends_at": starts_at + timedelta(minutes=minutes),
                "duration_seconds": duration_seconds,
                "invigilated": invigilated,
                "paper_id": paper.id,
                **changes,
            }
        )
        session.add(own)
        session.flush()
        room = Room(session_id=own.id, name="第一考场")
        session.add(room)
        session.flush()
        world = World(app, exam.id, own.id, paper.id, paper.digest)
        secret = app.extensions["settings"].ticket_secret
        for index in range(candidates):
            world.seats.append(_seat(session, world, own, room, index, secret))
    return world


def _seat(session: Any, world: World, own: ExamSession, room: Room, index: int, secret: str) -> Seat:
    candidate = Candidate(
        exam_id=world.exam,
        session_id=own.id,
        room_id=room.id,
        seat=f"{index + 1:02d}",
        admission_number=f"2026{index + 1:04d}",
        blind_number=f"B{index + 1:05d}",
        name=NAMES[index % len(NAMES)],
        unit="市财政局",
        post="科长",
        created_at=NOON,
    )
    session.add(candidate)
    session.flush()
    sitting = Sitting(
        candidate_id=candidate.id,
        exam_id=world.exam,
        session_id=own.id,
        paper_id=world.paper,
        grace_seconds=own.grace_seconds,
        nonce=f"{index:032x}",
    )
    session.add(sitting)
    session.flush()
    code = ticket_code(secret, world.exam, candidate.id, 1)
    return Seat(candidate.id, sitting.id, candidate.admission_number, code, candidate.name)


def _paper(session: Any) -> Paper:
    digest = hashlib.sha256(repr(CONTENTS).encode()).hexdigest()
    paper = Paper(
        code="P1",
        title="测试卷",
        seed="s",
        pool=[],
        digest=digest,
        total_hundredths=400,
        drawn_at=NOON,
    )
    session.add(paper)
    session.flush()
    for position, title in enumerate(("选择题", "填空题"), 1):
        session.add(PaperSection(paper_id=paper.id, position=position, title=title))
    for number, (kind, content) in enumerate(CONTENTS, 1):
        add_slot(session, paper, number, kind, content)
    return paper


def add_slot(session: Session, paper: Paper, number: int, kind: str, content: dict[str, Any]) -> None:
    """One more place of a paper, with an item of its own; labels stand as they were written."""
    item = Item(number=f"Q{number:06d}", type=kind, state="published", created_at=NOON)
    session.add(item)
    session.flush()
    version = ItemVersion(
        item_id=item.id,
        version=1,
        type=kind,
        content=content,
        content_digest=f"{number:064d}",
        points_hundredths=100,
        tags=[],
        created_at=NOON,
    )
    session.add(version)
    session.flush()
    session.add(
        PaperSlot(
            paper_id=paper.id,
            slot=number,
            section_position=1 if number < 4 else 2,
            version_id=version.id,
            points_hundredths=100,
            policy="all_or_nothing",
            option_order=list(item_type(kind).movable(content)),
        )
    )
