"""Without the network, for real: HTTPS as ``tls make`` gives it, the service worker, the code and the sealed file at the
deadline, the room's record, the confirmation, the score. Nothing is replaced but the length of the sitting."""

import base64
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from core.accounts.actors import SYSTEM
from core.accounts.permissions import Role
from core.accounts.service import create_account
from core.clock import clock
from core.database import transaction
from exam.claims.keys import make_key
from exam.schedule.models import Room, RoomInvigilator
from exam.sittings.models import Receipt, Sitting
from grading.scoring.models import PaperScore
from question_bank.items.models import ItemKey, ItemVersion
from tests.browser.conftest import FLAGS, eventually
from tests.browser.sitting_page import choose, hand_in, item_state
from tests.support.server import Server, running_server
from tests.support.sittings import COMMITMENT_DIGEST, World, make_world

KEYS: dict[str, Any] = {
    "single_choice": ["A"],
    "multiple_choice": ["A", "C"],
    "true_false": ["true"],
    "fill_blank": [["党"], ["人民"]],
}
CODE = re.compile(r"^[0-9A-HJKMNP-TV-Z]{4}-[0-9A-HJKMNP-TV-Z]{4}$")
STAFF = {"jiankao1": Role.INVIGILATOR, "jiankao2": Role.INVIGILATOR, "kaowu": Role.ORGANIZER}
New = Callable[[], BrowserContext]


@dataclass
class Hall:
    """A running installation with one exam in progress."""

    server: Server
    world: World
    passwords: dict[str, str]
    room: int
    new: New

    def change(self, index: int, **values: Any) -> None:
        self.server.build(lambda _app: self.world.change(index, **values))

    def sitting(self, index: int) -> Sitting:
        return self.server.build(lambda _app: self.world.row(index))

    def enter(self, context: BrowserContext, index: int) -> Page:
        """Sign a candidate in, start, and open the page; returns once a reload would work without the network."""
        seat = self.world.seats[index]
        page = context.new_page()
        page.goto(f"{self.server.base}/candidate")

        post(page, "/api/v1/sign-in", {"admission_number": seat.number, "ticket_code": seat.code})
        post(page, f"/api/v1/sittings/{seat.sitting}/start", {"commitment": COMMITMENT_DIGEST})
        page.goto(f"{self.server.base}/sittings/{seat.sitting}")
        expect(page.locator("#sitting")).to_have_attribute("data-offline-ready", "true")
        return page

    def staff(self, username: str) -> Page:
        page = self.new().new_page()
        page.goto(f"{self.server.base}/sign-in")
        page.get_by_label("用户名").fill(username)
        page.get_by_label("密码").fill(self.passwords[username])
        page.get_by_role("button", name="登录").click()
        page.wait_for_url(f"{self.server.base}/")
        return page


def _build(app: Flask, passwords: dict[str, str]) -> tuple[World, int]:
    world = make_world(app, candidates=5, starts_at=clock.now() - timedelta(minutes=1))
    with app.app_context(), transaction("write") as session:
        make_key(session, clock, world.exam)
        room = session.scalars(select(Room)).one()
        for version in session.scalars(select(ItemVersion)):
            session.add(ItemKey(version_id=version.id, key={"key": KEYS[version.type]}))
        for username, role in STAFF.items():
            account, passwords[username] = create_account(
                session, SYSTEM, clock, username=username, name=username, unit="", roles=[role]
            )
            account.must_change_password = False
            if role is Role.INVIGILATOR:
                session.add(RoomInvigilator(room_id=room.id, account_id=account.id))
        return world, room.id


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with running_server(tmp_path_factory.mktemp("offline"), https=True) as running:
        yield running


@pytest.fixture(scope="module")
def built(server: Server) -> tuple[World, dict[str, str], int]:
    passwords: dict[str, str] = {}
    world, room = server.build(lambda app: _build(app, passwords))
    return world, passwords, room


@pytest.fixture(scope="module")
def trusting(server: Server, chromium: Browser) -> Iterator[Browser]:
    """A Chromium that trusts the hall's authority, as the operator's guide has it installed."""
    folder = Path(server.environment["HENGJIAN_INSTANCE"]) / "tls"
    key = x509.load_pem_x509_certificate((folder / "authority.crt").read_bytes()).public_key()
    spki = key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    trust = f"--ignore-certificate-errors-spki-list={base64.b64encode(hashlib.sha256(spki).digest()).decode()}"
    # A service worker's script must come over a connection that the browser itself trusts.
    started = chromium.browser_type.launch(executable_path="/usr/bin/chromium", args=[*FLAGS, trust])
    yield started
    started.close()


