"""Files that jobs make: kept in the instance folder under the job's number until they are a week old."""

from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path
from typing import Any

from flask import current_app
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.permissions import Permission
from core.clock import Clock
from core.jobs.models import JobRun
from core.jobs.worker import Job

KEPT_FOR = timedelta(days=7)


def store(job: Job, content: bytes, filename: str, content_type: str, permission: Permission) -> dict[str, Any]:
    """Write the job's file and return the result that its function gives back, so that the page of the job offers it.

    ``permission`` is what downloading asks for, whoever queued the job.
    """
    path = path_of(job.run_id)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    fresh = path.with_suffix(".new")
    fresh.touch(mode=0o600)
    fresh.write_bytes(content)
    fresh.replace(path)
    return {"file": path.name, "filename": filename, "content_type": content_type, "permission": permission.value}


def path_of(run_id: int) -> Path:
    """Where the file of a job stands."""
    instance: Path = current_app.extensions["settings"].instance
    return instance / "files" / str(run_id)


def discard_old(session: Session, clock: Clock) -> None:
    """Remove the files of jobs that ended more than a week ago. A sweep."""
    folder = path_of(0).parent
    present = [int(path.name) for path in folder.glob("*") if path.name.isdecimal()]
    for run_id in _ended_before(session, present, clock):
        path_of(run_id).unlink(missing_ok=True)


def _ended_before(session: Session, run_ids: Iterable[int], clock: Clock) -> list[int]:
    limit = clock.now() - KEPT_FOR
    found = session.scalars(select(JobRun.id).where(JobRun.id.in_(list(run_ids)), JobRun.finished_at < limit))
    return list(found)
