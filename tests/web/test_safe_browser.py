"""Safe Exam Browser, on both databases: set by the organizer, checked on every request, exempted by the invigilator."""

import hashlib
import re
from dataclasses import replace
from datetime import timedelta
from unittest import mock

import pytest

from core.audit.models import AuditEntry
from core.database import transaction
from exam.answers.models import LateStep
from exam.invigilation.models import Incident
from exam.safe_browser import gate
from exam.safe_browser.models import SafeBrowser, SafeBrowserExemption
from exam.safe_browser.rules import request_hash
from exam.schedule.models import Room, RoomInvigilator
from exam.sittings import api
from tests.conftest import NOON
from tests.support.sittings import COMMITMENT_DIGEST, Client, make_world

ORIGIN = "https://exam.example.cn"
EXAM_KEY = "c" * 64


@pytest.fixture
def world(app, cast, clock):
    """Admission opens in ten minutes; the first invigilator watches the room."""
    made = make_world(app, starts_at=NOON + timedelta(minutes=40), candidates=2)
    with app.app_context(), transaction("write") as session:
        room = session.query(Room).one()
        session.add(RoomInvigilator(room_id=room.id, account_id=cast.accounts["invigilator"].id))
    return made


def page_of(world):
    return f"/exams/{world.exam}/sessions/{world.session}/safe-browser"


def ask(world, browser, **changes):
    fields = {"required": "y", "origin": ORIGIN, "password": "quit-quit", "keys": "", **changes}
    return browser("organizer").post(page_of(world), {k: v for k, v in fields.items() if v is not None})


@pytest.fixture
def asked(world, browser, clock):
    """The session asks for Safe Exam Browser; it is time to begin."""
    assert ask(world, browser).status_code == 302
    clock.advance(minutes=40)
    return world


class SafeClient(Client):
    """A candidate in Safe Exam Browser: every request carries the hashes over its own address."""

    def __init__(self, world, index=0, key=None, exam_key=None, origin=ORIGIN):
        super().__init__(world.app, world, world.seats[index])
        self.key = key or world.all(SafeBrowser)[0].config_key
        client, whole = self.client, self.client.open

        def opened(*args, **kwargs):
            path = kwargs.get("path") or args[0]
            sent = {"X-SafeExamBrowser-ConfigKeyHash": request_hash(origin + path, self.key)}
            if exam_key:
                sent["X-SafeExamBrowser-RequestHash"] = request_hash(origin + path, exam_key)
            kwargs["headers"] = {**dict(kwargs.get("headers") or {}), **sent}
            return whole(*args, **kwargs)

        client.open = opened


def code_of(answer):
    return answer.get_json()["error"]["code"]


def text_of(answer):
    return answer.get_data(as_text=True)


def test_the_organizer_asks_for_it_and_gets_the_file(world, browser):
    assert ask(world, browser, keys=EXAM_KEY.upper()).status_code == 302
    (row,) = world.all(SafeBrowser)
    assert (row.required, row.origin, row.exam_keys) == (True, ORIGIN, EXAM_KEY)
    page = text_of(browser("organizer").get(page_of(world)))
    assert row.config_key in page
    assert "quit-quit" not in page
    assert "您现在打开的是 http://localhost" in page
    url = re.search(r'href="(/safe-browser/\d+/\w+\.seb)"', page)[1]
    file = Client(world.app, world, world.seats[0]).get(url)
    assert (file.status_code, file.mimetype) == (200, "application/seb")
    assert f"<string>{ORIGIN}/candidate</string>" in text_of(file)
    assert hashlib.sha256(b"quit-quit").hexdigest() in text_of(file)
    assert "quit-quit" not in text_of(file)
    assert "须用安全考试浏览器" in text_of(browser("organizer").get(f"/exams/{world.exam}/sessions"))
    (entry,) = [one for one in world.all(AuditEntry) if one.action == "safe_browser_changed"]
    assert entry.details == {"required": True, "exam_keys": 1, "config_key": row.config_key}