@pytest.fixture
def hall(server: Server, built: tuple[World, dict[str, str], int], trusting: Browser) -> Iterator[Hall]:
    opened: list[BrowserContext] = []

    def new() -> BrowserContext:
        fresh = trusting.new_context(viewport={"width": 1366, "height": 768}, locale="zh-CN")
        fresh.set_default_timeout(15_000)
        opened.append(fresh)
        return fresh

    world, passwords, room = built
    yield Hall(server, world, passwords, room, new)
    for context in opened:
        context.close()


def post(page: Page, path: str, body: dict[str, Any]) -> None:
    """Call as a script of the page would."""
    call = """async ([path, body]) => {
        const { token } = await (await fetch("/api/v1/csrf")).json();
        const headers = { "X-CSRFToken": token, "Content-Type": "application/json" };
        return (await fetch(path, { method: "POST", headers, body: JSON.stringify(body) })).status;
    }"""
    assert page.evaluate(call, [path, body]) == 200


def copies(page: Page) -> list[str]:
    return list(page.evaluate("caches.keys()"))


def test_a_reload_without_the_network_goes_on_where_the_candidate_was(hall: Hall) -> None:
    context = hall.new()
    page = hall.enter(context, 0)
    choose(page, 1, "B")
    expect(item_state(page, 1)).to_have_text("已保存")
    context.set_offline(True)
    choose(page, 2, "C")
    expect(item_state(page, 2)).to_have_text("离线，已存于本机")
    before = page.locator("[data-time]").inner_text()
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    expect(page.locator("#slot-1 input[value=B]")).to_be_checked()
    expect(page.locator("#slot-2 input[value=C]")).to_be_checked()
    expect(page.locator("#notice")).to_contain_text("网络已断开，请继续作答")
    after = page.locator("[data-time]").inner_text()
    minutes, seconds = (int(part) for part in after.split(":")[-2:])
    started = [int(part) for part in before.split(":")[-2:]]
    assert 0 <= (started[0] * 60 + started[1]) - (minutes * 60 + seconds) < 20
    choose(page, 3, "true")
    expect(item_state(page, 3)).to_have_text("离线，已存于本机")
    page.reload()
    expect(page.locator("#slot-3 input[value=true]")).to_be_checked()
    context.set_offline(False)
    expect(page.locator("#save-state")).to_have_text("已全部保存", timeout=30_000)
    expect(item_state(page, 3)).to_have_text("已保存")
    hand_in(page)
    page.wait_for_url("**/receipt")
    assert copies(page) == []
    assert page.evaluate("Object.keys(localStorage).filter(name => name.startsWith('hengjian-sitting'))") == []


def test_nobody_finds_the_page_of_whoever_sat_there_before(hall: Hall) -> None:
    context = hall.new()
    page = hall.enter(context, 1)
    url = page.url
    assert len(copies(page)) == 1
    page.goto(f"{hall.server.base}/candidate/exams")
    page.goto(f"{hall.server.base}/sittings/{hall.world.seats[1].sitting}")
    second = context.new_page()
    second.goto(f"{hall.server.base}/receipts")
    post(second, "/candidate/sign-out", {})
    second.goto(f"{hall.server.base}/candidate")
    eventually(lambda: copies(second) == [], what="forgetting the copy")
    page.close()
    context.set_offline(True)
    with pytest.raises(Exception, match=r"ERR_INTERNET_DISCONNECTED|ERR_FAILED"):
        second.goto(url)


def test_a_page_that_the_server_refuses_is_forgotten(hall: Hall) -> None:
    context = hall.new()
    page = hall.enter(context, 3)
    context.clear_cookies()
    page.goto(f"{hall.server.base}/sittings/{hall.world.seats[3].sitting}")
    page.wait_for_url("**/candidate")
    eventually(lambda: copies(page) == [], what="forgetting the copy")


