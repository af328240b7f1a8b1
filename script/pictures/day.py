"""A whole day of the demonstration in a minute: people sit, the time is up, the panel works. No picture is made here."""

import random
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask.testing import FlaskClient
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.accounts.models import Account
from core.accounts.passwords import hash_password
from core.accounts.permissions import Role
from core.clock import clock
from exam.admission.rules import ticket_code
from exam.candidates.service import grant_leave
from exam.handover import interviewees
from exam.identities import identities_of_exam
from exam.schedule.models import Candidate, Exam, ExamSession, Room
from exam.sittings.models import Sitting
from exam.sittings.rules import answers_digest, canonical_json, text_digest
from grading.interview import queries as interviews
from grading.interview.models import InterviewTurn, Panel, PanelMember
from grading.interview.room import call_next, mark_absent, start_answering
from grading.interview.service import close_panel, draw_by_seed, start_panel
from grading.interview.sheets import save_sheet
from grading.interview.signing import sign
from grading.outcomes.service import compute_proposals
from grading.scoring.models import PaperScore
from question_bank.delivery import deliver
from question_bank.items.models import Item
from question_bank.keys import SlotKey, keys_of_paper
from question_bank.papers.models import Blueprint, Paper
from script.pictures.instance import Failed, Instance

PASSWORD = "Screenshots-2026"  # noqa: S105 (of an instance that lives for a minute)
CHAIN = ("timekeeper", "score_clerk", "checker", "chief", "supervisor")
DICE = random.Random(20261123)  # noqa: S311 (answers of a demonstration)


@dataclass(frozen=True)
class Sitter:
    """One candidate of the demonstration with the way in."""

    candidate_id: int
    sitting_id: int
    number: str
    name: str
    code: str


@dataclass(frozen=True)
class Demonstration:
    """The ids of what was loaded and is shown."""

    exam_id: int
    session_id: int
    room_id: int
    paper_id: int
    blueprint_id: int
    item_id: int
    panel_id: int
    sitters: list[Sitter]


def prepare(instance: Instance) -> Demonstration:
    """Give every account the one password, and look up what the pictures show."""
    secret = instance.app.extensions["settings"].ticket_secret

    def look_up(session: Session) -> Demonstration:
        session.execute(update(Account).values(password_hash=hash_password(PASSWORD), must_change_password=False))
        exam = session.scalars(select(Exam).where(Exam.code == "DEMO-ABILITY")).one()
        row = session.scalars(select(ExamSession).where(ExamSession.exam_id == exam.id)).one()
        paper = session.get_one(Paper, row.paper_id)
        item = select(Item.id).where(Item.type == "multiple_choice").order_by(Item.id).limit(1)
        return Demonstration(
            exam.id,
            row.id,
            session.scalars(select(Room.id).where(Room.session_id == row.id)).one(),
            paper.id,
            session.get_one(Blueprint, paper.blueprint_id).id,
            session.scalars(item).one(),
            session.scalars(select(Panel.id).where(Panel.exam_id == exam.id)).one(),
            _sitters(session, secret, exam.id),
        )

    return instance.write(look_up)


def _sitters(session: Session, secret: str, exam_id: int) -> list[Sitter]:
    pairs = session.execute(
        select(Candidate, Sitting.id)
        .join(Sitting, Sitting.candidate_id == Candidate.id)
        .where(Candidate.exam_id == exam_id)
        .order_by(Candidate.admission_number)
    )
    return [
        Sitter(one.id, sitting, one.admission_number, one.name, ticket_code(secret, exam_id, one.id, one.ticket_issue))
        for one, sitting in pairs
    ]


def actor_of(session: Session, username: str) -> Actor:
    """The account as an actor."""
    account = session.scalars(select(Account).where(Account.username == username)).one()
    return Actor("account", account.id, frozenset(Role(held.role) for held in account.roles))


