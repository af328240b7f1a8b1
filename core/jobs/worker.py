"""The job worker: claims queued runs one after another and executes them.

Each process works one lane: ``urgent`` jobs (scoring) never wait behind the ``others`` (printing, solving), which take
minutes. A worker of lane ``all`` does both, one after another.

A job's function takes one ``Job``. It begins in a reading transaction, so that long computing never holds the write
lock; ``job.write()`` ends the reading and begins the writing. The worker commits once, together with the run's state.
Jobs must be idempotent: a run whose worker died is claimed again.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Literal

import structlog
from flask import Flask
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.clock import Clock
from core.database import affected, begin_writing, commit, db, rollback, transaction, transaction_mode
from core.jobs.models import JobRun

log = structlog.get_logger(__name__)
POLL_SECONDS = 0.5
SWEEP_SECONDS = 3.0  # a handed-in paper is scored within so long
HEARTBEAT_SECONDS = 5.0
GIVEN_UP_AFTER = timedelta(seconds=30)
ATTEMPTS = 3
Lane = Literal["all", "urgent", "others"]


@dataclass
class Job:
    """What a job's function gets: its session and arguments, who asked for it, and ways to write and to tell progress."""

    session: Session
    clock: Clock
    actor: Actor
    arguments: dict[str, Any]
    run_id: int
    writing: bool = False

    def write(self) -> Session:
        """End the reading transaction and begin the writing one; what was read may be stale from here on."""
        begin_writing(self.session)
        self.writing = True
        return self.session

    def progress(self, done: int, total: int, doing: str) -> None:
        """Tell how far the job is. Call it while reading: a transaction of its own, at once visible to all."""
        with transaction("write") as own:
            own.execute(
                update(JobRun)
                .where(JobRun.id == self.run_id)
                .values(done=done, total=total, doing=doing, heartbeat_at=self.clock.now())
            )


JobFunction = Callable[[Job], dict[str, Any] | None]


class JobRegistry:
    """The jobs by name, and the sweeps that find work which a crash left behind."""

    def __init__(self) -> None:
        self.functions: dict[str, JobFunction] = {}
        self.urgent: set[str] = set()
        self.sweeps: list[Callable[[Session, Clock], None]] = []

    def register(self, name: str, function: JobFunction, *, urgent: bool = False) -> None:
        """Make ``function`` the job of this name; an ``urgent`` one waits for no job that is not."""
        self.functions[name] = function
        if urgent:
            self.urgent.add(name)

    def register_sweep(self, sweep: Callable[[Session, Clock], None]) -> None:
        """Have ``sweep`` called every ``SWEEP_SECONDS`` in a writing transaction, to queue what remains to be done."""
        self.sweeps.append(sweep)


def registry_of(app: Flask) -> JobRegistry:
    """The application's registry."""
    registry: JobRegistry = app.extensions.setdefault("jobs", JobRegistry())
    return registry


def run_next(registry: JobRegistry, clock: Clock, lane: Lane = "all") -> bool:
    """Claim and execute one queued run of the lane; False when none waits. Needs an application context."""
    run = _claim(registry, clock, lane)
    if run is None:
        return False
    stop = threading.Event()
    heart = threading.Thread(target=_beat, args=(db.sessionmaker, clock, run.id, stop), daemon=True)
    heart.start()
    try:
        _execute(registry, clock, run)
    finally:
        stop.set()
        heart.join()
    return True


def work(app: Flask, clock: Clock, stop: threading.Event, lane: Lane = "all") -> None:
    """Run the lane's jobs until ``stop`` is set, and the sweeps, which are urgent. A failing database is waited for."""
    registry = registry_of(app)
    next_sweep = 0.0
    while not stop.is_set():
        try:
            with app.app_context():
                if lane != "others" and time.monotonic() >= next_sweep:
                    next_sweep = time.monotonic() + SWEEP_SECONDS
                    sweep(registry, clock)
                while not stop.is_set() and run_next(registry, clock, lane):
                    pass
        except Exception:
            log.exception("the job worker could not go on; it tries again")
            stop.wait(2)
        stop.wait(POLL_SECONDS)


def sweep(registry: JobRegistry, clock: Clock) -> None:
    """Requeue runs whose worker died, then let every registered sweep queue what it finds."""
    abandoned = update(JobRun).where(JobRun.state == "running", JobRun.heartbeat_at < clock.now() - GIVEN_UP_AFTER)
    with transaction("write") as session:
        session.execute(
            abandoned.where(JobRun.attempts >= ATTEMPTS).values(
                state="failed", error="its worker was killed each time", finished_at=clock.now()
            )
        )
        session.execute(abandoned.values(state="queued"))
    for find in registry.sweeps:
        with transaction("write") as session:
            find(session, clock)


def _claim(registry: JobRegistry, clock: Clock, lane: Lane) -> JobRun | None:
    queued = select(JobRun.id).where(JobRun.state == "queued").order_by(JobRun.id).limit(1)
    if lane != "all":
        urgent = JobRun.name.in_(registry.urgent)
        queued = queued.where(urgent if lane == "urgent" else ~urgent)
    with transaction("read") as session:
        waiting = session.scalar(queued)
    if waiting is None:
        return None
    now = clock.now()
    with transaction("write") as session:
        claim = (
            update(JobRun)
            .where(JobRun.id == waiting, JobRun.state == "queued")
            .values(state="running", started_at=now, heartbeat_at=now, attempts=JobRun.attempts + 1)
        )
        return session.get(JobRun, waiting) if affected(session, claim) == 1 else None


def _execute(registry: JobRegistry, clock: Clock, run: JobRun) -> None:
    with transaction_mode("read"), db.sessionmaker() as session:
        actor = Actor(run.actor_kind, run.actor_id)  # type: ignore[arg-type]
        job = Job(session, clock, actor, dict(run.arguments), run.id)
        try:
            function = registry.functions.get(run.name)
            if function is None:
                raise LookupError(f"there is no job named {run.name!r}")
            result = function(job)
            _finish(job, result)
            commit(session)
        except Exception as problem:
            rollback(session)
            log.exception("job failed", job=run.name, run=run.id)
            _give_up(clock, run, problem)


def _finish(job: Job, result: dict[str, Any] | None) -> None:
    if not job.writing:
        job.write()
    job.session.execute(
        update(JobRun)
        .where(JobRun.id == job.run_id)
        .values(state="done", result=result or {}, error="", finished_at=job.clock.now())
    )


def _give_up(clock: Clock, run: JobRun, problem: Exception) -> None:
    state = "failed" if run.attempts >= ATTEMPTS else "queued"
    with transaction("write") as session:
        session.execute(
            update(JobRun)
            .where(JobRun.id == run.id, JobRun.state == "running")
            .values(state=state, error=f"{type(problem).__name__}: {problem}"[:2000], finished_at=clock.now())
        )


def _beat(sessionmaker: Callable[[], Session], clock: Clock, run_id: int, stop: threading.Event) -> None:
    while not stop.wait(HEARTBEAT_SECONDS):
        try:
            with transaction_mode("write"), sessionmaker() as session:
                session.execute(update(JobRun).where(JobRun.id == run_id).values(heartbeat_at=clock.now()))
                session.commit()
        except Exception:
            log.warning("a heartbeat was missed", run=run_id)
