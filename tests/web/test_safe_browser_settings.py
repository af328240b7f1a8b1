"""Safe Exam Browser, on both databases: set by the organizer, exempted by the invigilator."""

import hashlib
import re
from dataclasses import replace

import pytest

from core.audit.models import AuditEntry
from exam.invigilation.models import Incident
from exam.safe_browser.models import SafeBrowser, SafeBrowserExemption
from exam.schedule.models import Room
from tests.support.safe_browser import EXAM_KEY, ORIGIN, SafeClient, ask, code_of, page_of, text_of
from tests.support.sittings import Client


def test_the_organizer_asks_for_it_and_gets_the_file(watched, browser):
    assert ask(watched, browser, keys=EXAM_KEY.upper()).status_code == 302
    (row,) = watched.all(SafeBrowser)
    assert (row.required, row.origin, row.exam_keys) == (True, ORIGIN, EXAM_KEY)
    page = text_of(browser("organizer").get(page_of(watched)))
    assert row.config_key in page
    assert "quit-quit" not in page
    assert "您现在打开的是 http://localhost" in page
    url = re.search(r'href="(/safe-browser/\d+/\w+\.seb)"', page)[1]
    file = Client(watched.app, watched, watched.seats[0]).get(url)
    assert (file.status_code, file.mimetype) == (200, "application/seb")
    assert f"<string>{ORIGIN}/candidate</string>" in text_of(file)
    assert hashlib.sha256(b"quit-quit").hexdigest() in text_of(file)
    assert "quit-quit" not in text_of(file)
    assert "须用安全考试浏览器" in text_of(browser("organizer").get(f"/exams/{watched.exam}/sessions"))
    (entry,) = [one for one in watched.all(AuditEntry) if one.action == "safe_browser_changed"]
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
def test_bad_input_is_told_beside_its_field_and_nothing_is_saved(watched, browser, changes, told):
    answer = ask(watched, browser, **changes)
    assert answer.status_code == 422
    assert told in text_of(answer)
    assert watched.count(SafeBrowser) == 0


def test_an_address_typed_with_its_usual_port_is_the_one_that_browsers_send(watched, browser, clock):
    assert ask(watched, browser, origin="https://Exam.Example.cn:443/").status_code == 302
    assert watched.all(SafeBrowser)[0].origin == ORIGIN
    clock.advance(minutes=40)
    assert SafeClient(watched).sign_in().status_code == 200


def test_a_password_left_empty_is_kept_and_a_new_one_makes_a_new_key(watched, browser):
    ask(watched, browser)
    first = watched.all(SafeBrowser)[0]
    assert ask(watched, browser, password="", keys=EXAM_KEY).status_code == 302
    kept = watched.all(SafeBrowser)[0]
    assert (kept.config_key, kept.configuration, kept.exam_keys) == (first.config_key, first.configuration, EXAM_KEY)
    ask(watched, browser, password="another-one")
    assert watched.all(SafeBrowser)[0].config_key != first.config_key
    ask(watched, browser, required=None)
    assert not watched.all(SafeBrowser)[0].required


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


def test_where_it_was_not_asked_for_in_time_the_page_says_so_and_offers_nothing(watched, browser, clock):
    sessions = f"/exams/{watched.exam}/sessions"
    assert page_of(watched) in text_of(browser("organizer").get(sessions))
    clock.advance(minutes=10)
    page = text_of(browser("organizer").get(page_of(watched)))
    assert "没有要求安全考试浏览器，不能再开启。" in page
    assert "form-body" not in page
    assert page_of(watched) not in text_of(browser("organizer").get(sessions))


def test_its_pages_are_marked_in_the_navigation_as_parts_of_exams_and_of_watching(asked, browser):
    here = 'href="{}" aria-current="true"'
    assert here.format("/exams") in text_of(browser("organizer").get(page_of(asked)))
    assert here.format("/exams") in text_of(browser("organizer").get(f"/exams/{asked.exam}/offline-claims"))
    window = browser("invigilator")
    assert here.format("/invigilation") in text_of(window.get(f"{room_url(asked)}/safe-browser"))
    (room,) = asked.all(Room)
    assert here.format("/invigilation") in text_of(window.get(f"/invigilation/rooms/{room.id}/offline"))


def test_only_organizers_set_it(watched, browser):
    assert browser("invigilator").get(page_of(watched)).status_code == 403
    assert browser("invigilator").post(page_of(watched), {"required": "y"}).status_code == 403
    assert browser("organizer").get(page_of(watched).replace(f"/exams/{watched.exam}", "/exams/999")).status_code == 404
    assert Client(watched.app, watched, watched.seats[0]).get(page_of(watched)).status_code == 302
    refused = browser("organizer").client.post(page_of(watched), data={"required": "y"})
    assert refused.status_code == 400
    assert watched.count(SafeBrowser) == 0


def test_a_configured_address_is_offered_and_stands_on_tickets(watched, browser, monkeypatch):
    extensions = watched.app.extensions
    monkeypatch.setitem(
        extensions, "settings", replace(extensions["settings"], public_address="https://known.example.cn")
    )
    assert 'value="https://known.example.cn"' in text_of(browser("organizer").get(page_of(watched)))


def room_url(watched, index=0):
    (room,) = watched.all(Room)
    return f"/invigilation/rooms/{room.id}/sittings/{watched.seats[index].sitting}"


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
