"""The candidate's pages: the door, my exams, notice, commitment, waiting room, paper, receipt."""

import html
import re
from datetime import timedelta
from unittest import mock

import pytest
from sqlalchemy.exc import OperationalError

from core.audit.models import AuditEntry
from core.database import transaction
from exam.admission import rules
from exam.schedule.models import Candidate
from exam.sittings.models import Receipt
from tests.conftest import NOON, Browser
from tests.support.sittings import COMMITMENT, COMMITMENT_DIGEST, NOTICE, make_world

PROMOTION = re.compile("提拔|晋升|任用|拟任|暂缓")


@pytest.fixture
def world(app, clock):
    return make_world(app)


class Person(Browser):
    """A candidate who clicks through the pages."""

    def __init__(self, world, index=0):
        super().__init__(world.app)
        self.seat = world.seats[index]
        self.base = f"/sittings/{self.seat.sitting}"

    def enter(self, code=None):
        return self.post("/candidate", {"admission_number": self.seat.number, "ticket_code": code or self.seat.code})

    def agree(self):
        return self.post(f"{self.base}/notice", {"agreed": "y"})

    def sign(self, name=None, digest=COMMITMENT_DIGEST):
        return self.post(f"{self.base}/commitment", {"name": name or self.seat.name, "digest": digest})

    def start(self):
        return self.send("POST", f"/api/v1{self.base}/start", {})

    def text(self, url):
        return html.unescape(self.get(url).get_data(as_text=True))


@pytest.fixture
def person(world):
    entered = Person(world)
    assert entered.enter().status_code == 302
    return entered


def test_the_way_leads_from_the_door_to_the_receipt(world, clock):
    clock.advance(minutes=-11)
    person = Person(world)
    assert person.enter().location == "/candidate/exams"
    assert f"{person.base}/notice" in person.text("/candidate/exams")
    assert NOTICE in person.text(f"{person.base}/notice")
    assert person.agree().location == f"{person.base}/commitment"
    assert COMMITMENT in person.text(f"{person.base}/commitment")
    assert person.sign().location == f"{person.base}/waiting"
    waiting = person.text(f"{person.base}/waiting")
    assert '"opens_at":"2026-11-23T03:59:00.000Z"' in waiting.replace(": ", ":")
    assert person.get(person.base).location == f"{person.base}/waiting"
    clock.advance(minutes=11)
    assert person.start().status_code == 200
    sheet = person.text(person.base)
    assert "下列哪一项是正确的？" in sheet
    assert "公务员应当<清正廉洁>。" in sheet
    assert person.get(f"{person.base}/waiting").location == person.base
    clock.advance(hours=2)
    assert person.get(person.base).location == f"{person.base}/receipt"
    receipt = person.text(f"{person.base}/receipt")
    (issued,) = world.all(Receipt)
    assert issued.code in receipt
    assert issued.digest in receipt
    assert "到时间自动收卷" in receipt
    row = world.row()
    assert (row.notice_agreed_at, row.commitment_signed_at) == (NOON - timedelta(minutes=11),) * 2
    assert row.commitment_digest == COMMITMENT_DIGEST
    assert [entry.action for entry in world.all(AuditEntry)] == [
        "sign_in",
        "notice_agreed",
        "commitment_signed",
        "sittings_closed",
    ]


def test_a_wrong_code_is_told_on_the_page_and_what_was_typed_stays(world):
    person = Person(world)
    answer = person.enter("0000-0000-0000")
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert "准考证号或登录码不正确" in page
    assert person.seat.number in page


def test_after_five_wrong_codes_even_the_right_one_waits(world):
    for _ in range(5):
        Person(world).enter("0000-0000-0000")
    answer = Person(world).enter()
    assert answer.status_code == 429
    assert "请管理员、监考员解除锁定" in answer.get_data(as_text=True)


@pytest.mark.parametrize(
    ("field", "sentence"), [("admission_number", "请填写准考证号"), ("ticket_code", "请填写准考证上的")]
)
def test_an_empty_field_is_named(world, field, sentence):
    typed = {"admission_number": world.seats[0].number, "ticket_code": world.seats[0].code, field: ""}
    answer = Person(world).post("/candidate", typed)
    assert answer.status_code == 422
    assert sentence in answer.get_data(as_text=True)


def test_a_reissued_ticket_voids_the_code_before(world):
    seat = world.seats[0]
    with world.app.app_context(), transaction("write") as session:
        session.get_one(Candidate, seat.candidate).ticket_issue = 2
    secret = world.app.extensions["settings"].ticket_secret
    assert Person(world).enter().status_code == 422
    assert Person(world).enter(rules.ticket_code(secret, world.exam, seat.candidate, 2)).status_code == 302


def test_the_notice_must_be_ticked(world, person):
    assert person.post(f"{person.base}/notice").status_code == 422
    assert world.row().notice_agreed_at is None
    assert person.get(f"{person.base}/commitment").location == f"{person.base}/notice"