def move_session(instance: Instance, demo: Demonstration, starts_at: datetime) -> None:
    """Let the session of two hours begin at this instant."""
    times = {
        "admission_opens_at": starts_at - timedelta(minutes=30),
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=2),
    }
    instance.write(
        lambda session: session.execute(update(ExamSession).where(ExamSession.id == demo.session_id).values(**times))
    )


class Hall:
    """Candidates who work through the interface that the page uses."""

    def __init__(self, instance: Instance, demo: Demonstration) -> None:
        self.instance = instance

        def look_up(session: Session) -> None:
            self.keys = keys_of_paper(session, demo.paper_id)
            self.slots = [one for part in deliver(session, demo.paper_id).sections for one in part.slots]
            self.commitment = text_digest(session.get_one(Exam, demo.exam_id).commitment)
            self.paper = session.get_one(Paper, demo.paper_id).digest

        instance.read(look_up)

    def sit(self, sitter: Sitter, skill: float, answered: int, *, hand_in: bool) -> None:
        """Sign in, start, answer so many items with this share of right answers, and perhaps hand in."""
        nonce = self.instance.read(lambda session: session.get_one(Sitting, sitter.sitting_id).nonce)
        self.instance.apart(lambda: self._sit(sitter, nonce, skill, answered, hand_in=hand_in))

    def _sit(self, sitter: Sitter, nonce: str, skill: float, answered: int, *, hand_in: bool) -> None:
        client = self.instance.app.test_client()
        self._send(client, "POST", "sign-in", {"admission_number": sitter.number, "ticket_code": sitter.code})
        path = f"sittings/{sitter.sitting_id}"
        begun = self._send(client, "POST", f"{path}/start", {"commitment": self.commitment})
        final = [(int(one.slot), self._response(self.keys[one.slot], skill)) for one in self.slots[:answered]]
        steps = [
            {"seq": number, "slot": str(slot), "response": response, "at": ""}
            for number, (slot, response) in enumerate(final, 1)
        ]
        for start in range(0, len(steps), 20):
            body = {"binding": begun["binding"], "steps": steps[start : start + 20]}
            self._send(client, "PUT", f"{path}/answers", body)
        if hand_in:
            stored = [(slot, canonical_json(response)) for slot, response in final]
            digest = answers_digest(sitter.sitting_id, self.paper, nonce, stored)
            self._send(client, "POST", f"{path}/submission", {"digest": digest})

    def _response(self, key: SlotKey, skill: float) -> list[str]:
        right = DICE.random() < skill
        if key.type == "fill_blank":
            return [str(accepted[0]) if right else "不详" for accepted in key.key]
        if right:
            return list(key.key)
        if key.type == "true_false":
            return ["false" if key.key == ["true"] else "true"]
        return [DICE.choice([label for label in key.labels if [label] != key.key])]

    def _send(self, client: FlaskClient, method: str, path: str, body: dict[str, Any]) -> dict[str, Any]:
        token = client.get("/api/v1/csrf").get_json()["token"]
        answer = client.open(f"/api/v1/{path}", method=method, json=body, headers={"X-CSRFToken": token})
        if answer.status_code != 200:
            raise Failed(f"{path} answers {answer.status_code}: {answer.get_data(as_text=True)[:200]}")
        told: dict[str, Any] = answer.get_json()
        return told


def excuse(instance: Instance, demo: Demonstration, sitter: Sitter) -> None:
    """Note an approved leave."""

    def grant(session: Session) -> None:
        exam, candidate = session.get_one(Exam, demo.exam_id), session.get_one(Candidate, sitter.candidate_id)
        today = clock.now().date()
        organizer = actor_of(session, "organizer")
        basis, approver = "因公出差，附单位通知", "演示单位主要负责人"
        grant_leave(session, organizer, clock, exam, candidate, basis=basis, approved_by=approver, approved_on=today)

    instance.write(grant)