def test_work_done_offline_is_claimed_confirmed_and_scored(hall: Hall, tmp_path: Path) -> None:
    context = hall.new()
    page = hall.enter(context, 2)
    hall.change(2, deadline=clock.now() + timedelta(seconds=9), grace_seconds=1)
    choose(page, 1, "B")
    expect(item_state(page, 1)).to_have_text("已保存")
    context.set_offline(True)
    choose(page, 1, "A")
    page.locator("#slot-4-blank-1").fill("党")
    page.locator("#slot-4-blank-2").fill("人民")
    dialog = page.locator("#undelivered")
    expect(dialog).to_be_visible(timeout=30_000)
    expect(dialog).to_contain_text("有 2 题的作答到截止时仍没有送达服务器")
    expect(dialog.locator("[data-code]")).to_have_text(CODE)
    code = dialog.locator("[data-code]").inner_text()
    page.on("dialog", lambda question: question.accept())
    page.reload()
    expect(dialog.locator("[data-code]")).to_have_text(code, timeout=30_000)
    with page.expect_download() as downloading:
        dialog.get_by_role("button", name="保存密封文件").click()
    file = tmp_path / downloading.value.suggested_filename
    downloading.value.save_as(file)
    eventually(lambda: hall.sitting(2).state == "closed", what="closing by the clock")
    _claim(hall, 2, code, file)
    eventually(lambda: _scores(hall, 2)[-1:] == [(2, 200)], within=40, what="scoring anew")
    assert _scores(hall, 2)[0] == (1, 0)
    receipts = _receipts(hall, 2)
    assert [row.revision for row in receipts] == [1, 2]
    # Once the network is back the page says what became of it, and still holds the code.
    context.set_offline(False)
    expect(dialog.get_by_role("link", name="查看回执")).to_be_visible(timeout=30_000)
    expect(dialog.locator("[data-code]")).to_have_text(code)


def test_a_reload_after_the_end_still_shows_the_code(hall: Hall) -> None:
    context = hall.new()
    page = hall.enter(context, 4)
    hall.change(4, deadline=clock.now() + timedelta(seconds=8), grace_seconds=1)
    choose(page, 1, "B")
    expect(item_state(page, 1)).to_have_text("已保存")
    context.set_offline(True)
    choose(page, 3, "true")
    dialog = page.locator("#undelivered")
    expect(dialog.locator("[data-code]")).to_have_text(CODE, timeout=30_000)
    code = dialog.locator("[data-code]").inner_text()
    eventually(lambda: hall.sitting(4).state == "closed", what="closing by the clock")
    page.on("dialog", lambda question: question.accept())
    context.set_offline(False)
    page.reload()
    page.wait_for_url("**/receipt")
    expect(dialog.locator("[data-code]")).to_have_text(code)
    expect(dialog).to_contain_text("有 1 题的作答")
    dialog.get_by_role("button", name="看回执").click()
    expect(dialog).to_be_hidden()
    page.get_by_role("button", name="再看离线交卷码").click()
    expect(dialog.locator("[data-code]")).to_have_text(code)
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="再看离线交卷码")).to_be_focused()
    expect(page.get_by_role("button", name="打印回执")).to_be_visible()


def _claim(hall: Hall, index: int, code: str, file: Path) -> None:
    """Note and upload as the invigilator, sign as the second one, confirm as the organizer."""
    seat = hall.world.seats[index]
    first = hall.staff("jiankao1")
    first.goto(f"{hall.server.base}/invigilation/rooms/{hall.room}")
    first.get_by_role("link", name="离线交卷登记").click()
    first.get_by_role("row", name=seat.name).get_by_role("link").click()
    first.get_by_label("离线交卷码").fill(code.lower())
    first.get_by_role("button", name="登记", exact=True).click()
    expect(first.get_by_text("离线交卷码已登记")).to_be_visible()
    first.get_by_label("密封文件").set_input_files(file)
    first.get_by_role("button", name="上传").click()
    expect(first.get_by_text("密封文件与离线交卷码相符")).to_be_visible()
    second = hall.staff("jiankao2")
    second.goto(f"{hall.server.base}/invigilation/rooms/{hall.room}/incidents")
    second.locator("li", has_text=f"离线交卷码 {code}").filter(has_text="截止时有作答未能送达").get_by_role(
        "button"
    ).click()
    organizer = hall.staff("kaowu")
    organizer.get_by_role("link", name="份离线交卷等待确认").first.click()
    organizer.get_by_role("link", name="查看并决定").first.click()
    expect(organizer.get_by_role("table", name="提请计入的作答")).to_contain_text("党、人民")
    organizer.get_by_label("确认：所提作答计入，重新评分").check()
    organizer.get_by_label("理由").fill("断网属实，当场登记的码与文件相符。")
    organizer.get_by_role("button", name="作出决定").click()
    expect(organizer.get_by_text("已确认，所提作答计入")).to_be_visible()


def _scores(hall: Hall, index: int) -> list[tuple[int, int]]:
    def read(session: Session) -> list[tuple[int, int]]:
        rows = session.scalars(select(PaperScore).where(PaperScore.sitting_id == hall.world.seats[index].sitting))
        return sorted((row.run, row.total_hundredths) for row in rows)

    return hall.server.read(read)


def _receipts(hall: Hall, index: int) -> list[Receipt]:
    def read(session: Session) -> list[Receipt]:
        rows = select(Receipt).where(Receipt.sitting_id == hall.world.seats[index].sitting)
        return list(session.scalars(rows.order_by(Receipt.revision)))

    return hall.server.read(read)
