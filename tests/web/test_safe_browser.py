"""Safe Exam Browser, on both databases: what a candidate meets in it and outside of it, checked on every request."""

import re
from unittest import mock

import pytest
from sqlalchemy import event
from structlog.testing import capture_logs

from exam.answers.models import LateStep
from exam.invigilation.models import Incident
from exam.safe_browser import gate
from exam.safe_browser.models import SafeBrowser
from exam.safe_browser.rules import request_hash
from exam.safe_browser.service import note_refusal
from exam.sittings import api
from tests.support.safe_browser import EXAM_KEY, ORIGIN, SafeClient, ask, code_of, text_of
from tests.support.sittings import COMMITMENT_DIGEST, Client


def test_a_sitting_in_safe_exam_browser_goes_through(asked):
    client = SafeClient(asked)
    assert client.sign_in().status_code == 200
    assert client.start().status_code == 200
    assert client.get(f"/sittings/{asked.seats[0].sitting}").status_code == 200
    assert client.save((1, "1", ["A"])).status_code == 200
    assert client.submit(client.digest({"1": ["A"]})).status_code == 200
    receipt = text_of(client.get(f"/sittings/{asked.seats[0].sitting}/receipt"))
    assert "/safe-browser/leave" in receipt
    assert client.get("/safe-browser/leave").status_code == 200
    assert asked.count(Incident) == 0


def test_another_browser_is_refused_at_the_door_with_the_way_in_and_noted_once(asked):
    client = Client(asked.app, asked, asked.seats[0])
    for _attempt in range(3):
        answer = client.sign_in()
        assert (answer.status_code, code_of(answer)) == (403, "safe_browser")
    assert client.get(client.base).status_code == 401
    form = {"admission_number": asked.seats[0].number, "ticket_code": asked.seats[0].code}
    page = client.post("/candidate", form)
    assert page.status_code == 403
    assert "请使用安全考试浏览器" in text_of(page)
    file = re.search(r'href="(/safe-browser/\d+/\w+\.seb)"', text_of(page))[1]
    assert f'href="seb://exam.example.cn{file}"' in text_of(page)
    (noted,) = asked.all(Incident)
    assert (noted.kind, noted.sitting_id, noted.recorded_by) == ("safe_browser", asked.seats[0].sitting, None)
    assert asked.row().state == "registered"
    assert "没有使用安全考试浏览器" in noted.facts


def test_thousands_of_refusals_are_written_once_a_minute(asked, clock):
    inside = SafeClient(asked)
    inside.sign_in()
    inside.start()
    outside = Client(asked.app, asked, asked.seats[0])
    outside.client._cookies = inside.client._cookies
    other = SafeClient(asked, key="d" * 64)
    other.client._cookies = inside.client._cookies
    with mock.patch("exam.safe_browser.gate.note_refusal", wraps=gate.note_refusal) as written:
        for _attempt in range(20):
            assert code_of(outside.state()) == "safe_browser"
            assert code_of(other.state()) == "safe_browser"
        assert written.call_count == 2
        clock.advance(seconds=61)
        assert code_of(outside.state()) == "safe_browser"
        assert code_of(outside.state()) == "safe_browser"
        assert written.call_count == 3
        assert code_of(Client(asked.app, asked, asked.seats[1]).sign_in()) == "safe_browser"
        assert written.call_count == 4
    assert [one.sitting_id for one in asked.all(Incident)] == [asked.seats[index].sitting for index in (0, 0, 1)]


@pytest.mark.parametrize("step", ["append_note", "incidents.note"])
def test_a_refusal_that_could_not_be_written_is_told_all_the_same_and_written_the_next_time(asked, step):
    client = Client(asked.app, asked, asked.seats[0])
    failing = mock.patch(f"exam.safe_browser.service.{step}", side_effect=RuntimeError("the disk is full"))
    with failing, capture_logs() as logged:
        answer = client.sign_in()
    assert (answer.status_code, code_of(answer)) == (403, "safe_browser")
    assert [(one["log_level"], one["sitting"]) for one in logged] == [("error", asked.seats[0].sitting)]
    assert asked.count(Incident) == 0
    assert code_of(client.sign_in()) == "safe_browser"
    assert asked.count(Incident) == 1


def test_a_refusal_whose_commit_failed_is_told_all_the_same(asked):
    def note(writing, *about):
        note_refusal(writing, *about)
        event.listen(writing, "before_commit", mock.Mock(side_effect=RuntimeError("the disk is full")))

    client = Client(asked.app, asked, asked.seats[0])
    with mock.patch("exam.safe_browser.gate.note_refusal", note):
        assert code_of(client.sign_in()) == "safe_browser"
    assert asked.count(Incident) == 0
    assert code_of(client.sign_in()) == "safe_browser"
    assert asked.count(Incident) == 1