def test_the_file_is_nobodys_without_its_address(asked, browser):
    client = Client(asked.app, asked, asked.seats[0])
    key = asked.all(SafeBrowser)[0].config_key
    assert client.get(f"/safe-browser/{asked.session}/{'0' * 16}.seb").status_code == 404
    assert client.get(f"/safe-browser/{asked.session}/{key}.seb").status_code == 404
    assert client.get(f"/safe-browser/{asked.session + 1}/{key[:16]}.seb").status_code == 404


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"password": "short"}, "退出密码应为 8 至 64 个字符，未保存。"),
        ({"password": None}, "退出密码应为 8 至 64 个字符，未保存。"),
        ({"origin": "exam.example.cn"}, "不带路径，未保存。"),
        ({"origin": f"{ORIGIN}/path"}, "不带路径，未保存。"),
        ({"origin": 'https://a"b'}, "不带路径，未保存。"),
        ({"keys": "zz"}, "“zz”不是浏览器考试密钥，未保存。"),
        ({"keys": "\n".join(f"{n:064x}" for n in range(21))}, "最多 20 个，未保存。"),
    ],
)
def test_bad_input_is_told_beside_its_field_and_nothing_is_saved(world, browser, changes, told):
    answer = ask(world, browser, **changes)
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert world.count(SafeBrowser) == 0


def test_an_address_typed_with_its_usual_port_is_the_one_that_browsers_send(world, browser, clock):
    assert ask(world, browser, origin="https://Exam.Example.cn:443/").status_code == 302
    assert world.all(SafeBrowser)[0].origin == ORIGIN
    clock.advance(minutes=40)
    assert SafeClient(world).sign_in().status_code == 200


def test_a_password_left_empty_is_kept_and_a_new_one_makes_a_new_key(world, browser):
    ask(world, browser)
    first = world.all(SafeBrowser)[0]
    assert ask(world, browser, password="", keys=EXAM_KEY).status_code == 302
    kept = world.all(SafeBrowser)[0]
    assert (kept.config_key, kept.configuration, kept.exam_keys) == (first.config_key, first.configuration, EXAM_KEY)
    ask(world, browser, password="another-one")
    assert world.all(SafeBrowser)[0].config_key != first.config_key
    ask(world, browser, required=None)
    assert not world.all(SafeBrowser)[0].required


def test_once_candidates_may_sign_in_only_the_versions_change(asked, browser):
    for changes in (
        {"password": "another-one"},
        {"required": None, "password": ""},
        {"origin": "https://b.example.cn"},
    ):
        answer = ask(asked, browser, **changes)
        assert answer.status_code == 409
        assert "已经到了入场时间" in text_of(answer)
    assert ask(asked, browser, password="", keys=EXAM_KEY).status_code == 302
    assert asked.all(SafeBrowser)[0].exam_keys == EXAM_KEY


def test_once_candidates_may_sign_in_the_page_offers_what_can_still_be_changed(asked, browser):
    page = text_of(browser("organizer").get(page_of(asked)))
    assert "只有浏览器考试密钥还能增减" in page
    assert re.findall(r'<(?:input|textarea)[^>]*name="(\w+)"', page.split("form-body")[1]) == [
        "csrf_token",
        "required",
        "origin",
        "keys",
    ]


def test_where_it_was_not_asked_for_in_time_the_page_says_so_and_offers_nothing(world, browser, clock):
    sessions = f"/exams/{world.exam}/sessions"
    assert page_of(world) in text_of(browser("organizer").get(sessions))
    clock.advance(minutes=10)
    page = text_of(browser("organizer").get(page_of(world)))
    assert "没有要求安全考试浏览器，不能再开启。" in page
    assert "form-body" not in page
    assert page_of(world) not in text_of(browser("organizer").get(sessions))


def test_its_pages_are_marked_in_the_navigation_as_parts_of_exams_and_of_watching(asked, browser):
    here = 'href="{}" aria-current="true"'
    assert here.format("/exams") in text_of(browser("organizer").get(page_of(asked)))
    assert here.format("/exams") in text_of(browser("organizer").get(f"/exams/{asked.exam}/offline-claims"))
    window = browser("invigilator")
    assert here.format("/invigilation") in text_of(window.get(f"{room_url(asked)}/safe-browser"))
    (room,) = asked.all(Room)
    assert here.format("/invigilation") in text_of(window.get(f"/invigilation/rooms/{room.id}/offline"))


def test_only_organizers_set_it(world, browser):
    assert browser("invigilator").get(page_of(world)).status_code == 403
    assert browser("invigilator").post(page_of(world), {"required": "y"}).status_code == 403
    assert browser("organizer").get(page_of(world).replace(f"/exams/{world.exam}", "/exams/999")).status_code == 404
    assert Client(world.app, world, world.seats[0]).get(page_of(world)).status_code == 302
    refused = browser("organizer").client.post(page_of(world), data={"required": "y"})
    assert refused.status_code == 400
    assert world.count(SafeBrowser) == 0


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


