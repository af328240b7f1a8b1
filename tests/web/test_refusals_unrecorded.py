"""Refusals that cannot be written down: who may not do something is told so, and what is counted is never guessed for free."""

import pytest
from sqlalchemy import select, text
from structlog.testing import capture_logs

from core.accounts import statements
from core.database import transaction
from exam.invigilation.models import Incident
from exam.schedule.models import Exam
from tests.support.invigilation import actions, record_one, text_of
from tests.support.sittings import Client, make_world


@pytest.fixture
def without_audit(app):
    """Call it to take the audit log away: nothing can be recorded from then on; afterwards it is back."""
    taken = []

    def rename(old, new):
        with app.app_context(), transaction("write") as session:
            session.execute(text(f"ALTER TABLE {old} RENAME TO {new}"))

    def take():
        rename("audit_entries", "audit_entries_away")
        taken.append(True)

    yield take
    if taken:
        rename("audit_entries_away", "audit_entries")


@pytest.fixture
def as_in_service(app, monkeypatch):
    """Faults of ours are answered, not raised."""
    monkeypatch.setitem(app.config, "PROPAGATE_EXCEPTIONS", False)


def state_of(app, exam):
    with app.app_context(), transaction("read") as session:
        return session.get_one(Exam, exam).state


def unrecorded(logged):
    return [one for one in logged if one["event"] == "a refused access could not be recorded"]


def test_whoever_may_not_is_told_so_and_the_log_says_who_asked_for_what(app, cast, browser, running, without_audit):
    window = browser("invigilator")
    without_audit()
    url = f"/exams/{running['exam']}/archive"
    with capture_logs() as logged:
        for answer in (window.get(url), window.post(url, {"confirmation": "KS-1"})):
            assert answer.status_code == 403
            assert "没有进行此项操作的权限" in text_of(answer)
    assert state_of(app, running["exam"]) == "published"
    lines = unrecorded(logged)
    by = f"account {cast.accounts['invigilator'].id}"
    assert [(one["log_level"], one["by"]) for one in lines] == [("error", by)] * 2
    assert {(one["endpoint"], one["arguments"]["exam_id"]) for one in lines} == {("exams.archive", running["exam"])}
    assert all(one["exc_info"] for one in lines)


def test_a_program_and_a_candidate_are_told_so_too(app, cast, browser, running, without_audit, clock):
    window = browser("examiner")
    candidate = make_world(app, candidates=1).sit()
    without_audit()
    program = window.get(running["url"], headers={"Accept": "application/json"})
    assert (program.status_code, program.get_json()["error"]["code"]) == (403, "forbidden")
    assert candidate.get("/exams").status_code == 403


def test_once_it_can_be_recorded_again_it_is(app, cast, browser, running, monkeypatch):
    window = browser("invigilator")
    with monkeypatch.context() as broken:
        broken.setattr("core.web.access.record", None)
        assert window.get("/exams").status_code == 403
    assert "access_refused" not in actions(app)
    assert window.get("/exams").status_code == 403
    assert actions(app).count("access_refused") == 1


def test_what_is_allowed_and_must_be_recorded_fails_whole(app, cast, browser, running, without_audit, as_in_service):
    window = browser("invigilator")
    without_audit()
    assert record_one(window, running).status_code == 500
    with app.app_context(), transaction("read") as session:
        assert session.scalars(select(Incident)).all() == []


def test_a_wrong_password_that_cannot_be_counted_is_not_told_from_a_right_one(
    app, cast, browser, without_audit, as_in_service
):
    without_audit()
    answers = [browser().sign_in("organizer", password) for password in ("Wrong-Horse-7", "Correct-Horse-7")]
    assert [one.status_code for one in answers] == [500, 500]
    assert text_of(answers[0]) == text_of(answers[1])


def test_a_wrong_ticket_code_that_cannot_be_counted_is_not_told_from_a_right_one(
    app, clock, without_audit, as_in_service
):
    world = make_world(app, candidates=1)
    without_audit()
    wrong = Client(app, world, world.seats[0]).sign_in(ticket_code="AAAA-AAAA-AAAA")
    right = Client(app, world, world.seats[0]).sign_in()
    assert (wrong.status_code, right.status_code) == (500, 500)
    assert wrong.get_json() == right.get_json()


def test_a_sign_of_life_that_cannot_be_written_spoils_no_answer(app, cast, browser, running, clock, monkeypatch):
    window = browser("invigilator")
    clock.advance(minutes=2)

    def full(**_about):
        raise RuntimeError("the disk is full")

    monkeypatch.setattr(statements, "seen", full)
    with capture_logs() as logged:
        assert window.get(running["url"]).status_code == 200
        assert window.get("/exams").status_code == 403
    assert [one["event"] for one in logged] == ["a sign of life could not be written"] * 2