def test_a_wrong_ticket_code_says_nothing_of_the_browser(asked):
    client = Client(asked.app, asked, asked.seats[0])
    answer = client.sign_in(ticket_code="AAAA-AAAA-AAAA")
    assert code_of(answer) == "wrong_credentials"
    assert ".seb" not in text_of(client.post("/candidate", {"admission_number": "20260001", "ticket_code": "AAAA"}))


def calls_of(client):
    sitting = client.seat.sitting
    return {
        "start": lambda: client.start(),
        "state": lambda: client.state(),
        "save": lambda: client.save((1, "1", ["A"])),
        "events": lambda: client.send("POST", f"{client.base}/events", {"page": "abcdefgh12", "events": []}),
        "submission": lambda: client.submit("0" * 64),
        "sheet": lambda: client.get(f"/sittings/{sitting}"),
        "exams": lambda: client.get("/candidate/exams"),
        "notice": lambda: client.get(f"/sittings/{sitting}/notice"),
        "waiting": lambda: client.get(f"/sittings/{sitting}/waiting"),
    }


CALLS = ("start", "state", "save", "events", "submission", "sheet", "exams", "notice", "waiting")


@pytest.mark.parametrize("call", CALLS)
def test_a_cookie_taken_out_of_safe_exam_browser_opens_nothing(asked, call):
    inside = SafeClient(asked)
    assert inside.sign_in().status_code == 200
    assert inside.start().status_code == 200
    outside = Client(asked.app, asked, asked.seats[0])
    outside.client._cookies = inside.client._cookies
    answer = calls_of(outside)[call]()
    assert answer.status_code == 403
    if answer.is_json:
        assert code_of(answer) == "safe_browser"
        assert answer.get_json()["error"]["retry"] is True
    assert asked.row().state == "open"
    assert inside.save((1, "1", ["B"])).get_json()["acknowledged"] == 1


def test_other_settings_and_other_addresses_are_refused_and_told_apart(asked):
    other = SafeClient(asked, key="d" * 64)
    assert code_of(other.sign_in()) == "safe_browser"
    elsewhere = SafeClient(asked, origin="https://evil.example.cn")
    assert code_of(elsewhere.sign_in()) == "safe_browser"
    assert ["配置与本场不符" in one.facts for one in asked.all(Incident)] == [True]


def test_where_versions_are_listed_only_they_pass(asked, browser):
    ask(asked, browser, password="", keys=EXAM_KEY)
    assert code_of(SafeClient(asked).sign_in()) == "safe_browser"
    assert code_of(SafeClient(asked, exam_key="d" * 64).sign_in()) == "safe_browser"
    assert SafeClient(asked, exam_key=EXAM_KEY).sign_in().status_code == 200
    assert ["版本不在本场登记" in one.facts for one in asked.all(Incident)] == [True]


def page_keys(world, path, exam_key=""):
    key = world.all(SafeBrowser)[0].config_key
    exam = request_hash(ORIGIN + path, exam_key) if exam_key else ""
    return f"{request_hash(ORIGIN + path, key)} {exam}".strip()


def test_where_requests_carry_no_headers_the_pages_show_their_keys(asked, browser):
    ask(asked, browser, password="", keys=EXAM_KEY)
    client = Client(asked.app, asked, asked.seats[0])
    sitting = asked.seats[0].sitting
    form = {"admission_number": asked.seats[0].number, "ticket_code": asked.seats[0].code}
    door = client.post("/candidate", {**form, "safe_browser": page_keys(asked, "/candidate", EXAM_KEY)})
    assert door.status_code == 302
    assert client.get("/candidate/exams").status_code == 200
    assert client.get(f"/sittings/{sitting}/notice").status_code == 200

    def call(method, path, body, page):
        headers = {"X-CSRFToken": client.token(), "X-Safe-Browser-Page": page_keys(asked, page, EXAM_KEY)}
        return client.client.open(path, method=method, json=body, headers=headers)

    begun = call("POST", f"{client.base}/start", {"commitment": COMMITMENT_DIGEST}, f"/sittings/{sitting}/waiting")
    assert begun.status_code == 200
    assert client.get(f"/sittings/{sitting}").status_code == 200
    steps = {"binding": 1, "steps": [{"seq": 1, "slot": "1", "response": ["A"], "at": "x"}]}
    assert call("PUT", f"{client.base}/answers", steps, f"/sittings/{sitting}").status_code == 200
    assert call("PUT", f"{client.base}/answers", steps, "/elsewhere").status_code == 403
    # The sign-in's proof opens pages; a call that stores something brings its own.
    assert client.save((2, "1", ["B"])).status_code == 403


