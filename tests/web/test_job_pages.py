"""The page of a job, its progress and its file: for whoever asked for it, with the permission that the file names."""

import pytest
from flask import Flask
from sqlalchemy import select

from core.accounts.permissions import Permission
from core.audit.models import AuditEntry
from core.clock import clock as the_clock
from core.database import transaction
from core.jobs import files
from core.jobs.models import JobRun
from core.jobs.service import enqueue
from core.jobs.worker import Job, registry_of, run_next
from tests.conftest import make_app


@pytest.fixture
def queued(app, cast, clock):
    """A job of the organizer's that makes a small file, not yet run."""

    def make(job: Job) -> dict[str, str]:
        job.progress(1, 2, "正在排版第 1 张")
        return files.store(job, b"%PDF-", "准考证.pdf", "application/pdf", Permission.MANAGE_EXAMS)

    registry_of(app).register("test.file", make)
    with app.app_context(), transaction("write") as session:
        return enqueue(session, cast.actor("organizer"), clock, "test.file", title="准考证", back="/exams").id


def _run(app: Flask) -> None:
    with app.app_context():
        assert run_next(registry_of(app), the_clock)


def test_the_page_tells_progress_and_then_offers_the_file(app, queued, browser):
    window = browser("organizer")
    assert "data-progress-url" in window.get(f"/jobs/{queued}").get_data(as_text=True)
    assert window.get(f"/jobs/{queued}/progress").get_json()["state"] == "queued"
    _run(app)
    answer = window.get(f"/jobs/{queued}/progress").get_json()
    assert (answer["state"], answer["done"], answer["total"]) == ("done", 1, 2)
    assert answer["next"] == f"/jobs/{queued}"
    assert f"/jobs/{queued}/file" in window.get(f"/jobs/{queued}").get_data(as_text=True)


def test_the_file_is_downloaded_under_its_name_and_the_download_is_recorded(app, queued, browser):
    _run(app)
    answer = browser("organizer").get(f"/jobs/{queued}/file")
    assert answer.data == b"%PDF-"
    assert answer.mimetype == "application/pdf"
    with app.app_context(), transaction("read") as session:
        assert "file_downloaded" in session.scalars(select(AuditEntry.action)).all()


def test_somebody_elses_job_does_not_exist_for_a_colleague_or_a_stranger(app, queued, browser):
    _run(app)
    for name in ("second_organizer", "stranger"):
        for path in ("", "/progress", "/file"):
            assert browser(name).get(f"/jobs/{queued}{path}").status_code == 404


def test_a_file_is_refused_to_whoever_lost_the_permission(app, cast, queued, browser):
    _run(app)
    window = browser("organizer")
    with app.app_context(), transaction("write") as session:
        account = session.get_one(type(cast.accounts["organizer"]), cast.accounts["organizer"].id)
        account.roles = []
    assert window.get(f"/jobs/{queued}/file").status_code == 403


def test_nobody_reads_a_job_without_signing_in(app, queued, browser):
    assert browser().get(f"/jobs/{queued}").status_code == 302


def test_a_week_old_file_is_removed_and_the_page_says_so(app, queued, browser, clock):
    _run(app)
    clock.advance(days=8)
    with app.app_context(), transaction("write") as session:
        files.discard_old(session, clock)
        assert session.get_one(JobRun, queued).state == "done"
    window = browser("organizer")
    assert "/file" not in window.get(f"/jobs/{queued}").get_data(as_text=True)
    assert window.get(f"/jobs/{queued}/file").status_code == 404


def test_a_job_leads_back_to_our_own_pages_only(app, cast, browser, clock):
    with app.app_context(), transaction("write") as session:
        run = enqueue(session, cast.actor("organizer"), clock, "test.nothing", back="//evil.example/")
    assert "evil.example" not in browser("organizer").get(f"/jobs/{run.id}").get_data(as_text=True)


def test_the_application_sweeps_old_files(tmp_path):
    app = make_app(f"sqlite:///{tmp_path / 'unused.sqlite3'}", tmp_path)
    assert files.discard_old in registry_of(app).sweeps
