"""Background jobs: the table is the queue; nothing is done twice, nothing is lost with its worker."""

import pytest
from sqlalchemy import select

from core.accounts.actors import SYSTEM
from core.accounts.models import FailureCount
from core.database import transaction
from core.jobs.models import JobRun
from core.jobs.service import enqueue
from core.jobs.worker import Job, JobRegistry, run_next, sweep


@pytest.fixture
def registry():
    return JobRegistry()


def queue(clock, **arguments):
    with transaction("write") as session:
        return enqueue(session, SYSTEM, clock, "count", **arguments).id


def state_of(run_id):
    with transaction("read") as session:
        run = session.get_one(JobRun, run_id)
        return run.state, run.attempts, run.result, run.error


def test_a_queued_job_runs_once_and_keeps_its_result(app, clock, registry):
    with app.app_context():
        registry.register("count", lambda job: {"twice": job.arguments["number"] * 2})
        run = queue(clock, number=21)
        assert run_next(registry, clock)
        assert not run_next(registry, clock)
        assert state_of(run) == ("done", 1, {"twice": 42}, "")


def test_the_same_job_queued_twice_is_one_run(app, clock, registry):
    with app.app_context():
        assert queue(clock, number=1) == queue(clock, number=1)
        assert queue(clock, number=1) != queue(clock, number=2)


def test_what_a_failing_job_wrote_is_rolled_back_and_it_is_tried_three_times(app, clock, registry):
    def fail(job: Job):
        job.write().add(FailureCount(subject="half-written"))
        job.session.flush()
        raise RuntimeError("no luck")

    with app.app_context():
        registry.register("count", fail)
        run = queue(clock)
        for _ in range(3):
            assert run_next(registry, clock)
        assert not run_next(registry, clock)
        state, attempts, _result, error = state_of(run)
        assert (state, attempts) == ("failed", 3)
        assert "no luck" in error
        with transaction("read") as session:
            assert session.scalar(select(FailureCount)) is None


def test_a_job_cannot_write_before_it_says_so_on_sqlite(sqlite_app, clock, registry):
    def write_unasked(job: Job):
        job.session.add(FailureCount(subject="sly"))
        job.session.flush()

    with sqlite_app.app_context():
        registry.register("count", write_unasked)
        run = queue(clock)
        run_next(registry, clock)
        assert "readonly" in state_of(run)[3]


def test_a_run_whose_worker_died_is_claimed_again(app, clock, registry):
    with app.app_context():
        registry.register("count", lambda job: None)
        run = queue(clock)
        with transaction("write") as session:
            session.get_one(JobRun, run).heartbeat_at = clock.now()
            session.execute(JobRun.__table__.update().values(state="running", attempts=1))
        sweep(registry, clock)
        assert state_of(run)[0] == "running"
        clock.advance(seconds=31)
        sweep(registry, clock)
        assert state_of(run)[0] == "queued"
        assert run_next(registry, clock)
        assert state_of(run)[:2] == ("done", 2)


def test_progress_is_seen_while_the_job_still_runs(app, clock, registry):
    seen = []

    def count(job: Job):
        job.progress(3, 10, "正在数")
        with transaction("read") as session:
            seen.append(session.get_one(JobRun, job.run_id).done)

    with app.app_context():
        registry.register("count", count)
        queue(clock)
        run_next(registry, clock)
        assert seen == [3]


def test_urgent_jobs_do_not_wait_behind_the_others(app, clock, registry):
    done = []
    with app.app_context():
        registry.register("print", lambda job: done.append("print"))
        registry.register("score", lambda job: done.append("score"), urgent=True)
        with transaction("write") as session:
            for name in ("print", "score"):
                enqueue(session, SYSTEM, clock, name)
        assert run_next(registry, clock, "urgent")
        assert not run_next(registry, clock, "urgent")
        assert done == ["score"]
        assert run_next(registry, clock, "others")
        assert not run_next(registry, clock, "others")
        assert done == ["score", "print"]


def test_a_job_of_no_known_name_fails_in_the_other_lane(app, clock, registry):
    with app.app_context():
        run = queue(clock)
        assert not run_next(registry, clock, "urgent")
        assert run_next(registry, clock, "others")
        assert "no job named" in state_of(run)[3]