def test_a_sign_in_that_showed_both_lets_the_service_worker_ask_for_pages_without_headers(asked):
    inside = SafeClient(asked)
    form = {"admission_number": asked.seats[0].number, "ticket_code": asked.seats[0].code}
    assert inside.post("/candidate", {**form, "safe_browser": page_keys(asked, "/candidate")}).status_code == 302
    worker = Client(asked.app, asked, asked.seats[0])
    worker.client._cookies = inside.client._cookies
    assert worker.get(f"/sittings/{asked.seats[0].sitting}/notice").status_code == 200
    assert worker.start().status_code == 403


def test_page_keys_that_are_wrong_open_nothing(asked):
    client = Client(asked.app, asked, asked.seats[0])
    form = {"admission_number": asked.seats[0].number, "ticket_code": asked.seats[0].code}
    for keys in ("x", "0" * 64, page_keys(asked, "/elsewhere"), "ü" * 500):
        assert client.post("/candidate", {**form, "safe_browser": keys}).status_code == 403
    assert client.get("/candidate/exams").status_code == 302


def test_a_sign_in_that_showed_headers_opens_no_page_without_them(asked):
    inside = SafeClient(asked)
    inside.sign_in()
    outside = Client(asked.app, asked, asked.seats[0])
    outside.client._cookies = inside.client._cookies
    assert outside.get("/candidate/exams").status_code == 403


def test_after_the_paper_is_in_any_browser_shows_the_receipt(asked):
    inside = SafeClient(asked)
    inside.sign_in()
    inside.start()
    inside.submit(inside.digest({}))
    outside = Client(asked.app, asked, asked.seats[0])
    assert outside.sign_in().status_code == 200
    assert outside.get(f"/sittings/{asked.seats[0].sitting}/receipt").status_code == 200


def test_after_the_paper_is_in_any_browser_is_told_so_and_gets_the_receipt(asked):
    inside = SafeClient(asked)
    inside.sign_in()
    inside.start()
    receipt = inside.submit(inside.digest({})).get_json()
    outside = Client(asked.app, asked, asked.seats[0])
    outside.client._cookies = inside.client._cookies
    late = outside.save((1, "1", ["A"]))
    assert (late.status_code, code_of(late)) == (409, "closed")
    assert [step.code for step in asked.all(LateStep)] == ["closed"]
    assert outside.submit("0" * 64).get_json() == receipt
    assert outside.start().get_json()["state"] == "closed"
    assert outside.send("POST", f"{outside.base}/events", {"page": "abcdefgh12", "events": []}).status_code == 200
    assert asked.count(Incident) == 0


def test_after_the_time_is_up_any_browser_is_told_so_before_anybody_has_closed_the_sitting(asked, clock):
    inside = SafeClient(asked)
    inside.sign_in()
    inside.start()
    outside = Client(asked.app, asked, asked.seats[0])
    outside.client._cookies = inside.client._cookies
    clock.advance(minutes=60, seconds=4)
    assert code_of(outside.save((1, "1", ["A"]))) == "safe_browser"
    clock.advance(seconds=6)
    assert code_of(outside.save((1, "1", ["A"]))) == "late"
    assert asked.row().state == "open"
    assert outside.submit("0" * 64).get_json()["receipt"]["closed_by"] == "clock"


def test_a_save_asks_the_database_nothing_more_than_before(asked):
    client = SafeClient(asked)
    client.sign_in()
    client.start()
    client.save((1, "1", ["A"]))
    with (
        mock.patch("exam.safe_browser.gate.transaction", side_effect=AssertionError("a query for a save")),
        mock.patch.object(api.statements, "exam_session", side_effect=AssertionError("a query for a save")),
        mock.patch.object(api.statements, "facts", side_effect=AssertionError("a query for a save")),
    ):
        assert client.save((2, "1", ["B"])).status_code == 200


def test_an_older_cookie_is_asked_the_same(asked):
    inside = SafeClient(asked)
    inside.sign_in()
    inside.start()
    with inside.client.session_transaction() as cookie:
        cookie["paper"] = cookie["paper"][:3]
    assert inside.save((1, "1", ["A"])).status_code == 200
    outside = Client(asked.app, asked, asked.seats[0])
    outside.client._cookies = inside.client._cookies
    assert code_of(outside.save((2, "1", ["B"]))) == "safe_browser"