def test_a_refusal_that_could_not_be_written_is_written_the_next_time(asked):
    client = Client(asked.app, asked, asked.seats[0])
    with (
        mock.patch("exam.safe_browser.service.append_note", side_effect=RuntimeError("the disk is full")),
        pytest.raises(RuntimeError),
    ):
        client.sign_in()
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


def room_url(world, index=0):
    (room,) = world.all(Room)
    return f"/invigilation/rooms/{room.id}/sittings/{world.seats[index].sitting}"


def test_the_invigilator_exempts_one_candidate_with_a_reason_and_takes_it_back(asked, browser, clock):
    window = browser("invigilator")
    client = Client(asked.app, asked, asked.seats[0])
    assert code_of(client.sign_in()) == "safe_browser"
    assert "豁免安全考试浏览器" in text_of(window.get(room_url(asked)))
    assert window.get(f"{room_url(asked)}/safe-browser").status_code == 200
    assert window.post(f"{room_url(asked)}/safe-browser", {"reason": ""}).status_code == 422
    assert window.post(f"{room_url(asked)}/safe-browser", {"reason": "电脑装不上", "granted": "y"}).status_code == 302
    assert client.sign_in().status_code == 200
    assert client.start().status_code == 200
    assert client.save((1, "1", ["A"])).status_code == 200
    assert code_of(Client(asked.app, asked, asked.seats[1]).sign_in()) == "safe_browser"
    assert "电脑装不上" in text_of(window.get(room_url(asked)))
    assert (
        window.post(f"{room_url(asked)}/safe-browser", {"reason": "换到了机房电脑", "granted": ""}).status_code == 302
    )
    clock.advance(seconds=6)
    assert code_of(client.save((2, "1", ["B"]))) == "safe_browser"
    assert [one.granted for one in asked.all(SafeBrowserExemption)] == [True, False]
    facts = [one.facts for one in asked.all(Incident) if one.recorded_by]
    assert ["理由：电脑装不上" in facts[0], "理由：换到了机房电脑" in facts[1]] == [True, True]
    assert [one.action for one in asked.all(AuditEntry)].count("safe_browser_exempted") == 2


def test_a_second_invigilator_who_exempts_the_same_candidate_takes_nothing_back(asked, browser):
    url = f"{room_url(asked)}/safe-browser"
    assert 'name="granted" value="y"' in text_of(browser("invigilator").get(url))
    browser("organizer").post(url, {"reason": "电脑装不上", "granted": "y"})
    answer = browser("invigilator").post(url, {"reason": "电脑装不上", "granted": "y"})
    assert answer.status_code == 409
    assert "豁免状态已是如此" in text_of(answer)
    assert 'name="granted" value=""' in text_of(answer)
    assert [one.granted for one in asked.all(SafeBrowserExemption)] == [True]


def test_an_exempted_sign_in_proves_nothing_for_later(asked, browser, clock):
    window = browser("invigilator")
    window.post(f"{room_url(asked)}/safe-browser", {"reason": "电脑装不上", "granted": "y"})
    client = Client(asked.app, asked, asked.seats[0])
    form = {"admission_number": asked.seats[0].number, "ticket_code": asked.seats[0].code}
    assert client.post("/candidate", {**form, "safe_browser": "made-up keys"}).status_code == 302
    assert client.start().status_code == 200
    window.post(f"{room_url(asked)}/safe-browser", {"reason": "换到了机房电脑", "granted": ""})
    clock.advance(seconds=6)
    assert client.get(f"/sittings/{asked.seats[0].sitting}").status_code == 403


def test_only_who_watches_there_exempts(asked, browser):
    url = f"{room_url(asked)}/safe-browser"
    assert browser("second_invigilator").get(url).status_code == 404
    assert browser("second_invigilator").post(url, {"reason": "x"}).status_code == 404
    assert browser("examiner").post(url, {"reason": "x"}).status_code == 403
    assert asked.count(SafeBrowserExemption) == 0


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


def test_a_configured_address_is_offered_and_stands_on_tickets(world, browser, monkeypatch):
    extensions = world.app.extensions
    monkeypatch.setitem(
        extensions, "settings", replace(extensions["settings"], public_address="https://known.example.cn")
    )
    assert 'value="https://known.example.cn"' in text_of(browser("organizer").get(page_of(world)))
