"""Throwaway installations: a database with one published exam of 100 items, and how to reach its candidates."""

import fcntl
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from flask import Flask
from sqlalchemy import text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from core.accounts import sign_in
from core.accounts.actors import SYSTEM
from core.clock import Clock
from core.database import Model, db, transaction
from core.settings import Settings
from exam.admission.rules import ticket_code
from exam.candidates.roster import Entry
from exam.candidates.service import register
from exam.schedule.models import Candidate, Exam
from exam.schedule.rules import Mode, Times
from exam.schedule.service import ExamData, SessionData, add_session, create_exam, publish
from exam.sittings.models import Sitting
from exam.sittings.papers import PaperAtHand, prepare
from question_bank.delivery import paper_source
from question_bank.demonstration.loading import load_demonstration
from question_bank.papers.blueprints import create_blueprint
from question_bank.papers.drafts import DemandDraft, SectionDraft
from question_bank.papers.service import draw_paper
from tests.support.postgres import Postgres
from wsgi import create_app

COMMITMENT = "我承诺：独立作答，遵守考场纪律。"
SECRETS = {
    "HENGJIAN_SECRET_KEY": "load-secret-key-load-secret-key-load",
    "HENGJIAN_TICKET_SECRET": "load-ticket-secret-load-ticket-secret",
    "HENGJIAN_DATA_KEY": "MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
}
SECTIONS = (
    SectionDraft("单项选择题", "single_choice", (DemandDraft(40),), 100, "all_or_nothing"),
    SectionDraft("多项选择题", "multiple_choice", (DemandDraft(25),), 100, "all_or_nothing"),
    SectionDraft("判断题", "true_false", (DemandDraft(25),), 100, "all_or_nothing"),
    SectionDraft("填空题", "fill_blank", (DemandDraft(10),), 100, "proportional"),
)
SEATS_IN_A_ROOM = 30
STEPS_OF_OTHERS = 500  # of each whose steps fill the table beforehand


@dataclass(frozen=True)
class Seat:
    """One candidate's ids and way in."""

    candidate: int
    sitting: int
    number: str
    code: str


@dataclass(frozen=True)
class Installation:
    """A database with its exam, and the application that was used to fill it (and that reads it afterwards)."""

    environment: dict[str, str]
    app: Flask
    seats: list[Seat]
    paper: PaperAtHand

    @property
    def sqlite(self) -> bool:
        """Whether its database is SQLite."""
        return bool(self.app.extensions["settings"].database_url.startswith("sqlite"))

    @property
    def database_pid(self) -> int | None:
        """PostgreSQL's first process; None with SQLite."""
        if self.sqlite:
            return None
        socket_folder = make_url(self.environment["DATABASE_URL"]).query["host"]
        return int(Path(str(socket_folder), "data", "postmaster.pid").read_text().split()[0])

    def close(self) -> None:
        """Let go of the database."""
        with self.app.app_context():
            for engine in db.engines.values():
                engine.dispose()