def end_the_session(instance: Instance, demo: Demonstration) -> None:
    """Let the time be up; the ticker closes what is open, the job worker scores it. Returns when all is scored."""
    move_session(instance, demo, clock.now() - timedelta(hours=3))
    past = clock.now() - timedelta(minutes=1)
    instance.write(
        lambda session: session.execute(update(Sitting).where(Sitting.state == "open").values(deadline=past))
    )
    instance.eventually(_all_scored, "every sitting that was begun is scored")


def _all_scored(session: Session) -> bool:
    begun = select(func.count()).select_from(Sitting).where(Sitting.started_at.is_not(None))
    scored = session.scalar(select(func.count(func.distinct(PaperScore.sitting_id)))) or 0
    return scored > 0 and scored == session.scalar(begun)


def start_interviews(instance: Instance, demo: Demonstration) -> list[int]:
    """Draw anew without who is excused, and begin the panel's work; the turns in the order drawn."""

    def begin(session: Session) -> None:
        organizer = actor_of(session, "organizer")
        expected = [one.blind_number for one in interviewees(session, demo.exam_id)]
        draw_by_seed(session, organizer, clock, demo.panel_id, expected, "一名考生已批准请假缓考")
        start_panel(session, organizer, clock, demo.panel_id)

    instance.write(begin)
    return instance.read(lambda session: [turn.id for turn in interviews.turns_of(session, demo.panel_id)])


def call_in(instance: Instance, demo: Demonstration, turn_id: int) -> None:
    """Call a candidate and let the time run."""

    def call(session: Session) -> None:
        caller = actor_of(session, "timekeeper")
        call_next(session, caller, clock, demo.panel_id, turn_id)
        start_answering(session, caller, clock, demo.panel_id, turn_id)

    instance.write(call)


def miss(instance: Instance, demo: Demonstration, turn_id: int) -> None:
    """Note that a candidate did not come to the interview."""
    instance.write(
        lambda session: mark_absent(
            session, actor_of(session, "timekeeper"), clock, demo.panel_id, turn_id, "点名三次未到"
        )
    )


def score(instance: Instance, demo: Demonstration, turn_id: int) -> None:
    """Save the sheets of all examiners."""
    talent = DICE.randint(11, 18)

    def save_all(session: Session) -> None:
        for member in interviews.examiners_of(session, demo.panel_id):
            marks = {
                row.name: f"{min(20, max(6, talent + DICE.randint(-2, 2))) / 2:g}"
                for row in interviews.element_rows(session, demo.panel_id)
            }
            actor = Actor("account", member.account_id, frozenset({Role.EXAMINER}))
            save_sheet(session, actor, clock, demo.panel_id, turn_id, member, marks)

    instance.write(save_all)


def sign_all(instance: Instance, demo: Demonstration, turn_id: int, positions: tuple[str, ...] = CHAIN) -> None:
    """Let these positions sign, in their order."""

    def signing(session: Session) -> None:
        turn = session.get_one(InterviewTurn, turn_id)
        version = interviews.latest_results(session, [turn.id])[turn.id].version
        members = {one.position: one for one in session.scalars(select(PanelMember).filter_by(panel_id=demo.panel_id))}
        for position in positions:
            member = members[position]
            sign(session, Actor("account", member.account_id), clock, demo.panel_id, turn_id, member, version)

    instance.write(signing)


def end_interviews(instance: Instance, demo: Demonstration) -> None:
    """Close the panel."""
    instance.write(lambda session: close_panel(session, actor_of(session, "organizer"), clock, demo.panel_id))


def propose(instance: Instance, demo: Demonstration) -> None:
    """Compute the proposals for everybody."""

    def compute(session: Session) -> None:
        organizer = actor_of(session, "organizer")
        everybody = identities_of_exam(session, organizer, clock, demo.exam_id, "screenshots")
        compute_proposals(session, organizer, clock, demo.exam_id, everybody)

    instance.write(compute)
