"""Queueing jobs and telling how far they are."""

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.actors import Actor
from core.clock import Clock
from core.jobs.models import JobRun


def enqueue(session: Session, actor: Actor, clock: Clock, name: str, **arguments: Any) -> JobRun:
    """Queue one run of the job ``name`` with JSON arguments; it starts after the commit, within half a second.

    A run of the same job with the same arguments that is still queued is returned instead of a second one.
    """
    waiting = session.scalars(select(JobRun).where(JobRun.name == name, JobRun.state == "queued"))
    for run in waiting:
        if run.arguments == arguments:
            return run
    run = JobRun(
        name=name,
        arguments=arguments,
        actor_kind=actor.kind,
        actor_id=actor.id,
        queued_at=clock.now(),
    )
    session.add(run)
    session.flush()
    return run


def progress_of(run: JobRun) -> dict[str, Any]:
    """What a page that waits for the job polls: ``{"state", "done", "total", "doing", "error", "result"}``."""
    return {
        "state": run.state,
        "done": run.done,
        "total": run.total,
        "doing": run.doing,
        "error": run.error,
        "result": run.result,
    }