@pytest.mark.parametrize(
    ("name", "digest", "status"),
    [("李四", COMMITMENT_DIGEST, 422), (None, "0" * 64, 409), (" ", COMMITMENT_DIGEST, 422)],
)
def test_the_commitment_is_signed_with_ones_own_name_under_the_text_that_was_shown(world, person, name, digest, status):
    person.agree()
    answer = person.sign(name, digest)
    assert answer.status_code == status
    assert COMMITMENT in answer.get_data(as_text=True)
    assert world.row().commitment_digest is None
    assert person.get(f"{person.base}/waiting").location == f"{person.base}/commitment"


def test_a_name_with_blanks_is_still_ones_own(world, person):
    person.agree()
    assert person.sign("王 小 明").status_code == 302
    assert world.row().commitment_digest == COMMITMENT_DIGEST


def test_agreeing_and_signing_twice_keeps_the_first_time(world, person, clock):
    person.agree()
    person.sign()
    clock.advance(minutes=1)
    person.agree()
    person.sign()
    assert world.row().notice_agreed_at == world.row().commitment_signed_at == NOON


def test_every_page_is_neutral(world, person, clock):
    pages = [person.text("/candidate"), person.text("/candidate/exams"), person.text(f"{person.base}/notice")]
    person.agree()
    pages.append(person.text(f"{person.base}/commitment"))
    person.sign()
    pages.append(person.text(f"{person.base}/waiting"))
    person.start()
    pages.append(person.text(person.base))
    clock.advance(hours=2)
    pages.append(person.text(f"{person.base}/receipt"))
    for page in pages:
        assert not PROMOTION.search(page)
    assert "素质能力测试" in pages[1]


def test_the_page_holds_ones_own_data_and_nobody_elses(world):
    sheets = []
    for index in (0, 1):
        person = Person(world, index)
        person.enter()
        person.agree()
        person.sign()
        person.start()
        save = {"binding": 1, "steps": [{"seq": 1, "slot": "4", "response": [f"</script>&'{index}", ""]}]}
        assert person.send("PUT", f"/api/v1{person.base}/answers", save).status_code == 200
        sheets.append(person.get(person.base).get_data(as_text=True))
    for index, sheet in enumerate(sheets):
        own, other = world.seats[index], world.seats[1 - index]
        for told in (own.name, own.number, f'data-sitting-id="{own.sitting}"', f"/sittings/{own.sitting}/receipt"):
            assert told in sheet
        assert other.name not in sheet
        assert other.number not in sheet
        state = re.search(r'id="sitting-state">(.*?)</script>', sheet, re.DOTALL).group(1)
        told = world.app.json.loads(state)
        assert told["answers"]["4"]["response"] == [f"</script>&'{index}", ""]
        assert (told["sitting"], told["paper"]) == (own.sitting, world.paper_digest)
        assert {"state", "server_time", "deadline", "grace_seconds", "binding", "acknowledged", "nonce"} <= set(told)


def test_the_token_on_the_page_is_ones_own_and_works(world):
    tokens = []
    for index in (0, 1):
        person = Person(world, index)
        person.enter()
        person.agree()
        person.sign()
        person.start()
        page = person.get(person.base).get_data(as_text=True)
        tokens.append(re.search(r'name="csrf-token" content="([^"]+)"', page).group(1))
        answer = person.client.put(
            f"/api/v1{person.base}/answers", json={"binding": 1, "steps": []}, headers={"X-CSRFToken": tokens[-1]}
        )
        assert answer.status_code == 200
    assert tokens[0] != tokens[1]


def test_what_was_told_to_the_first_candidate_is_not_told_to_the_next(world):
    for index in (0, 1):
        person = Person(world, index)
        person.enter()
        person.agree()
        person.sign()  # leaves a message for the next page
        person.start()
        assert "承诺书已签署" not in person.text(person.base)


def test_a_page_in_large_type_is_not_the_page_in_normal_type(world, person):
    person.agree()
    person.sign()
    person.start()
    assert "type-normal" in person.text(person.base)
    person.client.set_cookie("type_size", "largest")
    assert "type-largest" in person.text(person.base)


def test_a_second_device_is_asked_to_raise_a_hand(world, person):
    person.agree()
    person.sign()
    person.start()
    second = Person(world)
    second.enter()
    assert second.get(second.base).location == f"{second.base}/waiting"
    assert "由监考员放行后" in second.text(f"{second.base}/waiting")


def test_who_sits_the_paper_elsewhere_can_leave_this_computer_to_the_next_and_who_sits_it_here_cannot(world, person):
    person.agree()
    person.sign()
    person.start()
    second = Person(world)
    second.enter()
    assert "退出登录" not in person.text("/candidate/exams")
    assert "退出登录" in second.text("/candidate/exams")
    assert second.post("/candidate/sign-out").location == "/candidate"
    assert second.get("/candidate").status_code == 200
    assert person.get(person.base).status_code == 200