def install(folder: Path, database_url: str, candidates: int, stored: int = 0) -> Installation:
    """Make an installation in the folder; no URL means SQLite there. ``stored``: steps of others, kept beforehand."""
    folder.mkdir(exist_ok=True)
    settings = {"HENGJIAN_INSTANCE": str(folder)} | ({"DATABASE_URL": database_url} if database_url else {})
    environment = {name: value for name, value in os.environ.items() if name != "DATABASE_URL"} | SECRETS | settings
    app = create_app(Settings.from_environment(environment))
    with app.app_context():
        Model.metadata.create_all(db.engine)
        with transaction("write") as session:
            others = -(-stored // STEPS_OF_OTHERS)
            seats, paper_id = _make_exam(app, session, candidates + others)
            if others:
                _store_steps(session, [seat.sitting for seat in seats[candidates:]])
        with transaction("read") as session:
            paper = prepare(paper_source(session, paper_id))
    return Installation(environment, app, seats[:candidates], paper)


def _make_exam(app: Flask, session: Session, count: int) -> tuple[list[Seat], int]:
    """An exam that began a minute ago, planned and published by the services ten minutes before."""
    clock = Clock()
    clock.stop_at(clock.now() - timedelta(minutes=10))
    load_demonstration(session, SYSTEM, clock)
    blueprint = create_blueprint(session, SYSTEM, clock, "负荷测试", SECTIONS)
    paper = draw_paper(session, SYSTEM, clock, blueprint, "负荷测试卷", seed="load", demonstration=True)
    data = ExamData("LOAD", "演示·负荷测试", "负荷测试（演示）", "ability_test", demonstration=True)
    exam = create_exam(session, SYSTEM, clock, data, notice="本次测试不处理真实个人信息。", commitment=COMMITMENT)
    starts_at = clock.now() + timedelta(minutes=9)
    times = Times(Mode.FIXED, clock.now(), starts_at, starts_at + timedelta(hours=3), 3 * 3600)
    row = add_session(session, SYSTEM, clock, exam, SessionData("第一场", times, True, paper.id))
    entries = [_entry(number, row.id) for number in range(1, count + 1)]
    settings = app.extensions["settings"]
    vault, zone = app.extensions["vault"], ZoneInfo(settings.time_zone)
    candidates = register(session, clock, exam, entries, vault=vault, zone=zone)
    publish(session, SYSTEM, clock, exam)
    return _seats(session, exam, candidates, settings.ticket_secret), paper.id


def _store_steps(session: Session, sittings: list[int]) -> None:
    """Fill the table of steps; those who handed in before them, so to speak."""
    statement = text(
        "INSERT INTO answer_steps (sitting_id, binding, seq, slot, response, client_at, received_at) "
        "SELECT s.id, 1, n.seq, n.seq % 100 + 1, '[\"A\"]', '2026-11-23T04:00:00.000Z', 1795000000000 "
        "FROM sittings s CROSS JOIN (WITH RECURSIVE n(seq) AS (SELECT 1 UNION ALL SELECT seq + 1 FROM n WHERE seq < :each) "
        "SELECT seq FROM n) AS n WHERE s.id BETWEEN :first AND :last"
    )
    session.execute(statement, {"each": STEPS_OF_OTHERS, "first": min(sittings), "last": max(sittings)})


def _entry(number: int, session_id: int) -> Entry:
    room, seat = divmod(number - 1, SEATS_IN_A_ROOM)
    return Entry(
        row=number,
        name=f"演示{number}",
        unit="演示单位",
        post="科员",
        number=f"FH{number:06d}",
        session_id=session_id,
        room=f"第{room + 1}考场",
        seat=f"{seat + 1:02d}",
    )


def _seats(session: Session, exam: Exam, candidates: list[Candidate], secret: str) -> list[Seat]:
    sittings = {one.candidate_id: one.id for one in session.query(Sitting).where(Sitting.exam_id == exam.id)}
    return [
        Seat(one.id, sittings[one.id], one.admission_number, ticket_code(secret, exam.id, one.id, one.ticket_issue))
        for one in candidates
    ]


def sign_in_all(installation: Installation) -> list[str]:
    """The ids of fresh sign-ins, one for each candidate, without a request: for the floor."""
    clock = Clock()
    with installation.app.app_context(), transaction("write") as session:
        return [
            sign_in.begin(session, clock, "candidate", seat.candidate, address="127.0.0.1", device="floor").id
            for seat in installation.seats
        ]


@contextmanager
def durable_postgres() -> Iterator[Postgres]:
    """A PostgreSQL of this run's own with its default durability, which the tests' server does without.

    Its keeper stops it and removes its folder when this process ends, however it ends.
    """
    folder = Path(tempfile.mkdtemp(prefix="hengjian-load-"))
    users = os.open(folder / "users", os.O_CREAT | os.O_RDWR, 0o600)
    fcntl.flock(users, fcntl.LOCK_SH)
    log = folder / "keeper.log"
    with log.open("wb") as output:
        command = [sys.executable, "-m", "tests.load.durable_postgres", str(folder)]
        keeper = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=output, stderr=subprocess.STDOUT)
    try:
        while not (folder / "ready").exists():
            if keeper.poll() is not None:
                raise RuntimeError(f"PostgreSQL did not start:\n{log.read_text()}")
            time.sleep(0.05)
        yield Postgres(folder)
    finally:
        os.close(users)
        keeper.wait()
