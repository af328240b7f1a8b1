"""When scoring happens: after a closing is announced, when the sweep finds what was left, or because somebody asks.

Every portion of sittings is read in one transaction and written in another of its own: the write lock is short, and
whatever a crash leaves is simply still waiting.
"""

from collections.abc import Callable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.actors import SYSTEM, Actor
from core.clock import Clock
from core.database import transaction
from core.jobs.models import JobRun
from core.jobs.service import enqueue
from core.jobs.worker import Job
from grading.scoring.queries import waiting_ids
from grading.scoring.service import Marking, Stored, mark_sittings, store_marking

JOB = "grading.score"
PORTION = 250
MOST_AT_ONCE = 20_000

Tell = Callable[[int, int], None]


def score_waiting(
    actor: Actor, clock: Clock, exam_id: int | None = None, *, again: bool = False, tell: Tell | None = None
) -> Stored:
    """Score what is closed and has no score, of one exam or of all; ``again`` also tries known problems anew.

    ``tell(done, total)`` is called before each portion. Needs an application context; commits portion by portion.
    """
    with transaction("read") as reading:
        waiting = waiting_ids(reading, MOST_AT_ONCE, again=again)
    scored = problems = 0
    sentences: dict[str, None] = {}
    for start in range(0, len(waiting), PORTION):
        if tell:
            tell(start, len(waiting))
        with transaction("read") as reading:
            marking = _only(mark_sittings(reading, waiting[start : start + PORTION]), exam_id)
        if marking.marked or marking.obstacles:
            with transaction("write") as writing:
                stored = store_marking(writing, actor, clock, marking)
            scored, problems = scored + stored.scored, problems + stored.problems
            sentences |= dict.fromkeys(stored.sentences)
    return Stored(scored, problems, tuple(sentences))


def run(job: Job) -> dict[str, Any]:
    """The job ``grading.score``; arguments ``exam_id`` (all exams without it) and ``again``."""

    def tell(done: int, whole: int) -> None:
        job.progress(done, whole, "正在评分")

    exam_id = job.arguments.get("exam_id")
    stored = score_waiting(job.actor, job.clock, exam_id, again=bool(job.arguments.get("again")), tell=tell)
    return {"scored": stored.scored, "problems": stored.problems}


def nudge(clock: Clock) -> None:
    """Have the worker score soon. Called at every closing, thousands in a second at times: it writes only when needed."""
    with transaction("read") as reading:
        queued = reading.scalar(select(JobRun.id).where(JobRun.name == JOB, JobRun.state == "queued").limit(1))
    if queued is None:
        with transaction("write") as writing:
            enqueue(writing, SYSTEM, clock, JOB)


def sweep(session: Session, clock: Clock) -> None:
    """Queue a scoring when closed sittings wait that nobody announced (a crash, a lost signal)."""
    if waiting_ids(session, 1):
        enqueue(session, SYSTEM, clock, JOB)


def _only(marking: Marking, exam_id: int | None) -> Marking:
    if exam_id is None:
        return marking
    return Marking(
        tuple(one for one in marking.marked if one.sitting.exam_id == exam_id),
        tuple(one for one in marking.obstacles if one.sitting.exam_id == exam_id),
    )