def test_a_strangers_pages_do_not_exist(world, person, cast, browser):
    other = world.seats[1].sitting
    for page in ("", "/notice", "/commitment", "/waiting", "/receipt"):
        for number in (other, 999_999):
            assert person.get(f"/sittings/{number}{page}").status_code == 404
    assert person.post(f"/sittings/{other}/notice", {"agreed": "y"}).status_code == 404
    assert world.row(1).notice_agreed_at is None


CANDIDATES_FRAME = re.compile('<html [^>]*class="candidate ')


@pytest.mark.parametrize(
    "path", ["/no/such/page", "/sittings/999999", "/sittings/999999/waiting", "/exams", "/candidate/x"]
)
def test_an_error_wears_the_frame_of_candidates_and_leads_back_to_their_exam(world, person, path):
    answer = person.get(path)
    assert answer.status_code in (403, 404)
    page = answer.get_data(as_text=True)
    assert CANDIDATES_FRAME.search(page)
    assert 'href="/candidate">回到我的考试' in page


def test_an_error_at_the_door_wears_it_too_and_that_of_the_staff_elsewhere(world, cast, browser):
    forged = browser().client.post("/candidate", data={"admission_number": "1", "ticket_code": "2"})
    assert forged.status_code == 400
    assert CANDIDATES_FRAME.search(forged.get_data(as_text=True))
    for visitor in (browser("organizer"), browser()):
        assert not CANDIDATES_FRAME.search(visitor.get("/no/such/page").get_data(as_text=True))
    refused = browser("organizer").get("/candidate/exams")
    assert refused.status_code == 403
    assert not CANDIDATES_FRAME.search(refused.get_data(as_text=True))


def test_a_colleague_is_refused_and_nobody_is_led_to_the_door(world, cast, browser):
    base = f"/sittings/{world.seats[0].sitting}"
    for page in ("/candidate/exams", f"{base}/notice", f"{base}/commitment", f"{base}/waiting", f"{base}/receipt"):
        assert browser().get(page).location == "/candidate"
        assert browser("organizer").get(page).status_code == 403
    assert browser().get(base).location == "/candidate"


def test_signing_out_leaves_the_computer_to_the_next_candidate(world, person):
    assert person.post("/candidate/sign-out").location == "/candidate"
    assert person.get("/candidate/exams").location == "/candidate"


def test_a_form_without_the_token_does_nothing(world, person):
    assert person.client.post(f"{person.base}/notice", data={"agreed": "y"}).status_code == 400
    assert world.row().notice_agreed_at is None


def test_anybody_with_the_code_sees_that_the_digest_stands_and_no_name(world, person, clock, browser):
    person.agree()
    person.sign()
    person.start()
    clock.advance(hours=2)
    person.get(f"{person.base}/receipt")
    (issued,) = world.all(Receipt)
    visitor = browser()
    typed = issued.code.lower().replace("-", " ")
    found = visitor.get("/receipts", query_string={"code": typed})
    page = visitor.client.get(found.location).get_data(as_text=True)
    assert issued.digest in page
    assert "回执有效" in page
    for secret in (world.seats[0].name, world.seats[0].number, "素质能力测试"):
        assert secret not in page


@pytest.mark.parametrize("code", ["00000-00000", "x", "<b>", "9" * 300])
def test_a_code_that_nobody_holds_is_told_so(world, browser, code):
    answer = browser().get(f"/receipts/{code}")
    assert answer.status_code == 404
    assert "没有回执码为" in answer.get_data(as_text=True)
    assert "<b>" not in answer.get_data(as_text=True)


def test_before_closing_there_is_no_receipt(world, person):
    assert person.get(f"{person.base}/receipt").location == f"{person.base}/waiting"


def test_the_page_is_rendered_once_for_everybody(world, monkeypatch):
    from exam.sittings import page

    rendered = []
    original = page.render_template

    def count(name, **values):
        rendered.append(name)
        return original(name, **values)

    monkeypatch.setattr(page, "render_template", count)
    for index in (0, 1):
        person = Person(world, index)
        person.enter()
        person.agree()
        person.sign()
        person.start()
        assert person.get(person.base).status_code == 200
    assert rendered.count("exam/candidate/sitting.html") <= 1


@pytest.mark.parametrize("accept", ["text/html", "application/json"])
def test_a_database_that_is_away_is_told_to_candidates_and_staff_alike(world, cast, person, browser, accept):
    candidate, staff = person.client, browser("organizer").client
    away = OperationalError("SELECT", {}, Exception("no connection"))
    with mock.patch("sqlalchemy.orm.Session.get", side_effect=away):
        told = [
            (one.get(path, headers={"Accept": accept}))
            for one, path in ((candidate, "/candidate/exams"), (staff, "/exams"))
        ]
    for answer in told:
        assert answer.status_code == 500
        assert "已保存的内容不受影响" in answer.get_data(as_text=True)
    if accept == "text/html":
        assert CANDIDATES_FRAME.search(told[0].get_data(as_text=True))
